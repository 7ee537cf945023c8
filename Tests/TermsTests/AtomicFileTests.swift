import Glibc
@testable import Terms
import Testing
import _TestSupport

@Suite struct AtomicFileTests {
    private struct Stop: Error {}

    @Test func theFileHoldsWhatWasWrittenAndNothingElseIsLeft() throws {
        let folder = try TemporaryFolder()
        let count = try AtomicFile.write(to: folder.file("f")) { writer in
            try writer.write("ab")
            try writer.write([UInt8(0), 255])
            try writer.write([Float(1)])
            try writer.writeZeros(2)
            return writer.byteCount
        }
        #expect(count == 10)
        #expect(folder.read("f") == [0x61, 0x62, 0, 255, 0, 0, 0x80, 0x3f, 0, 0])
        #expect(folder.names == ["f"])
    }

    /// Around the size of the writer's buffer, in pieces that do not divide it.
    @Test(arguments: [0, 1, 1 << 18, (1 << 18) + 1, 1_000_003], [1_000, 262_143, 262_144, 300_000])
    func everyByteArrivesInOrder(count: Int, piece: Int) throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        try AtomicFile.write(to: folder.file("f")) { writer in
            for start in stride(from: 0, to: count, by: piece) {
                try writer.write(bytes[start..<min(start + piece, count)])
            }
        }
        #expect(folder.read("f") == bytes)
    }

    @Test func untilTheBodyEndsTheOldFileStands() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "f")
        try AtomicFile.write(to: folder.file("f")) { writer in
            try writer.writeZeros(1_000_000)
            #expect(folder.read("f") == [1])
            #expect(folder.names.count == 2)
            #expect(folder.names[0].hasPrefix(".f.") && folder.names[0].hasSuffix(".partial"))
        }
        #expect(folder.read("f")?.count == 1_000_000)
    }

    @Test func anErrorInTheBodyLeavesTheOldFileAndNothingElse() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "f")
        #expect(throws: Stop.self) {
            try AtomicFile.write(to: folder.file("f")) { writer in
                try writer.writeZeros(1_000_000)
                throw Stop()
            }
        }
        #expect(folder.read("f") == [1])
        #expect(folder.names == ["f"])
        #expect(throws: Stop.self) { try AtomicFile.write(to: folder.file("g")) { _ in throw Stop() } }
        #expect(folder.names == ["f"])
    }

    @Test func aPathCanBeTriedBeforeTheWork() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "f")
        try AtomicFile.check(folder.file("f"))
        try AtomicFile.check(folder.file("new"))
        #expect(folder.names == ["f"])
        #expect(folder.read("f") == [1])
        #expect(throws: FileError.self) { try AtomicFile.check(folder.file("no/f")) }
        #expect(throws: FileError.self) { try AtomicFile.check(folder.path) }
        #expect(throws: FileError.self) {
            try AtomicFile.check(folder.file("f"), refusing: [folder.file("./f")])
        }
    }

    @Test func theLongestNameIsTakenAndALongerOneRefusedBeforeTheWork() throws {
        let folder = try TemporaryFolder()
        let longest = String(repeating: "a", count: 255)
        try AtomicFile.check(folder.file(longest))
        try AtomicFile.write([1], to: folder.file(longest))
        #expect(throws: FileError.self) { try AtomicFile.check(folder.file(longest + "a")) }
        #expect(folder.names == [longest])
    }

    @Test func aKilledWriterLeavesTheOldFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "f")
        let path = folder.file("f")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            try AtomicFile.write(to: path) { writer in
                try writer.writeZeros(1_000_000)
                kill(getpid(), SIGKILL)
            }
        }
        #expect(folder.read("f") == [1])
        #expect(folder.names.count == 2)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func anInterruptedWriterLeavesTheOldFileAndNothingElse(_ number: Int32) async throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "f")
        let path = folder.file("f")
        await #expect(processExitsWith: .signal(number)) {
            [path = path as String, number = number as Int32] in
            AtomicFile.removePartialOnSignals()
            // What has been written before is nothing to a signal.
            try AtomicFile.write([2], to: path + "2")
            try AtomicFile.write(to: path) { writer in
                try writer.writeZeros(1_000_000)
                kill(getpid(), number)
                // The signal is another thread's.
                sleep(20)
            }
        }
        #expect(folder.read("f") == [1])
        #expect(folder.names == ["f", "f2"])
    }

    @Test func aSignalThatIsIgnoredStaysSo() async {
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            AtomicFile.removePartialOnSignals()
            kill(getpid(), SIGHUP)
            let handler = signal(SIGHUP, SIG_DFL)
            #expect(unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self))
        }
    }

    @Test func theFileMayBeReadByAllAsFarAsTheMaskAllows() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("f")
        await #expect(processExitsWith: .success) { [path = path as String] in
            for (mask, mode) in [(0o022, 0o644), (0o077, 0o600), (0o000, 0o644)] as [(mode_t, mode_t)] {
                umask(mask)
                try AtomicFile.write([1], to: path)
                var status = stat()
                try #require(stat(path, &status) == 0)
                #expect(status.st_mode & 0o7777 == mode)
                unlink(path)
            }
        }
    }

    @Test(arguments: [0o600, 0o640, 0o666] as [mode_t])
    func aFileThatIsReplacedKeepsItsPermissions(_ mode: mode_t) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "f")
        try #require(chmod(path, mode) == 0)
        try AtomicFile.write(to: path) { writer in
            try writer.writeZeros(1)
            // While it is made, too.
            for name in folder.names {
                var status = stat()
                try #require(stat(folder.file(name), &status) == 0)
                #expect(status.st_mode & 0o7777 == mode, "\(name)")
            }
        }
        var status = stat()
        try #require(stat(path, &status) == 0)
        #expect(folder.read("f") == [0] && status.st_mode & 0o7777 == mode)
    }
}

