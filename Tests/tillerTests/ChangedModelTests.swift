import Foundation
import Testing
import _TestSupport

@testable import tiller

/// What a person does who changes the model: the old vector is refused, the command that is printed is
/// pasted, and the new vector steers. Gemma's file has no chat template, and the command knows.
@Suite(.serialized) struct ChangedModelTests {
    /// The walk needs a second real model, `tiller pull gemma3-270m`.
    static let gemma: String? = {
        let store = try? ModelStore.standard()
        return try? store?.resolve("gemma3-270m")
    }()

    private static let dataset = """
        {"name": "happy", "template": "Act as if you're extremely {persona}.", "positive": ["happy"], "negative": ["sad"],
         "suffixes": ["I", "The weather", "My day", "It was", "Today"], "truncate": false}
        """

    @Test(.enabled(if: gemma != nil)) func theRepairThatIsPrintedWorksWhenItIsPasted() throws {
        let gemma = try #require(Self.gemma)
        let folder = try TemporaryFolder()
        let dataset = try folder.write("happy.json", Self.dataset)
        let old = folder.file("happy.gguf")
        let extracted = try TillerProcess(["extract", "-m", smolLM2Path(), "-d", dataset, "-o", old])
        #expect(extracted.status == 0)

        let generate = [
            "generate", "-m", gemma, "--raw", "-p", "My day was", "--temp", "0", "-n", "6", "--json",
        ]
        let refused = try TillerProcess(generate + ["--vector", old])
        #expect(refused.status == 3)
        // Without --raw this model takes no prompt, but what to do about the vector is said first.
        let unrendered = try TillerProcess(["generate", "-m", gemma, "-p", "Hello", "--vector", old])
        #expect(unrendered.status == 3)
        let error = try refused.jsonError()
        #expect(error["code"] as? String == "incompatibleVector")
        let message = try #require(error["message"] as? String)
        #expect(message.contains("llama, 30 layers × 576") && message.contains("gemma3, 18 layers × 640"))
        let fix = try #require(error["fix"] as? String)
        #expect(fix.hasPrefix("tiller reextract ") && fix.hasSuffix(" --raw"), "\(fix)")
        let validated = try TillerProcess(["validate", old, "-m", gemma, "--json"])
        #expect(validated.status == 3)
        #expect(try validated.json()["fix"] as? String == fix)

        #expect(try paste(fix) == 0)

        let new = try #require(
            fix.split(separator: " ").drop { $0 != "-o" }.dropFirst().first.map(String.init))
        let grade = try TillerProcess(["validate", new, "-m", gemma, "--proof", "--json"])
        #expect(grade.status == 0)
        #expect(try grade.json()["grade"] as? String == "exact")
        let proof = try #require(try grade.json()["proof"] as? [String: Any])
        #expect((proof["unsteeredLayers"] as? [Int])?.isEmpty == true)
        let steered = try TillerProcess(generate + ["--vector", new + ":1", "--compare"]).json()
        #expect(steered["steeredLayers"] as? [Int] == proof["steeredLayers"] as? [Int])
        #expect(
            steered["ids"] as? [Int] != (steered["baseline"] as? [String: Any])?["ids"] as? [Int])
    }

    /// Runs a line as a shell does, with the built binary as `tiller`.
    private func paste(_ line: String) throws -> Int32 {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", line]
        let binaries = URL(fileURLWithPath: TillerProcess.path).deletingLastPathComponent().path
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = binaries + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        shell.environment = environment
        shell.standardOutput = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        return shell.terminationStatus
    }

    @Test func aVectorThatIsAbsorbedStopsTheAnswer() throws {
        let folder = try TemporaryFolder()
        let dataset = try folder.write("happy.json", Self.dataset)
        let vector = folder.file("happy.gguf")
        let extracted = try TillerProcess([
            "extract", "-m", smolLM2Path(), "-d", dataset, "-o", vector, "--layers", "14-15",
        ])
        #expect(extracted.status == 0)
        let arguments = [
            "generate", "-m", try smolLM2Path(), "-p", "Hi", "-n", "2", "--temp", "0", "--json", "--vector",
        ]
        let absorbed = try TillerProcess(arguments + [vector + ":1e-12"])
        #expect(absorbed.status == 1)
        #expect(try absorbed.jsonError()["code"] as? String == "notSteered")
        #expect(
            (try absorbed.jsonError()["message"] as? String)?.hasPrefix("0 of 2 layers were steered") == true)
        let none = try TillerProcess(arguments + [vector + ":0"])
        #expect(none.status == 0)
        #expect((try none.json()["steeredLayers"] as? [Int])?.isEmpty == true)
    }

    @Test func validatingSaysEverythingOfBothSides() throws {
        let folder = try TemporaryFolder()
        let dataset = try folder.write("happy.json", Self.dataset)
        let vector = folder.file("happy.gguf")
        _ = try TillerProcess([
            "extract", "-m", smolLM2Path(), "-d", dataset, "-o", vector, "--layers", "14-15",
        ])
        let run = try TillerProcess(["validate", vector, "-m", smolLM2Path(), "--proof", "--json"])
        #expect(run.status == 0)
        let json = try run.json()
        #expect(
            json["grade"] as? String == "exact" && json["fix"] is NSNull && json["usable"] as? Bool == true)
        #expect((json["reasons"] as? [String])?.isEmpty == true)
        #expect((json["proof"] as? [String: Any])?["steeredLayers"] as? [Int] == [14, 15])
        let prints = try ["vector", "model"].map { key in
            try #require((json[key] as? [String: Any])?["fingerprint"] as? [String: Any])
        }
        for key in ["architecture", "name", "tokenizerHash", "chatTemplateHash", "normHash", "digest"] {
            #expect(
                prints[0][key] as? String != nil && prints[0][key] as? String == prints[1][key] as? String)
        }
        let text = try TillerProcess(["validate", vector, "-m", smolLM2Path()]).output
        for word in ["grade", "exact", "vector", "model", "30 layers × 576"] { #expect(text.contains(word)) }
    }
}
