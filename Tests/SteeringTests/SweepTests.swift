import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct SweepTests {
    private let model: LanguageModel

    init() throws {
        model = try DefaultModel.open()
    }

    private func run(
        _ sweep: Sweep, capacity: Int = 128, layers: [LayerIndex] = [12], size: Float = 4
    ) throws -> [SweepRun] {
        // A direction that is nobody's trait, long enough to change the text.
        let direction: [Float] = (0..<576).map { $0 % 7 == 0 ? size : 0 }
        let vector = try ControlVector(directions: layers.reduce(into: [:]) { $0[$1] = direction })
        let context = try InferenceContext(
            model.transformer, capacity: capacity, threads: 2, precision: .fast)
        return try sweep.run(in: context, tokenizer: model.tokenizer) { strength in
            try SteeringPlan([.init(vector, strength: strength)], for: model.transformer.configuration)
        }
    }

    private func sweep(_ strengths: [Double]) throws -> Sweep {
        let texts = ["The sun is", "Once upon a time"]
        var sweep = Sweep(
            prompts: try texts.map { .init(text: $0, tokens: try model.rawPrompt($0)) },
            strengths: strengths)
        sweep.maximumTokens = 4
        sweep.markers = Markers(positive: ["the"])
        return sweep
    }

    @Test func everyPromptIsAnsweredAtEveryStrength() throws {
        let runs = try run(try sweep([-2, 0, 2]))
        #expect(runs.map(\.strength) == [-2, 0, 2, -2, 0, 2])
        #expect(
            runs.map(\.prompt) == Array(repeating: "The sun is", count: 3)
                + Array(repeating: "Once upon a time", count: 3))
        #expect(runs.allSatisfy { !$0.text.isEmpty && $0.failure == nil && $0.markers != nil })
        #expect(Set(runs[..<3].map(\.text)).count == 3)
        // The steered answers surprise the model more than its own.
        let perplexities = try runs.map { try #require($0.perplexity) }
        #expect(perplexities[1] < perplexities[0] && perplexities[1] < perplexities[2])
    }

    @Test func strengthZeroAnswersAsTheModelItself() throws {
        let runs = try run(try sweep([0]))
        let context = try InferenceContext(model.transformer, capacity: 128, threads: 2, precision: .fast)
        let generator = Generator(context, tokenizer: model.tokenizer)
        for (run, prompt) in zip(runs, try sweep([0]).prompts) {
            let alone = try generator.generate(
                GenerationRequest(prompt: prompt.tokens, sampling: .greedy, maximumTokens: 4))
            #expect(run.ids == alone.ids)
            #expect(run.text == alone.text)
        }
    }

    @Test func aSmallCacheGivesTheSameAnswersInMoreGroups() throws {
        #expect(try run(try sweep([-1, 1]), capacity: 16).map(\.ids) == run(try sweep([-1, 1])).map(\.ids))
    }

    @Test func aStrengthThatBreaksTheModelFailsAlone() throws {
        // Twice 3e38 is more than float32 holds, and infinity in a norm gives NaN.
        let runs = try run(try sweep([0, 1e6]), layers: [12, 13], size: 3e32)
        #expect(runs.map { $0.failure == nil } == [true, false, true, false])
        #expect(runs[1].text.isEmpty && runs[1].perplexity == nil && runs[1].finishReason == nil)
        let json = String(decoding: try JSONEncoder().encode(runs[1]), as: UTF8.self)
        #expect(json.contains("\"perplexity\":null"))
    }

    @Test func progressCanStopASweep() throws {
        struct Stop: Error {}
        let sweep = try sweep([0])
        let context = try InferenceContext(model.transformer, capacity: 128, threads: 2, precision: .fast)
        #expect(throws: Stop.self) {
            try sweep.run(in: context, tokenizer: model.tokenizer, plan: { _ in .none }) {
                completed, total, _ in
                #expect(total == 8)
                if completed > 2 { throw Stop() }
            }
        }
    }
}
