import Foundation
import GGUF
import Quantization
import Terms
import Testing
import _TestSupport

@testable import tiller

@Suite struct BenchCommandTests {
    private let short = ["-p", "12", "-n", "3", "-r", "1", "-t", "2", "--json"]

    @Test func oneThreadAndOneLayerAreOne() {
        var report = BenchReport(model: "m.gguf", threads: 1)
        (report.steering, report.steeredLayers) = (0.1, [3])
        #expect(report.text.contains(" 1 thread\n") && report.text.contains(" 1 layer\n"), "\(report.text)")
    }

    @Test func itMeasuresPrefillAndBothDecodes() throws {
        let json = try TillerProcess(["bench"] + short).json()
        for key in ["prefill", "decode", "decodeFromStart"] {
            let part = try #require(json[key] as? [String: Any], "\(key)")
            #expect((part["tokensPerSecond"] as? Double ?? 0) > 0)
        }
        #expect((json["decode"] as? [String: Any])?["after"] as? Int == 12)
        #expect((json["decodeFromStart"] as? [String: Any])?["after"] as? Int == 8)
        #expect((json["residentBytes"] as? Int ?? 0) > 90_000_000)
        // All matrices are 98 MB; bounds leave some of the output matrix unread.
        #expect((60_000_000..<98_000_000).contains(json["bytesPerToken"] as? Int ?? 0))
    }

    /// A model as another processor would compute it: the whole of the exact and of the fast
    /// path, with each set's kernels.
    @Test(arguments: KernelChoice.available) func everyInstructionSetComputesTheSameModel(
        _ set: String
    ) throws {
        let folder = try TemporaryFolder()
        let texts = try folder.write("texts.json", #"["The capital of France is Paris."]"#)
        func likelihood(_ environment: [String: String]) throws -> [String: Any] {
            let run = try TillerProcess(
                ["bench", "--texts", texts, "-p", "2", "-n", "1", "-r", "1", "--json"],
                environment: environment)
            let json = try run.json()
            #expect(
                json["instructionSet"] as? String
                    == (environment[KernelChoice.variable] ?? KernelChoice.name))
            return try #require(json["meanNegativeLogLikelihood"] as? [String: Any])
        }
        let best = try likelihood([:])
        let other = try likelihood([KernelChoice.variable: set])
        let exact = try #require(best["exact"] as? Double)
        #expect(try (#require(other["exact"] as? Double) / exact - 1).magnitude < 1e-4)
        for path in ["fastPrefill", "fastDecode"] {
            #expect(try (#require(other[path] as? Double) / exact - 1).magnitude < 0.02, "\(path)")
        }
    }

    @Test func anInstructionSetThatIsNotThereIsRefused() throws {
        let run = try TillerProcess(["models", "--json"], environment: [KernelChoice.variable: "sse9"])
        #expect(run.status == 2)
        let message = try run.jsonError()["message"] as? String
        #expect(message?.contains("TILLER_INSTRUCTION_SET is sse9, and here are scalar") == true)
    }

    @Test func moreTokensThanTheContextHoldsAreBadUsage() throws {
        let run = try TillerProcess(["bench", "-p", "8000", "-n", "500", "--json"])
        #expect(run.status == 2)
        #expect(try run.jsonError()["code"] as? String == "badUsage")
    }

    /// What could not be measured is refused later than that.
    @Test(arguments: [["-d"], ["--texts"]]) func filesAreReadBeforeAnythingIsMeasured(
        _ option: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let run = try TillerProcess(
            ["bench", "-p", "8000", "-n", "500", "--json"] + option + [folder.file("none.json")])
        #expect(run.status == 1)
        #expect((try run.jsonError()["message"] as? String)?.contains("none.json") == true)
    }

    @Test(arguments: [
        (#"["H"]"#, "there is no text of two tokens or more"),
        ("[]", "there is no text of two tokens or more"),
        (#"["Hello you.", "One, two, three, four, five, six, seven, eight."]"#, "text 2 has 16 tokens"),
    ])
    func textsThatCannotBeMeasuredAreRefused(_ texts: String, _ words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("texts.json", texts)
        let run = try TillerProcess(["bench", "--texts", path, "-c", "15"] + short)
        #expect(run.status == 1)
        let message = try run.jsonError()["message"] as? String
        #expect(message?.hasPrefix("\(path): \(words)") == true, "\(run.output)")
        #expect(try run.jsonError()["fix"] is String)
    }

    /// Measuring so often would take a minute.
    @Test func aDatasetThatTheModelCannotReadIsRefusedBeforeAnythingIsMeasured() throws {
        let folder = try TemporaryFolder()
        let file = try GGUFFile(path: smolLM2Path())
        var metadata = file.metadata
        metadata["llama.block_count"] = .uint32(2)
        metadata["tokenizer.chat_template"] = nil
        var writer = GGUFWriter(metadata)
        for tensor in file.tensors {
            let parts = tensor.name.split(separator: ".")
            if parts[0] != "blk" || ["0", "1"].contains(parts[1]) { writer.add(tensor, from: file) }
        }
        let model = folder.file("plain.gguf")
        try writer.write(to: model)
        let start = Date()
        let run = try TillerProcess(
            [
                "bench", "-m", model, "-d", fixturePath("../../datasets/happy.json"), "-p", "12", "-n", "64",
                "-r", "2000", "--json",
            ])
        #expect(try run.jsonError()["code"] as? String == "noChatTemplate")
        #expect(Date().timeIntervalSince(start) < 15)
    }

    @Test func theFastPathsAreAsLikelyAsTheExactOne() throws {
        let folder = try TemporaryFolder()
        let texts = try folder.write(
            "texts.json", #"["The capital of France is Paris.", "One, two, three, four."]"#)
        let json = try TillerProcess(["bench", "--texts", texts] + short).json()
        let likelihood = try #require(json["meanNegativeLogLikelihood"] as? [String: Any])
        let exact = try #require(likelihood["exact"] as? Double)
        for path in ["fastPrefill", "fastDecode"] {
            let fast = try #require(likelihood[path] as? Double)
            #expect((fast / exact - 1).magnitude < 0.05, "\(path): \(fast) against \(exact)")
        }
        let unpacked = try TillerProcess(["bench", "--texts", texts, "--no-repack"] + short).json()
        let kept = try #require(unpacked["meanNegativeLogLikelihood"] as? [String: Any])
        #expect(kept["fastPrefill"] as? Double != likelihood["fastPrefill"] as? Double)
        let wrong = try folder.write("wrong.json", "{}")
        #expect(try TillerProcess(["bench", "--texts", wrong] + short).status == 1)
    }
}
