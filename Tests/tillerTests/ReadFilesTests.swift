import Foundation
import Glibc
import Testing
import _TestSupport

@testable import tiller

/// What a command reads, and what Tiller keeps, is never written over.
@Suite(.serialized) struct ReadFilesTests {
    private let folder: TemporaryFolder
    private let vector: String
    private let heads: String

    init() throws {
        folder = try TemporaryFolder()
        vector = folder.file("happy.gguf")
        try FileManager.default.copyItem(atPath: MeterCommandTests.vector, toPath: vector)
        heads = try folder.write(
            "heads.json",
            """
            {"heads": [{"name": "mood", "vector": "\(MeterCommandTests.vector)", "when": "below", "threshold": -100,
                        "action": "warn"}]}
            """)
    }

    @Test func theLogOfHeadsIsNoVectorAndNoPreset() throws {
        let preset = try folder.write(
            "calm.json", #"{"rules": [{"operation": "add", "vector": "happy.gguf", "strength": 0.1}]}"#)
        let before = [folder.read("happy.gguf"), folder.read("calm.json")]
        for (options, log) in [
            (["--vector", vector + ":0.2"], vector), (["--preset", preset], preset),
            (["--preset", preset], vector),
        ] {
            for command in [["generate", "-p", "Hi", "-n", "2"], ["chat", "-n", "2"]] {
                let run = try TillerProcess(
                    command + options + ["--heads", heads, "--audit", log, "--json"], input: "Hi\n")
                #expect(run.status == 1, "\(command) \(options)")
                #expect(try run.jsonError()["code"] as? String == "auditFailed", "\(command) \(options)")
            }
        }
        #expect([folder.read("happy.gguf"), folder.read("calm.json")] == before)
    }

    @Test func aChatIsNotSavedOverItsLogOrTheRuns() throws {
        let home = folder.file("cache")
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let runs = try folder.write("cache/runs.sqlite", "kept")
        let log = folder.file("audit.jsonl")
        let run = try TillerProcess(
            ["chat", "-m", smolLM2Path(), "-n", "2", "--heads", heads, "--audit", log, "--json"],
            environment: ["TILLER_HOME": home], input: "Hi\n/save \(log)\n/save \(runs)\n")
        #expect(try (run.json()["errors"] as? [String])?.count == 2, "\(run.output)")
        #expect(
            String(decoding: try #require(folder.read("audit.jsonl")), as: UTF8.self).contains("\"begin\""))
        #expect(folder.read("cache/runs.sqlite") == Array("kept".utf8))
    }

    @Test(arguments: ["", "-wal", "-shm"])
    func thePageOfARunIsNotTheFileOfRuns(_ ending: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("cache"), withIntermediateDirectories: true)
        let path = try folder.write("cache/runs.sqlite\(ending)", "kept")
        let run = try TillerProcess(
            ["runs", "show", "1", "--report", path, "--json"],
            environment: ["TILLER_HOME": folder.file("cache")])
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == "wouldReplaceInput")
        #expect(folder.read("cache/runs.sqlite\(ending)") == Array("kept".utf8))
    }

    @Test(arguments: ["-journal", "-wal", "-shm"])
    func thePageOfARunIsNotWhatComesAndGoesBesideThem(_ ending: String) throws {
        let cache = folder.file("cache")
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        let run = try TillerProcess(
            ["runs", "show", "1", "--report", "\(cache)/./runs.sqlite\(ending)", "--json"],
            environment: ["TILLER_HOME": cache])
        #expect(try run.jsonError()["code"] as? String == "wouldReplaceInput")
    }

    @Test(arguments: ["/dev/stdout", "/dev/stderr"])
    func aFileThatTakesWhatIsPrintedIsNotReplaced(_ stream: String) throws {
        let run = try TillerProcess(["shift", vector, "--layers=1", "-o", stream, "--json"])
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == "wouldReplaceStream")
    }

    @Test func noPartOfASplitModelIsReplaced() throws {
        let parts = try SplitTinyModel(in: folder)
        let before = folder.read(parts.names[1])
        let (first, second) = (folder.file(parts.names[0]), folder.file(parts.names[1]))
        for words in [
            ["quantize", first, second, "Q8_0", "--allow-requantize"],
            ["capture", "-m", first, "-p", "x", "-o", second],
        ] {
            let run = try TillerProcess(words + ["--json"])
            #expect(run.status == 1, "\(words[0])")
            #expect(try run.jsonError()["code"] as? String == "wouldReplaceInput", "\(words[0])")
        }
        #expect(folder.read(parts.names[1]) == before)
    }

    @Test func aFileThatMayNotGrowSoLargeIsAnErrorThatLeavesNothing() throws {
        let output = folder.file("out.gguf")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "ulimit -f 8; exec \"$@\"", "sh", TillerProcess.path, "shift", vector, "--layers=1", "-o",
            output,
        ]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 1)
        #expect(words.contains(output) && words.contains("ulimit -f"), "\(words)")
        #expect(folder.names == ["happy.gguf", "heads.json"])
    }

    /// Sweeps are not lost to a command that has nothing to do with them, nor is a file made that
    /// SQLite would take for its own.
    @Test(arguments: ["", "-wal", "-journal"]) func noCommandWritesOverTheRuns(_ ending: String) throws {
        let cache = folder.file("cache")
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        if ending.isEmpty { _ = try folder.write("cache/runs.sqlite", "kept") }
        let path = "\(cache)/./runs.sqlite\(ending)"
        let model = fixturePath("families/llama")
        let pairs = try folder.write(
            "pairs.json", #"[{"positive": "a x", "negative": "b x"}, {"positive": "c x", "negative": "d x"}]"#
        )
        for words in [
            ["shift", vector, "--layers=1", "-o", path], ["combine", vector, "-o", path],
            ["import", pairs, "-o", path], ["convert", model, "-o", path, "--no-tokenizer"],
            ["quantize", model, path, "Q8_0"], ["capture", "-m", model, "-p", "x", "-o", path],
            ["extract", "-m", model, "-d", pairs, "-o", path],
            ["reextract", vector, "-m", model, "-o", path],
        ] {
            let run = try TillerProcess(words + ["--json"], environment: ["TILLER_HOME": cache])
            #expect(run.status == 1, "\(words[0])")
            #expect(
                try run.jsonError()["code"] as? String == "wouldReplaceInput", "\(words[0]): \(run.output)")
        }
        let log = try TillerProcess(
            [
                "generate", "-m", smolLM2Path(), "-p", "Hi", "-n", "1", "--heads", heads, "--audit", path,
                "--json",
            ],
            environment: ["TILLER_HOME": cache])
        #expect(try log.jsonError()["code"] as? String == "auditFailed", "\(log.output)")
        #expect(folder.read("cache/runs.sqlite\(ending)") == (ending.isEmpty ? Array("kept".utf8) : nil))
    }
}
