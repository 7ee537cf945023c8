import Testing
import _TestSupport

@testable import tiller

@Suite struct FileKindTests {
    @Test(arguments: [
        (Array("GGUF\u{3}\u{0}\u{0}\u{0}".utf8), FileKind.gguf),
        ([16, 1, 0, 0, 0, 0, 0, 0] + Array("{\"a\":".utf8), .safetensors),
        (Array(" \n{\"name\"".utf8), .json), ([0xEF, 0xBB, 0xBF] + Array("{}".utf8), .json),
        (Array("[1]".utf8), .json),
    ])
    func theFirstBytesTell(_ head: [UInt8], _ kind: FileKind) {
        #expect(FileKind(head: head) == kind)
    }

    @Test func theNameDecidesWhereTheBytesSayNothing() throws {
        let folder = try TemporaryFolder()
        #expect(try FileKind(of: folder.write("cut.gguf", "GG")) == .gguf)
        #expect(try FileKind(of: folder.write("empty.SAFETENSORS", "")) == .safetensors)
    }

    @Test(arguments: [("", "empty"), ("<!DOCTYPE html>", "\"<!DOCTYPE html>\""), ("\u{1}\u{2}", "01 02")])
    func aStrangeFileIsDescribed(_ contents: String, _ words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("file", contents)
        let error = #expect(throws: TillerError.self) { try FileKind(of: path) }
        #expect(error?.message.contains(words) == true)
    }
}
