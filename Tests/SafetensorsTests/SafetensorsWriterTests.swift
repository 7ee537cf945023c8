@testable import Safetensors
import Terms
import Testing
import _TestSupport

@Suite struct SafetensorsWriterTests {
    private struct Stop: Error {}

    @Test func whatIsWrittenComesBack() throws {
        let folder = try TemporaryFolder()
        var writer = SafetensorsWriter(metadata: ["b": "quote \" back \\ line \n zero \0 é", "a": ""])
        writer.add("residual_post.9", shape: [2, 3], floats: [1, 2, 3, 4, 5, .infinity])
        writer.add("bytes", shape: [3], type: .uint8, bytes: [7, 8, 9])
        writer.add("scalar", shape: [], floats: [0.5])
        writer.add("none", shape: [0, 576], floats: [])
        writer.add("odd \"name\"\u{1}é", shape: [1], type: .float16, bytes: [0, 0x3c])
        writer.add("streamed", shape: [100, 1_000], type: .float32) { writer in
            for row in 0..<100 { try writer.write([Float](repeating: Float(row), count: 1_000)) }
        }
        try writer.write(to: folder.file("s.safetensors"))

        let file = try SafetensorsFile(path: folder.file("s.safetensors"))
        #expect(file.metadata == writer.metadata)
        #expect(try file.floats("residual_post.9") == [1, 2, 3, 4, 5, .infinity])
        #expect(file.tensor("residual_post.9")?.shape == [2, 3])
        #expect(try file.floats("scalar") == [0.5])
        #expect(file.tensor("none")?.shape == [0, 576])
        #expect(try file.floats("odd \"name\"\u{1}é") == [1])
        #expect(
            try file.floats("streamed") == (0..<100).flatMap { [Float](repeating: Float($0), count: 1_000) })
        #expect(try Array(file.bytes(of: file.requiredTensor("bytes"))) == [7, 8, 9])
        for tensor in file.tensors where tensor.byteCount > 0 {
            #expect(Int(bitPattern: file.bytes(of: tensor).baseAddress) % (tensor.type.bitCount / 8) == 0)
        }
    }

    @Test func theSameContentsGiveTheSameBytes() throws {
        let folder = try TemporaryFolder()
        for name in ["x", "y"] {
            var writer = SafetensorsWriter(metadata: ["c": "1", "a": "2", "b": "3"])
            writer.add("w", shape: [1], floats: [1])
            try writer.write(to: folder.file(name))
        }
        #expect(folder.read("x") == folder.read("y"))
        try SafetensorsWriter().write(to: folder.file("empty"))
        #expect(folder.read("empty") == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    }

    @Test func theReferenceFileWrittenAgainHasTheSameTensors() throws {
        let folder = try TemporaryFolder()
        let source = try SafetensorsFile(path: fixturePath("safetensors/tiny.safetensors"))
        var writer = SafetensorsWriter(metadata: source.metadata)
        for tensor in source.tensors {
            writer.add(tensor.name, shape: tensor.shape, type: tensor.type) {
                try $0.write(source.bytes(of: tensor))
            }
        }
        try writer.write(to: folder.file("again"))
        let again = try SafetensorsFile(path: folder.file("again"))
        #expect(again.metadata == source.metadata)
        #expect(again.tensors.count == source.tensors.count)
        for tensor in source.tensors {
            let copy = try again.requiredTensor(tensor.name)
            #expect(copy.shape == tensor.shape)
            #expect(again.bytes(of: copy).elementsEqual(source.bytes(of: tensor)))
        }
    }

    @Test func faultsLeaveNoFile() throws {
        let folder = try TemporaryFolder()
        let faults: [(SafetensorsError.Kind, (inout SafetensorsWriter) -> Void)] = [
            (.duplicateKey, { $0.add("a", shape: [1], floats: [1]) }),
            (.wrongByteCount, { $0.add("b", shape: [2], floats: [1]) }),
            (.wrongByteCount, { $0.add("b", shape: [1], floats: [1, 2]) }),
            (.validationOverflow, { $0.add("b", shape: [1 << 62], floats: []) }),
            (.validationOverflow, { $0.add("b", shape: [-1], floats: []) }),
            (.misalignedSlice, { $0.add("b", shape: [1], type: .float4, bytes: []) }),
            (.invalidMetadata, { $0.add("__metadata__", shape: [1], floats: [1]) }),
        ]
        for (kind, spoil) in faults {
            var writer = SafetensorsWriter()
            writer.add("a", shape: [1], floats: [1])
            spoil(&writer)
            let error = #expect(throws: SafetensorsError.self) { try writer.write(to: folder.file("f")) }
            #expect(error?.kind == kind)
        }
        var writer = SafetensorsWriter()
        writer.add("a", shape: [1], type: .float32) { _ in throw Stop() }
        #expect(throws: Stop.self) { try writer.write(to: folder.file("f")) }
        #expect(folder.names.isEmpty)
    }

    @Test func anInputIsNotReplaced() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write(RawSafetensors.valid.bytes, to: "in")
        let error = #expect(throws: SafetensorsError.self) {
            try SafetensorsWriter().write(to: folder.file("./in"), refusing: [input])
        }
        #expect(error?.code == "wouldReplaceInput")
    }
}