@Suite struct AtomicFileRefusalTests {
    @Test func aMissingFolderIsNamed() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: FileError.self) {
            try AtomicFile.write([1], to: folder.file("vectors/happy.gguf"))
        }
        #expect(error?.kind == .missingFolder)
        #expect(error?.detail == "there is no folder \(folder.path)/vectors")
        #expect(error?.remedy == "make the folder first, or choose another one")
    }

    @Test func aFolderAPipeAndADeviceAreNotReplaced() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        try #require(mkdir(folder.file("sub"), 0o700) == 0)
        let cases: [(String, FileError.Kind)] = [
            (folder.file("sub"), .isAFolder), (folder.file("sub/"), .isAFolder),
            (folder.file("new/"), .isAFolder), ("", .isAFolder), ("/", .isAFolder), ("-", .notAName),
            (folder.file("pipe"), .notARegularFile), ("/dev/full", .notARegularFile),
        ]
        for (path, kind) in cases {
            let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
            #expect(error?.kind == kind, "\(path)")
        }
        #expect(folder.names == ["pipe", "sub"])
    }

    @Test func anInputIsNotReplacedUnderAnyOfItsNames() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write([1], to: "model")
        try #require(link(input, folder.file("hard")) == 0)
        try #require(symlink("model", folder.file("soft")) == 0)
        for target in ["model", "hard", "soft", "../\(folder.path.split(separator: "/").last ?? "")/./model"]
        {
            let error = #expect(throws: FileError.self) {
                try AtomicFile.write([2], to: folder.file(target), refusing: ["/nowhere", input])
            }
            #expect(error?.code == "wouldReplaceInput", "\(target)")
        }
        #expect(folder.read("model") == [1])
        try AtomicFile.write([2], to: folder.file("other"), refusing: [input])
        #expect(folder.names == ["hard", "model", "other", "soft"])
    }

    @Test func anInputThatIsNotThereKeepsItsName() throws {
        let folder = try TemporaryFolder()
        try #require(symlink(".", folder.file("here")) == 0)
        let journal = folder.file("runs.sqlite-journal")
        for target in ["runs.sqlite-journal", "./runs.sqlite-journal", "here/runs.sqlite-journal"] {
            let error = #expect(throws: FileError.self) {
                try AtomicFile.write([2], to: folder.file(target), refusing: ["/nowhere/at/all", journal])
            }
            #expect(error?.kind == .wouldReplaceInput, "\(target)")
        }
        try AtomicFile.write([2], to: folder.file("runs.sqlite-journal2"), refusing: [journal])
        #expect(folder.names == ["here", "runs.sqlite-journal2"])
    }

    @Test func aFileThatTakesWhatIsPrintedIsNotReplaced() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("printed")
        await #expect(processExitsWith: .success) { [path = path as String] in
            for (stream, link, words) in [
                (STDOUT_FILENO, "/dev/stdout", "is where standard output goes"),
                (STDERR_FILENO, "/dev/stderr", "is where standard error goes"),
            ] {
                let printed = open(path + "\(stream)", O_WRONLY | O_CREAT, 0o600)
                try #require(dup2(printed, stream) == stream)
                for target in [link, path + "\(stream)"] {
                    let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: target) }
                    #expect(error?.kind == .wouldReplaceStream && error?.detail == words)
                    #expect(throws: FileError.self) { try AtomicFile.check(target) }
                }
            }
            try AtomicFile.write([1], to: path)
        }
        #expect(folder.names == ["printed", "printed1", "printed2"])
    }

    @Test func aLinkStaysALinkAndItsFileIsReplaced() throws {
        let folder = try TemporaryFolder()
        try #require(mkdir(folder.file("disk"), 0o700) == 0)
        try folder.write([1], to: "disk/f")
        try #require(symlink("disk/f", folder.file("link")) == 0)
        try AtomicFile.write([2], to: folder.file("link"))
        #expect(folder.read("disk/f") == [2])
        var status = stat()
        try #require(lstat(folder.file("link"), &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test func aLinkToNothingIsRefused() throws {
        let folder = try TemporaryFolder()
        try #require(symlink("nothing", folder.file("link")) == 0)
        let error = #expect(throws: FileError.self) { try AtomicFile.write([2], to: folder.file("link")) }
        #expect(error?.detail == "is a link to a file that does not exist")
    }

    @Test func aFolderThatMayNotBeWrittenToIsNamed() async throws {
        let folder = try TemporaryFolder()
        try #require(chmod(folder.path, 0o555) == 0)
        let path = folder.file("f")
        await #expect(processExitsWith: .success) { [path = path as String] in
            // Root may write anywhere; the user nobody may not.
            if geteuid() == 0 { try #require(seteuid(65534) == 0) }
            let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
            #expect(error?.kind == .notPermitted)
            #expect(error?.detail.hasPrefix("cannot write into the folder ") == true)
        }
        try #require(chmod(folder.path, 0o755) == 0)
        #expect(folder.names.isEmpty)
    }

    /// Its folder would let it be replaced.
    @Test func aFileThatMayNotBeWrittenIsRefused() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1], to: "f")
        try #require(chmod(path, 0o444) == 0 && chmod(folder.path, 0o777) == 0)
        await #expect(processExitsWith: .success) { [path = path as String] in
            // Root may write anywhere; the user nobody may not.
            if geteuid() == 0 { try #require(seteuid(65534) == 0) }
            let error = #expect(throws: FileError.self) { try AtomicFile.check(path) }
            #expect(error?.kind == .notPermitted && error?.detail.hasPrefix("cannot write it") == true)
            #expect(throws: FileError.self) { try AtomicFile.write([2], to: path) }
            try AtomicFile.write([3], to: path + "2")
        }
        #expect(folder.read("f") == [1] && folder.names == ["f", "f2"])
    }

    @Test func aFullDiskIsNamed() {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        var writer = AtomicFile.Writer(descriptor: descriptor, path: "v.gguf")
        do throws(FileError) {
            try writer.write("all")
            try writer.flush()
            Issue.record("a full device took the bytes")
        } catch {
            #expect(error.kind == .diskFull)
            #expect(error.message == "v.gguf: cannot write it: No space left on device")
        }
    }

    @Test func aFileThatGrowsTooLargeLeavesNothing() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("f")
        await #expect(processExitsWith: .success) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let error = #expect(throws: FileError.self) {
                try AtomicFile.write([UInt8](repeating: 1, count: 1_000_000), to: path)
            }
            #expect(error?.kind == .fileTooLarge && error?.remedy?.contains("ulimit -f") == true)
        }
        #expect(folder.names.isEmpty)
    }
}
