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
        model = try DefaultModel.open()
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
        let answers = prompts.map { prompt in
            SteeredAnswer(
                prompt: [prompt.ids[0]], ids: Array(prompt.ids.dropFirst()), isCut: true, interventions: [],
                reference: "")
        }
        let context = try InferenceContext(
            model.transformer, capacity: 256, threads: 2, precision: .exact)
        let found = try AnswerMeasurer().measure(answers, in: context, tokenizer: model.tokenizer)
        for (prompt, measures) in zip(prompts, found) {
            let mean = log(try #require(measures.perplexity))
            #expect(abs(mean / prompt.meanLoss - 1) < 1e-3, "\(mean) against \(prompt.meanLoss)")
        }
    }

    @Test func theLossOfOneTokenIsItsNegativeLogProbability() {
        let logits: ArraySlice<Float> = [9, 1, 2, 3][1...]
        let expected = log(exp(1.0) + exp(2) + exp(3)) - 2
        #expect(abs(Perplexity.negativeLogLikelihood(of: 1, logits) - expected) < 1e-9)
        #expect(Perplexity.negativeLogLikelihood(of: 0, [1e30, -1e30]) == 0)
    }
}
