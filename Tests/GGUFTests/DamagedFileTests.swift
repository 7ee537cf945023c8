import Glibc
@testable import GGUF
import Quantization
import Terms
import Testing
import _TestSupport

/// Files that were cut short, changed by a bit, or are something else. The bytes lie in a block of
/// exactly their size, so that the address sanitizer sees a step over the end.
@Suite struct DamagedFileTests {
    @Test func aFileCutShortAtAnyByteIsRefused() throws {
        let raw = RawGGUF.valid
        let bytes = raw.bytes
        let dataEnd = bytes.count - 28  // The padding after the last tensor of 420 bytes may be missing.
        for count in 0..<dataEnd {
            let error = #expect(throws: GGUFError.self, "cut at \(count)") {
                try GGUFFile(FileContents(copying: bytes[..<count]))
            }
            if count < 24 { #expect(error?.kind == .truncated, "cut at \(count)") }
            if count >= raw.header.count { #expect(error?.kind == .dataOutOfBounds, "cut at \(count)") }
        }
        for count in dataEnd...bytes.count { _ = try GGUFFile(FileContents(copying: bytes[..<count])) }
    }

    /// Most flips are found; some change a value to another valid one. None may trap, and what opens can
    /// be read in full.
    @Test func noFlippedBitOfTheHeaderTraps() throws {
        let raw = RawGGUF.valid
        let bytes = raw.bytes
        var refused = 0
        for bit in 0..<raw.header.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            do throws(GGUFError) {
                let file = try GGUFFile(FileContents(copying: changed))
                readEverything(file)
            } catch {
                refused += 1
                #expect(!error.message.isEmpty)
            }
        }
        #expect(
            refused > raw.header.count * 4, "only \(refused) of \(raw.header.count * 8) flips were refused")
    }

    /// Runs of bytes replaced by ones that are often wrong: all ones, zeros, the largest positive number.
    @Test(arguments: [
        [UInt8](repeating: 0xff, count: 8), [UInt8](repeating: 0, count: 8), [0xff, 0xff, 0xff, 0x7f],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80],
    ])
    func noReplacedRunOfBytesTraps(run: [UInt8]) {
        let bytes = RawGGUF.valid.bytes
        for start in 0..<RawGGUF.valid.header.count {
            var changed = bytes
            changed.replaceSubrange(start..<start + run.count, with: run)
            if let file = try? GGUFFile(FileContents(copying: changed)) { readEverything(file) }
        }
    }

    private func readEverything(_ file: GGUFFile) {
        var sum = 0
        for tensor in file.tensors { for byte in file.bytes(of: tensor) { sum &+= Int(byte) } }
        for entry in file.metadata.entries {
            if case .array(let array) = entry.value {
                array.forEachString { for byte in $0 { sum &+= Int(byte) } }
                sum &+= (array.integers() ?? []).count
            }
        }
        withExtendedLifetime(sum) {}
    }

    @Test(arguments: [
        ("<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        ("\n  <html>", "a web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a Git LFS pointer"),
        ("\u{1f}", "other bytes"), ("{\"error\": \"not found\"}", "a JSON text"),
        ("PK\u{3}\u{4}rest", "a zip archive (a PyTorch checkpoint?)"),
        ("tjgg\u{1}\0\0\0", "a file of the formats before GGUF"), ("\0\0\0\0\0\0", "zeros"),
        ("\u{40}\0\0\0\0\0\0\0{\"a\": 1}", "a safetensors file"), ("ggml", "other bytes"),
    ])
    func somethingElseIsNamed(text: String, name: String) {
        let error = #expect(throws: GGUFError.self) { try GGUFFile(FileContents(copying: text.utf8)) }
        #expect(error?.kind == .notGGUF)
        #expect(error?.found == name)
        #expect(error?.remedy?.isEmpty == false)
    }

    @Test func aTextOrCapturedStatesAreNotTakenForADownload() {
        func remedy(_ text: String) -> String? {
            #expect(throws: GGUFError.self) { try GGUFFile(FileContents(copying: text.utf8)) }?.remedy
        }
        let json = "give the path of a GGUF file: a JSON text may be a dataset, a preset or a server's answer"
        #expect(remedy(#"{"template": "{persona}"}"#) == json)
        #expect(remedy(#"[["a", "b"]]"#) == json)
        #expect(remedy("<html>")?.hasPrefix("the server answered with a page") == true)
        #expect(remedy("\u{40}\0\0\0\0\0\0\0{\"a\": 1}")?.contains("whole folder") == true)
    }

    @Test func gzipIsNamed() {
        let error = #expect(throws: GGUFError.self) {
            try GGUFFile(FileContents(copying: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]))
        }
        #expect(error?.found == "a gzip archive")
        #expect(error?.remedy == "unpack it first; a PyTorch checkpoint must be converted")
    }

    @Test func aPointerTellsHowToFetchTheFile() {
        let error = #expect(throws: GGUFError.self) {
            try GGUFFile(
                FileContents(copying: "version https://git-lfs.github.com/spec/v1".utf8, path: "m.gguf"))
        }
        #expect(
            error?.description == """
                m.gguf: magic, byte 0: found a Git LFS pointer, allowed a file that begins with GGUF
                  fix  run `git lfs pull` in the repository that it came from
                """)
    }

    @Test func whatIsNoRegularFileIsRefused() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        try folder.write([], to: "empty")
        let cases = [
            ("pipe", "notARegularFile"), ("", "isAFolder"), ("missing", "fileNotFound"),
            ("empty", "truncated"),
        ]
        for (name, code) in cases {
            let error = #expect(throws: GGUFError.self) { try GGUFFile(path: folder.file(name)) }
            #expect(error?.code == code, "\(name)")
        }
        let empty = #expect(throws: GGUFError.self) { try GGUFFile(path: folder.file("empty")) }
        #expect(empty?.message == "\(folder.file("empty")): the file is empty")
        let error = #expect(throws: GGUFError.self) { try GGUFFile(path: "/dev/zero") }
        #expect(error?.code == "notARegularFile")
        #expect(error?.cause?.kind == .notARegularFile)
    }
}
