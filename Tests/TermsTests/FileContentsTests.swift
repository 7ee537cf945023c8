import Glibc
import Terms
import Testing
import _TestSupport

@Suite struct FileContentsTests {
    @Test(arguments: [0, 1, 4095, 4096, 4097, 100_000])
    func aMappedFileHasTheBytesOfTheFile(count: Int) throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let contents = try FileContents(path: try folder.write(bytes, to: "f"))
        #expect(contents.bytes.elementsEqual(bytes))
    }

    @Test func bytesInMemoryAreCopied() {
        let contents = FileContents(copying: [1, 2, 3])
        #expect(contents.bytes.elementsEqual([1, 2, 3]))
        #expect(FileContents(copying: []).bytes.isEmpty)
    }

    @Test func aMissingFileIsNamed() throws {
        let error = #expect(throws: FileError.self) { try FileContents(path: "/nowhere/m.gguf") }
        #expect(error?.code == "fileNotFound")
        #expect(error?.message == "/nowhere/m.gguf: cannot open it: No such file or directory")
    }

    @Test func aPathBelowAFileOrWithAZeroByteIsNotFound() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "f")
        for wrong in ["\(path)/g", "\(path)\0.gguf"] {
            let error = #expect(throws: FileError.self) { try FileContents(path: wrong) }
            #expect(error?.kind == .fileNotFound)
        }
    }

    @Test func aFolderIsRefused() throws {
        let error = #expect(throws: FileError.self) { try FileContents(path: "/tmp") }
        #expect(error?.kind == .isAFolder)
    }

    @Test(arguments: ["/dev/zero", "/dev/random", "/dev/full"])
    func aDeviceIsRefused(path: String) {
        let error = #expect(throws: FileError.self) { try FileContents(path: path) }
        #expect(error?.kind == .notARegularFile)
    }

    /// Opening a pipe waits for a writer unless it is told not to: this test would hang.
    @Test func aPipeIsRefusedWithoutWaiting() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        let error = #expect(throws: FileError.self) { try FileContents(path: folder.file("pipe")) }
        #expect(error?.kind == .notARegularFile)
    }

    @Test func anOpenFileKeepsItsContentsWhenItIsReplaced() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1, 2, 3], to: "f")
        let contents = try FileContents(path: path)
        try AtomicFile.write([9], to: path)
        #expect(contents.bytes.elementsEqual([1, 2, 3]))
        #expect(folder.read("f") == [9])
    }

    @Test func theFileIsUnmappedWithItsLastHolder() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array(repeating: 7, count: 5000), to: "mapped-once")
        var contents: FileContents? = try FileContents(path: path)
        #expect(try isMapped(path))
        withExtendedLifetime(contents) {}
        contents = nil
        #expect(try !isMapped(path))
    }

    private func isMapped(_ path: String) throws -> Bool {
        let maps = try #require(fopen("/proc/self/maps", "r"))
        defer { fclose(maps) }
        var text: [UInt8] = []
        while case let byte = fgetc(maps), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: text, as: UTF8.self).contains(path)
    }
}
