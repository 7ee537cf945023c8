import Glibc
import Testing
import _TestSupport

@testable import tiller

@Suite struct SubprocessTests {
    /// A program that tiller starts ends with its reader, though tiller itself does not.
    @Test func aProgramHearsOfAClosedPipeAsItsSignal() throws {
        let before = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, before) }
        let folder = try TemporaryFolder()
        let outcome = try Subprocess(
            command: ["/bin/sh", "-c", "kill -PIPE $$; echo alive"], logPath: folder.file("log")
        ).run()
        #expect(outcome == Subprocess.Outcome(status: nil, log: ""))
    }
}
