import Safetensors
import Testing
import _TestSupport

@Suite struct SafetensorsFolderTests {
    private func write(_ names: [String], to file: String, in folder: TemporaryFolder) throws {
        var writer = SafetensorsWriter()
        for (index, name) in names.enumerated() { writer.add(name, shape: [2], floats: [Float(index), 1]) }
        try writer.write(to: folder.file(file))
    }

    private func code(_ folder: TemporaryFolder) -> String? {
        #expect(throws: SafetensorsError.self) { try SafetensorsFolder(path: folder.path) }?.code
    }

    @Test func shardsAreReadAsOne() throws {
        let folder = try TemporaryFolder()
        try write(["a", "b"], to: "m-1.safetensors", in: folder)
        try write(["c"], to: "m-2.safetensors", in: folder)
        let index =
            #"{"metadata": {"total_size": 24}, "weight_map": {"c": "m-2.safetensors", "a": "m-1.safetensors", "b": "m-1.safetensors"}}"#
        try folder.write(Array(index.utf8), to: SafetensorsFolder.indexName)
        let shards = try SafetensorsFolder(path: folder.path)
        #expect(shards.members.map(\.tensor.name) == ["a", "b", "c"])
        #expect(shards.files.count == 2 && shards.byteCount > 24)
        let member = try #require(shards.member("b"))
        #expect(shards.bytes(of: member).elementsEqual([0, 0, 128, 63, 0, 0, 128, 63] as [UInt8]))
        #expect(shards.member("d") == nil)
    }

    @Test func theSingleFileComesFirst() throws {
        let folder = try TemporaryFolder()
        try write(["a"], to: SafetensorsFolder.singleName, in: folder)
        try folder.write(Array("not even JSON".utf8), to: SafetensorsFolder.indexName)
        #expect(try SafetensorsFolder(path: folder.path).members.count == 1)
    }

    @Test(arguments: [
        (#"{"weight_map": {"a": "../m.safetensors"}}"#, "badShardPath"),
        (#"{"weight_map": {"a": "m.bin"}}"#, "badShardPath"),
        (#"{"weight_map": {"a": "n.safetensors"}}"#, "missingShard"),
        (#"{"weight_map": {"b": "m.safetensors"}}"#, "tensorNotFound"),
        (#"{"weight_map": {"a": "m.safetensors", "a": "m.safetensors"}}"#, "duplicateKey"),
        (#"{"weight_map": {}}"#, "invalidHeader"), (#"{}"#, "invalidHeader"),
        (#"[]"#, "invalidHeaderDeserialization"),
    ])
    func aWrongIndexIsRefused(index: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try write(["a"], to: "m.safetensors", in: folder)
        try folder.write(Array(index.utf8), to: SafetensorsFolder.indexName)
        #expect(code(folder) == expected)
    }

    @Test func anEmptyFolderHasNone() throws {
        #expect(code(try TemporaryFolder()) == "noTensorFiles")
    }
}
