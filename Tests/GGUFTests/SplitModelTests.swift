@testable import GGUF
import Quantization
import Terms
import Testing
import _TestSupport

@Suite struct SplitModelTests {
    /// Three parts with one tensor each, as gguf-split writes them.
    private func parts(_ folder: TemporaryFolder, tensorCount: Int32 = 3) throws {
        for part in 0..<3 {
            var writer = GGUFWriter()
            if part == 0 { writer.metadata["general.architecture"] = .text("tiny") }
            writer.metadata["split.no"] = .uint16(UInt16(part))
            writer.metadata["split.count"] = .uint16(3)
            writer.metadata["split.tensors.count"] = .int32(tensorCount)
            writer.add("t\(part)", shape: [3], floats: [Float(part), 1, 2])
            try writer.write(to: folder.file(name(part)))
        }
    }

    private func name(_ part: Int) -> String { "m-0000\(part + 1)-of-00003.gguf" }

    @Test func theFirstPartOpensAll() throws {
        let folder = try TemporaryFolder()
        try parts(folder)
        let file = try GGUFFile(path: folder.file(name(0)))
        #expect(file.tensors.map(\.name) == ["t0", "t1", "t2"])
        #expect(file.tensors.map(\.part) == [0, 1, 2])
        #expect(file.files == (0..<3).map { folder.file(name($0)) })
        #expect(file.metadata.keys == ["general.architecture"])
        for part in 0..<3 {
            let tensor = try file.requiredTensor("t\(part)")
            #expect(file.bytes(of: tensor).loadUnaligned(as: Float.self) == Float(part))
        }
    }

    @Test func aMissingPartIsNamed() throws {
        let folder = try TemporaryFolder()
        try parts(folder)
        try AtomicFile.write(folder.read(name(0)) ?? [], to: folder.file("x-00001-of-00003.gguf"))
        let error = #expect(throws: GGUFError.self) {
            try GGUFFile(path: folder.file("x-00001-of-00003.gguf"))
        }
        #expect(error?.kind == .missingSplit)
        #expect(error?.field == "part 2 of 3")
    }

    @Test func aFirstPartOfAnotherNameIsRefused() throws {
        let folder = try TemporaryFolder()
        try parts(folder)
        try AtomicFile.write(folder.read(name(0)) ?? [], to: folder.file("renamed.gguf"))
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: folder.file("renamed.gguf")) }
        #expect(error?.kind == .missingSplit)
    }

    @Test func aLaterPartPointsToTheFirst() throws {
        let folder = try TemporaryFolder()
        try parts(folder)
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: folder.file(name(1))) }
        #expect(error?.kind == .badSplit)
        #expect(error?.found == "part 2 of 3")
    }

    @Test func aRepeatedPartIsRefused() throws {
        let folder = try TemporaryFolder()
        try parts(folder)
        try AtomicFile.write(folder.read(name(1)) ?? [], to: folder.file(name(2)))
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: folder.file(name(0))) }
        #expect(error?.kind == .badSplit)
    }

    @Test func aTensorInTwoPartsIsRefused() throws {
        let folder = try TemporaryFolder()
        try parts(folder)
        var writer = GGUFWriter()
        writer.metadata["split.no"] = .uint16(2)
        writer.metadata["split.count"] = .uint16(3)
        writer.add("t1", shape: [1], floats: [1])
        try writer.write(to: folder.file(name(2)))
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: folder.file(name(0))) }
        #expect(error?.kind == .duplicateTensor)
    }

    @Test func aWrongNumberOfTensorsIsRefused() throws {
        let folder = try TemporaryFolder()
        try parts(folder, tensorCount: 4)
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: folder.file(name(0))) }
        #expect(error?.kind == .badSplit)
        #expect(error?.field == "split.tensors.count")
    }

    @Test(arguments: [-1, 100_000, Int32.max]) func anImpossibleCountIsRefused(count: Int32) throws {
        var raw = RawGGUF.valid
        raw.entries.append(RawGGUF.entry("split.count", .int32, RawGGUF.little(count)))
        raw.entries.append(RawGGUF.entry("split.no", .int32, RawGGUF.little(Int32(0))))
        let error = #expect(throws: GGUFError.self) { try raw.open() }
        #expect(error?.kind == .badSplit)
    }
}
