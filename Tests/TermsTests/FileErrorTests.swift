import Glibc
@testable import Terms
import Testing
import _TestSupport

@Suite struct FileErrorTests {
    @Test(
        arguments: [
            (ENAMETOOLONG, FileError.Kind.nameTooLong, "shorter name"),
            (ELOOP, .linkLoop, "the path of the file"),
            (ENOMEM, .outOfMemory, "ulimit -v"), (EMFILE, .tooManyOpenFiles, "ulimit -n"),
            (ENFILE, .tooManyOpenFiles, "ulimit -n"),
        ] as [(Int32, FileError.Kind, String)])
    func whatAPersonCanMendHasARemedy(_ number: Int32, _ kind: FileError.Kind, _ words: String) {
        let error = FileError.system(number, path: "f", while: "cannot open it")
        #expect(error.kind == kind && error.remedy?.contains(words) == true, "\(error)")
    }

    @Test func aNameThatIsTooLongAndALinkToItselfAreCalledThat() throws {
        let folder = try TemporaryFolder()
        let long = folder.file(String(repeating: "a", count: 256))
        try #require(symlink("loop", folder.file("loop")) == 0)
        for (path, kind) in [(long, FileError.Kind.nameTooLong), (folder.file("loop"), .linkLoop)] {
            let opened = #expect(throws: FileError.self) { _ = try FileContents(path: path) }
            let tried = #expect(throws: FileError.self) { try AtomicFile.check(path) }
            #expect(opened?.kind == kind && tried?.kind == kind, "\(path)")
        }
        #expect(folder.names == ["loop"])
    }
}
