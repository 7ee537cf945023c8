import ControlVectors
import Foundation
import Steering
import Testing
import _TestSupport

@testable import tiller

/// What is said of strengths on a model, through the built binary.
@Suite struct VectorStrengthModelTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A vector whose calibration found these bands, on the default model or on another one.
    private func calibrated(
        breaking: Float? = 0.4, strong: Float = 0.26663554, modelDigest: String? = nil,
        form: PromptForm? = nil
    ) throws -> String {
        var vector = try ControlVector(path: MeterCommandTests.vector)
        vector.calibration = CalibratedStrengths(
            negative: StrengthBand(strong: 0, safe: 0, breaking: -0.1),
            positive: StrengthBand(strong: strong, safe: 0.1, breaking: breaking), modelDigest: modelDigest,
            promptForm: form)
        let path = folder.file("v.gguf")
        try vector.write(to: path)
        return path
    }

    private func errors(_ vector: String, _ more: [String] = []) throws -> String {
        try TillerProcess(["generate", "-p", "Hi", "-n", "1", "-v", vector] + more).errors
    }

    @Test func anEstimateIsRoundedWhereItIsSaid() throws {
        let path = try calibrated(modelDigest: "another")
        #expect(try errors(path + ":auto").contains("\(path):auto is +0.27, estimated from "))
    }

    @Test func aStrengthOfPromptsThatWerePutOtherwiseIsSaid() throws {
        let raw = try calibrated(form: .raw) + ":auto"
        #expect(try errors(raw).contains("\(raw) was measured on raw prompts, and this is a chat"))
        #expect(try !errors(raw, ["--raw"]).contains("was measured on"))
        #expect(try TillerProcess(["chat", "-v", raw], input: "").errors.contains("on raw prompts"))
        let chat = try calibrated(form: .chat(system: nil)) + ":auto"
        #expect(try errors(chat, ["--raw"]).contains("measured on chats, and this is a raw prompt"))
        for silent in [chat, chat + "", try calibrated(form: .raw) + ":0.1", try calibrated() + ":auto"] {
            #expect(
                try !errors(silent, silent.hasSuffix("auto") ? [] : ["--raw"]).contains("was measured on"))
        }
    }

    @Test func aStrengthThatBreaksAnswersIsSaid() throws {
        let path = try calibrated()
        let warning =
            "\(path): at +1 answers may break: its calibration found them beyond the budget from +0.40 on"
        #expect(try errors(path).contains("\(warning); \(path):auto takes +0.27"))
        #expect(try errors(path + ":0.4").contains("at +0.4 answers may break"))
        #expect(try errors(path + ":-0.1").contains("from -0.10 on; it found none on this side"))
        for whole in [path + ":0.39", path + ":0", path + ":auto", path + ":1@14-20"] {
            #expect(try !errors(whole).contains("may break"), "\(whole)")
        }
        let chat = try TillerProcess(["chat", "-v", path + ":0.1"], input: "/strength 0.5\n/strength 0.2\n")
        #expect(chat.errors.components(separatedBy: "may break").count == 2, "\(chat.errors)")
    }

    @Test func theStrengthsOfAPresetAreSaidToo() throws {
        let name = try URL(fileURLWithPath: calibrated(form: .raw)).lastPathComponent
        func errors(_ rule: String) throws -> String {
            let preset = try folder.write(
                Array(#"{"rules": [{"operation": "add", "vector": "\#(name)", \#(rule)}]}"#.utf8),
                to: "p.json")
            return try TillerProcess(["generate", "-p", "Hi", "-n", "1", "--preset", preset]).errors
        }
        #expect(try errors(#""strength": 1"#).contains("\(folder.file(name)): at +1 answers may break"))
        #expect(try errors(#""strength": "auto""#).contains("was measured on raw prompts"))
        for silent in [#""strength": 0.39"#, #""strength": 1, "weights": {"14": 0.5}"#] {
            #expect(try !errors(silent).contains("may break"), "\(silent)")
        }
    }

    @Test func whereNoStrengthKeepsTheBudgetOneBelowTheBreakingIsAdvised() throws {
        func remedy(_ breaking: Float?) throws -> String? {
            let vector = try ControlVector(path: calibrated(breaking: breaking, strong: 0))
            let error = #expect(throws: SteeringError.self) {
                try VectorStrength("auto").number(for: vector, named: "v.gguf")
            }
            return error?.remedy
        }
        let below = try #require(try remedy(0.25))
        #expect(below.contains("nearer to 0 than 0.25") && below.contains("--max-perplexity"), "\(below)")
        #expect(try remedy(nil) == "write a strength: 0.1")
    }

    @Test func nothingIsSaidOfStrengthsThatWereNotMeasured() throws {
        #expect(try !errors(try calibrated(breaking: nil)).contains("may break"))
        #expect(try !errors(try calibrated(modelDigest: "another")).contains("may break"))
    }
}
