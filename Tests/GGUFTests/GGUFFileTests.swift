@testable import GGUF
import Quantization
import Terms
import Testing

@Suite struct GGUFFileTests {
    @Test func aSmallFileIsReadWhole() throws {
        let file = try RawGGUF.valid.open()
        #expect(file.version == 3)
        #expect(file.alignment == 32)
        #expect(file.metadata.keys.count == 15)
        #expect(
            file.tensors.map(\.name) == ["token_embd.weight", "norm.weight", "half", "blk.0.attn_q.weight"])
        #expect(file.tensors.map(\.shape) == [[32, 3], [5], [3, 1, 2, 1], [256, 2]])
        #expect(file.tensors.map(\.byteCount) == [60, 20, 12, 420])
        #expect(file.tensors.map(\.offset) == [0, 64, 96, 128])
        #expect(file.byteCount == RawGGUF.valid.bytes.count)
    }

    @Test func tensorsAreFoundByName() throws {
        let file = try RawGGUF.valid.open()
        #expect(file.tensor("half") == file.tensors[2])
        #expect(file.tensor("whole") == nil)
        #expect(try file.requiredTensor("half").elementCount == 6)
        let error = #expect(throws: GGUFError.self) { try file.requiredTensor("whole") }
        #expect(error?.kind == .missingTensor)
        #expect(error?.message == "raw.gguf: tensors: found 4 others, allowed a tensor named whole")
    }

    @Test func aTensorsBytesAreThoseOfItsPlaceInTheFile() throws {
        let file = try RawGGUF.valid.open()
        for tensor in file.tensors {
            let expected = (0..<tensor.byteCount).map { UInt8(truncatingIfNeeded: $0 &+ 1) }
            #expect(Array(file.bytes(of: tensor)) == expected, "\(tensor.name)")
        }
    }

    @Test func versionTwoIsReadLikeVersionThree() throws {
        var raw = RawGGUF.valid
        raw.version = 2
        let file = try raw.open()
        #expect(file.version == 2)
        #expect(try file.metadata == RawGGUF.valid.open().metadata)
    }

    @Test func theLastTensorNeedsNoPadding() throws {
        var raw = RawGGUF.valid
        raw.padsLastTensor = false
        let file = try raw.open()
        #expect(file.bytes(of: file.tensors[3]).count == 420)
    }

    @Test func bytesAfterTheLastTensorAreIgnored() throws {
        let bytes = RawGGUF.valid.bytes + Array(repeating: 0xaa, count: 77)
        let file = try GGUFFile(FileContents(copying: bytes))
        #expect(file.tensors.count == 4)
    }
}
