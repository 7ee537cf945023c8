import ControlVectors
import Foundation
import Glibc
import Terms
import Testing
import _TestSupport

@testable import tiller

/// `kill -9` at any moment leaves no broken file, and the same command goes on.
@Suite(.serialized) struct KilledCommandTests {
    private let folder: TemporaryFolder
    private let dataset: String

    init() throws {
        folder = try TemporaryFolder()
        let subjects = [
            "I", "You", "The river", "My friend", "A train", "The old house", "Nobody", "The music",
            "A child",
            "The long letter", "His answer", "This bright morning", "An empty street", "The last guest",
            "Our plan",
            "The cat",
        ]
        let verbs = ["was", "became", "looked", "seemed", "felt", "turned out to be"]
        let suffixes = subjects.flatMap { subject in verbs.map { "\"\(subject) \($0) so very\"" } }
        dataset = try folder.write(
            "long.json",
            """
            {"name": "happy", "template": "Act as if you're extremely {persona}.", "positive": ["happy", "joyous"],
             "negative": ["sad", "gloomy"], "suffixes": [\(suffixes.joined(separator: ", "))], "truncate": true}
            """)
    }

    private var environment: [String: String] {
        ["TILLER_HOME": folder.file("cache"), "TILLER_KEEP_SECONDS": "0"]
    }

    /// Starts a command and kills it as soon as `moment` says.
    private func kill(_ arguments: [String], when moment: (_ seconds: Double) -> Bool) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let start = Date()
        try process.run()
        while process.isRunning, !moment(Date().timeIntervalSince(start)) { usleep(2000) }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func keptBytes() -> Int { FileSystem.totalSize(of: folder.file("cache/work")) }

    /// Whatever has the vector's name is a whole vector.
    private func expectWholeOrNothing(_ path: String) {
        if FileManager.default.fileExists(atPath: path) {
            #expect(throws: Never.self) { _ = try ControlVector(path: path) }
        }
    }

    private func extractArguments(_ output: String) throws -> [String] {
        [
            "extract", "-m", try smolLM2Path(), "-d", dataset, "-o", output, "--layers", "12-13", "--method",
            "mean", "-t", "1",
        ]
    }

    @Test func anExtractionThatIsKilledAnywhereGoesOn() throws {
        let output = folder.file("v.gguf")
        let arguments = try extractArguments(output)
        for seconds in [0.0, 0.03, 0.1, 0.2] {
            try kill(arguments) { $0 >= seconds }
            expectWholeOrNothing(output)
        }
        // Once something is kept, the next run goes on from there.
        try? FileManager.default.removeItem(atPath: output)
        FileSystem.remove(folder.file("cache"))
        var (kept, looks) = (0, 0)
        try kill(arguments) { _ in
            // A size that stays is that of whole records; what was cut off while it was
            // written does not count.
            (kept, looks) = keptBytes() == kept ? (kept, looks + 1) : (keptBytes(), 0)
            return kept > 100_000 && looks >= 25
        }
        #expect(!FileManager.default.fileExists(atPath: output))
        #expect(keptBytes() > 0)
        let run = try TillerProcess(arguments + ["--json"], environment: environment)
        #expect(
            run.status == 0 && run.errors.contains("went on where an earlier run had stopped"),
            "\(run.errors)")
        #expect(keptBytes() == 0)

        let fresh = folder.file("fresh.gguf")
        let whole = try TillerProcess(try extractArguments(fresh) + ["--json"], environment: cacheless)
        let tokens = try [run, whole].map { try #require(try $0.json()["computedTokens"] as? Int) }
        #expect(tokens[0] < tokens[1])
        let (resumed, expected) = (try ControlVector(path: output), try ControlVector(path: fresh))
        for layer in expected.layers {
            expectClose(
                try #require(resumed[layer]), try #require(expected[layer]), relativeError: 1e-5,
                "layer \(layer)")
        }
    }

    private var cacheless: [String: String] { ["TILLER_HOME": folder.file("other")] }

    @Test func aFolderThatIsKilledIsFinishedByTheSameCommand() throws {
        let first = folder.file("a.gguf")
        #expect(try TillerProcess(try extractArguments(first), environment: cacheless).status == 0)
        for name in ["b.gguf", "c.gguf"] {
            try FileManager.default.copyItem(atPath: first, toPath: folder.file(name))
        }
        let outputs = ["a.gguf", "b.gguf", "c.gguf"].map { folder.file("new/" + $0) }
        let arguments =
            ["reextract", first, folder.file("b.gguf"), folder.file("c.gguf"), "-m", try smolLM2Path()]
            + ["-o", folder.file("new") + "/", "--layers", "11", "-t", "1"]
        let moments: [(Double) -> Bool] = [
            { $0 >= 0.05 }, { _ in keptBytes() > 50_000 },
            { _ in FileManager.default.fileExists(atPath: outputs[0]) },
        ]
        for moment in moments {
            try kill(arguments, when: moment)
            outputs.forEach(expectWholeOrNothing)
        }
        let run = try TillerProcess(arguments + ["--json"], environment: environment)
        #expect(run.status == 0)
        let json = try run.json()
        #expect((json["made"] as? Int ?? 0) + (json["skipped"] as? Int ?? 0) == 3)
        #expect(json["skipped"] as? Int ?? 0 >= 1)
        #expect(try outputs.allSatisfy { try ControlVector(path: $0).layers == [11] })
        #expect(keptBytes() == 0)
    }
}
