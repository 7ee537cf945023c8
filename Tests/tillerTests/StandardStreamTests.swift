import Foundation
import GGUF
import Glibc
import Terms
import Testing
import _TestSupport

@testable import tiller

@Suite struct StandardStreamTests {
    /// The file's name clears the screen of whoever reads it.
    @Test func whatAFileIsCalledDoesNotSteerTheTerminal() throws {
        let folder = try TemporaryFolder()
        let (plain, evil) = (MeterCommandTests.vector, folder.file("a\u{1B}[2J\u{9B}2Jb.gguf"))
        try FileManager.default.copyItem(atPath: plain, toPath: evil)
        let warned = try TillerProcess(["combine", plain, evil + ":-0.5", "-o", folder.file("sum.gguf")])
        #expect(warned.status == 0 && warned.errors.contains("warning: "), "\(warned.errors)")
        let shifted = folder.file("shifted.gguf")
        #expect(try TillerProcess(["shift", plain, "--layers=2", "-o", shifted]).status == 0)
        let compared = try TillerProcess(["compare", shifted, evil])
        #expect(compared.output.contains("only in ") && compared.output.contains("b.gguf: "))
        for text in [warned.errors, compared.output] {
            #expect(
                !text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" }, "\(text.debugDescription)"
            )
        }
    }

    /// Nor does what it says of itself, whatever command shows it.
    @Test func whatAFileSaysDoesNotSteerTheTerminal() throws {
        let folder = try TemporaryFolder()
        let controls = "\u{1B}[2J\u{9B}2J"
        let evil = folder.file("a\(controls)b.gguf")
        let file = try GGUFFile(path: MeterCommandTests.vector)
        var writer = GGUFWriter(file.metadata)
        let count = file.tensors.count
        writer.metadata["tiller.evidence.estimator"] = .array(
            GGUFArray([String](repeating: "pca" + controls, count: count)))
        for tensor in file.tensors {
            writer.add(tensor.name, shape: tensor.shape, type: tensor.type) { output in
                try output.write(file.bytes(of: tensor))
            }
        }
        try writer.write(to: evil)
        let sweep = ["sweep", "-m", try smolLM2Path(), "-v", evil, "-p", "Hi", "-n", "1", "--no-controls"]
        let commands: [[String]] = [
            ["inspect", evil], ["inspect", evil, "--tensor", file.tensors[0].name], ["validate", evil],
            ["combine", evil, "-o", folder.file("sum\(controls).gguf")], ["score", "-v", evil, "Fine."],
            ["score", "-v", evil, "-v", MeterCommandTests.vector, "Fine."], ["compare", evil, evil],
            ["generate", "-p", "Hi", "-n", "2", "--meter", evil], ["chat"],
            sweep + ["--strengths", "0", "--temp", "0"], ["runs"], ["runs", "compare", "1", "1"],
            ["runs", "show", "1"],
        ]
        for words in commands {
            // Sweeps are kept in a place of their own; models are where they are.
            let environment = ["sweep", "runs"].contains(words[0]) ? ["TILLER_HOME": folder.path] : [:]
            let run = try TillerProcess(
                words, environment: environment, input: "/vector \(evil):0.1\n/meter \(evil)\n/meter\n")
            #expect(run.status == 0 && !run.output.isEmpty, "\(words[0]): \(run.errors)")
            #expect(
                !(run.output + run.errors).unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" },
                "\(words[0]): \(run.output.debugDescription)")
        }
    }

    // MARK: - Streams that are not as usual

    /// Some programs hand on descriptors that do not wait.
    @Test func aFullPipeThatDoesNotWaitIsWaitedForAsleep() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
            try #require(dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO)
            let reader = ends[0]
            Thread.detachNewThread {
                usleep(400_000)
                var taken = [UInt8](repeating: 0, count: 1 << 16)
                while read(reader, &taken, taken.count) > 0 {}
            }
            // In microseconds of all threads.
            let before = clock()
            try StandardStream.output.write(String(repeating: "x", count: 1 << 18))
            #expect(clock() - before < 200_000)
        }
    }

    /// Nothing else takes the place of a stream that is closed: what is said of it is that it is.
    @Test func aClosedStreamStaysClosed() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "exec \"$0\" \"$@\" <&- >&-", TillerProcess.path, "tokenize", "-m", try smolLM2Path(), "Hi",
        ]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(
            process.terminationStatus == ExitStatus.failed && said.contains("Bad file descriptor"), "\(said)")
    }

    // MARK: - At a terminal

    /// The same name at a terminal that shows colours, where styles are let through.
    @Test func aFilesNameDoesNotSteerATerminalThatShowsColours() throws {
        let folder = try TemporaryFolder()
        let (plain, evil) = (MeterCommandTests.vector, folder.file("a\u{1B}[2J\u{9B}2Jb.gguf"))
        try FileManager.default.copyItem(atPath: plain, toPath: evil)
        for words in [
            ["combine", plain, evil + ":-0.5", "-o", folder.file("sum.gguf")], ["compare", evil, plain],
        ] {
            let run = try TerminalProcess(words)
            #expect(run.status == 0 && run.screen.contains("\u{1B}["), "\(run.screen)")
            #expect(
                !run.plain.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" },
                "\(run.screen.debugDescription)")
        }
    }

    /// A title, an error and a warning, each in the style that it has.
    private func spoken(in folder: TemporaryFolder) -> [(words: [String], style: String)] {
        let vector = MeterCommandTests.vector
        return [
            (["compare", vector, vector], "\u{1B}[1mLAYER"),
            (["models", "--nope"], "\u{1B}[1;31merror:\u{1B}[0m "),
            (
                ["combine", vector, vector + ":-0.5", "-o", folder.file("sum.gguf")],
                "\u{1B}[33mwarning:\u{1B}[0m "
            ),
        ]
    }

    @Test func titlesErrorsAndWarningsStandOutAtATerminal() throws {
        let folder = try TemporaryFolder()
        for (words, style) in spoken(in: folder) {
            #expect(try TerminalProcess(words).screen.contains(style), "\(words[0])")
        }
    }

    @Test(arguments: [("NO_COLOR", "1"), ("TERM", "dumb")])
    func whoWantsNoColoursReadsTheSameWords(_ variable: String, _ value: String) throws {
        let folder = try TemporaryFolder()
        for (words, _) in spoken(in: folder) {
            let (coloured, plain) = (
                try TerminalProcess(words), try TerminalProcess(words, environment: [variable: value])
            )
            #expect(!plain.screen.contains("\u{1B}") && plain.status == coloured.status, "\(words[0])")
            #expect(!plain.screen.isEmpty && plain.screen == coloured.plain, "\(words[0])")
        }
    }

    @Test func whatScriptsReadHasNoColoursEvenAtATerminal() throws {
        for words in [["inspect", MeterCommandTests.vector], ["models", "--nope"]] {
            let run = try TerminalProcess(words + ["--json"])
            #expect(run.screen.hasPrefix("{") && !run.screen.contains("\u{1B}"), "\(words)")
        }
    }

    @Test func readingsHaveTheirColoursAtATerminal() throws {
        let words = ["score", "-v", MeterCommandTests.vector, "I am so happy today!"]
        let coloured = try TerminalProcess(words, showsErrors: false)
        #expect(coloured.status == 0 && coloured.screen.contains("\u{1B}[48;5;"), "\(coloured.screen)")
        #expect(coloured.plain.contains("I am so happy today!"))
        let plain = try TerminalProcess(words, environment: ["NO_COLOR": "1"], showsErrors: false)
        #expect(plain.status == 0 && !plain.screen.contains("\u{1B}") && plain.screen.contains("TOKEN"))
    }
}
