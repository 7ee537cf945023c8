import Foundation
import Generation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct PerplexityTests {
    private let model: LanguageModel

    init() throws {
        model = try LanguageModel(path: try smolLM2Path())
    }

    private func context() throws -> InferenceContext {
        try InferenceContext(model.transformer, capacity: 64, threads: 2, precision: .exact)
    }

    @Test func theMeanLossOfTheGoldenPromptsIsThatOfTheReference() throws {
        struct Prompt: Decodable {
            let ids: [TokenID]
            let meanLoss: Double

            enum CodingKeys: String, CodingKey {
                case ids
                case meanLoss = "nll_mean"
            }
        }
        let prompts = try fixture("smollm2/prompts.json", as: [Prompt].self)
        let found = try Perplexity.measure(
            prompts.map { .init(prompt: [$0.ids[0]], answer: Array($0.ids.dropFirst())) }, in: context())
        for (prompt, perplexity) in zip(prompts, found) {
            let mean = try #require(perplexity).meanNegativeLogLikelihood
            #expect(abs(mean / prompt.meanLoss - 1) < 1e-3, "\(mean) against \(prompt.meanLoss)")
            #expect(perplexity?.value == exp(mean))
        }
    }

    @Test func answersMeasuredTogetherAreThoseMeasuredAlone() throws {
        let prompt = try model.rawPrompt("What is the sun?")
        let other = try model.rawPrompt("Hello!")
        let texts = try [
            Perplexity.Text(prompt: prompt, answer: model.answerTokens("The sun is a star.")),
            .init(prompt: other, answer: model.answerTokens("Hi there")),
            .init(prompt: prompt, answer: []),
            .init(prompt: prompt, answer: model.answerTokens("A")),
            .init(
                prompt: prompt,
                answer: model.answerTokens(String(repeating: "It is a ball of fire. ", count: 8))),
            .init(prompt: [], answer: [5]),
        ]
        let context = try context()
        let together = try Perplexity.measure(texts, in: context)
        #expect(
            together.map { $0?.tokenCount }
                == texts.map { $0.prompt.isEmpty || $0.answer.isEmpty ? nil : $0.answer.count })
        for (text, one) in zip(texts, together) {
            let alone = try Perplexity.measure([text], in: context)[0]
            guard let one, let alone else {
                #expect(alone == nil && one == nil)
                continue
            }
            #expect(abs(one.meanNegativeLogLikelihood - alone.meanNegativeLogLikelihood) < 1e-4)
        }
    }

    @Test func theLossOfOneTokenIsItsNegativeLogProbability() {
        let logits: ArraySlice<Float> = [9, 1, 2, 3][1...]
        let expected = log(exp(1.0) + exp(2) + exp(3)) - 2
        #expect(abs(Perplexity.negativeLogLikelihood(of: 1, logits) - expected) < 1e-9)
        #expect(Perplexity.negativeLogLikelihood(of: 0, [1e30, -1e30]) == 0)
    }
}
