import Foundation
import Testing
import _TestSupport

@testable import tiller

@Suite struct QuantizeCommandTests {
    private let folder: TemporaryFolder
    /// A tiny model in float32.
    private let input: String

    init() throws {
        folder = try TemporaryFolder()
        let models = try TemporaryFolder()
        self.models = models
        input = models.file("llama.gguf")
        _ = try TillerProcess([
            "convert", fixturePath("families/llama"), "-o", input, "--type", "f32", "--no-tokenizer",
        ])
    }

    private let models: TemporaryFolder

    @Test func inputOutputAndTypeStandAsInLlamaCpp() throws {
        let output = folder.file("out.gguf")
        let run = try TillerProcess(["quantize", input, output, "f16", "--allow-requantize", "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let json = try run.json()
        #expect(json["type"] as? String == "F16")
        #expect(json["output"] as? String == output)
        #expect((json["tensors"] as? [[String: Any]])?.contains { $0["to"] as? String == "F16" } == true)
        #expect(try TillerProcess(["inspect", output, "--json"]).json()["kind"] as? String == "model")
    }

    @Test func theOutputMayBeAnOption() throws {
        let output = folder.file("out.gguf")
        let run = try TillerProcess([
            "quantize", input, "Q8_0", "-o", output, "--allow-requantize", "-t", "1",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("wrote \(output)"))
        #expect(folder.names == ["out.gguf"])
    }

    @Test func wordsThatMakeNoSenseAreBadUsage() throws {
        for words in [
            ["a.gguf", "b.gguf"], ["a.gguf"], ["a.gguf", "b.gguf", "Q9_K"], ["a", "b", "c", "d"],
        ] {
            let run = try TillerProcess(["quantize"] + words + ["--json"])
            #expect(run.status == 2, "\(words)")
            #expect(try run.jsonError()["code"] as? String == "badUsage")
        }
    }

    @Test func theInputIsNotReplaced() throws {
        let original = try #require(models.read("llama.gguf"))
        let copy = try folder.write(Data(original), to: "model.gguf")
        let run = try TillerProcess(["quantize", copy, copy, "F16", "--allow-requantize", "--json"])
        #expect(run.status == 1)
        #expect(folder.read("model.gguf") == original)
    }

    @Test func whatIsQuantisedAlreadyIsRefusedWithTheWayOut() throws {
        let quantised = folder.file("q8.gguf")
        _ = try TillerProcess(["quantize", input, quantised, "Q8_0", "--allow-requantize"])
        let run = try TillerProcess(["quantize", quantised, folder.file("q4.gguf"), "Q4_0", "--json"])
        #expect(run.status == 1)
        let error = try run.jsonError()
        #expect(error["code"] as? String == "alreadyQuantized")
        #expect((error["fix"] as? String)?.contains("--allow-requantize") == true)
    }
}
