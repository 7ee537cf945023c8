import ControlVectors
import Foundation
import Generation
import LinearAlgebra
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

/// Batched measures against those of one forward pass a token, worked out the plain way.
@Suite struct AnswerMeasurerTests {
    private let model: LanguageModel
    private let vector: ControlVector
    private let prompts: [[TokenID]]
    private let answers: [[TokenID]]

    init() throws {
        model = try DefaultModel.open()
        let direction: [Float] = (0..<576).map { $0 % 7 == 0 ? 1.5 : 0 }
        vector = try ControlVector(directions: [12: direction, 13: direction.reversed()])
        prompts = try ["What is the sun?", "Hello!"].map(model.rawPrompt)
        answers = ["The sun is a star, and it is warm.", "A", "Hi there, how are you?"]
            .map { [model] in model.answerTokens($0, behind: []) }
    }

    private func plan(_ strength: Double) throws -> [Intervention] {
        try SteeringPlan([.init(vector, strength: strength)], for: model.transformer.configuration)
            .interventions
    }

    private func context(_ capacity: Int = 256) throws -> InferenceContext {
        try InferenceContext(model.transformer, capacity: capacity, threads: 2, precision: .exact)
    }

    private func texts() throws -> [SteeredAnswer] {
        let cases: [(prompt: Int, answer: Int, strength: Double)] = [
            (0, 0, 0), (0, 0, 1), (0, 1, -1), (0, 2, 1), (1, 2, 0), (1, 1, 1), (1, 0, -1),
        ]
        return try cases.map {
            SteeredAnswer(
                prompt: prompts[$0.prompt], ids: answers[$0.answer], isCut: true,
                interventions: try plan($0.strength), reference: "What is the sun?")
        } + [
            SteeredAnswer(
                prompt: prompts[1], ids: [], isCut: false, interventions: try plan(1), reference: "Hello!")
        ]
    }

    private func measurer() throws -> AnswerMeasurer {
        var measurer = AnswerMeasurer()
        measurer.projection = TraitProjection(vector)
        measurer.markers = Markers(positive: ["sun", "star"], negative: ["how"])
        measurer.choices = try [
            #require(ForcedChoice(positive: answers[1], negative: answers[2])),
            #require(ForcedChoice(positive: answers[2], negative: answers[0])),
        ]
        return measurer
    }

    /// log p of every token that could follow each of `tokens`, in float64. [tokens][vocabularySize]
    private func distributions(
        _ tokens: [TokenID], _ interventions: [Intervention]
    ) throws -> [[Double]] {
        let logits = try context().forward(
            .chain(tokens, interventions: interventions, logits: .all)
        ).logits
        return (0..<logits.rowCount).map { row in
            let values = logits.row(row).map(Double.init)
            let largest = values.max() ?? 0
            let normaliser = log(values.reduce(0) { $0 + exp($1 - largest) }) + largest
            return values.map { $0 - normaliser }
        }
    }

    private func logProbability(
        of answer: [TokenID], after prompt: [TokenID], _ interventions: [Intervention]
    ) throws -> Double {
        let rows = try distributions(prompt + answer, interventions)
        return answer.indices.reduce(0) { $0 + rows[prompt.count - 1 + $1][answer[$1].index] }
    }

    @Test func aSmallContextGivesTheSameMeasures() throws {
        let texts = try texts()
        let large = try measurer().measure(texts, in: context(256), tokenizer: model.tokenizer)
        let small = try measurer().measure(texts, in: context(60), tokenizer: model.tokenizer)
        for (one, other) in zip(large, small) {
            expectClose(one.logProbabilities, other.logProbabilities, relativeError: 1e-4)
            expectClose(one.projections, other.projections, relativeError: 1e-4)
            #expect((one.divergence == nil) == (one.tokenCount == 0))
            #expect((one.divergence == nil) == (other.divergence == nil))
            if let left = one.divergence, let right = other.divergence { #expect(abs(left - right) < 1e-3) }
            #expect(abs((one.propensity ?? .nan) - (other.propensity ?? .nan)) < 1e-2)
        }
    }

    @Test func measuringTakesNoMoreThreadsThanTheContextHas() throws {
        let alone = try InferenceContext(model.transformer, capacity: 8, threads: 1, precision: .exact)
        let threads = MeasuringRows.inParallel(64, in: alone) { _ in
            usleep(100)
            return pthread_self()
        }
        #expect(threads == Array(repeating: pthread_self(), count: 64))
        #expect(MeasuringRows.inParallel(64, in: try context()) { $0 } == Array(0..<64))
    }

    @Test func batchesMeasureWhatTokensOneByOneDo() throws {
        let all = try texts()
        let texts = [0, 1, 5, 7].map { all[$0] }
        let measurer = try measurer()
        let found = try measurer.measure(texts, in: context(), tokenizer: model.tokenizer)
        #expect(found.count == texts.count)
        for (text, measures) in zip(texts, found) {
            let plain = try distributions(text.prompt + text.ids, [])
            let steered = try distributions(text.prompt + text.ids, text.interventions)
            let places = text.ids.indices.map { text.prompt.count - 1 + $0 }
            let losses = zip(places, text.ids).map { plain[$0][$1.index] }
            let divergences = places.map { place in
                zip(steered[place], plain[place]).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
            }
            let count = Double(text.ids.count)
            #expect(measures.tokenCount == text.ids.count)
            expectClose(measures.logProbabilities, losses.map { Float($0) }, relativeError: 1e-4)
            if text.ids.isEmpty {
                #expect(measures.perplexity == nil && measures.meter == nil && measures.divergence == nil)
                #expect(measures.faults == [.empty])
            } else {
                let perplexity = exp(-losses.reduce(0, +) / count)
                #expect(abs((measures.perplexity ?? 0) / perplexity - 1) < 1e-3)
                let divergence = divergences.reduce(0, +) / count
                #expect(abs((measures.divergence ?? .nan) - divergence) < 1e-3 * max(divergence, 0.1))
                #expect((divergence > 0.01) == !text.interventions.isEmpty)
            }
        }
        let odds = try measurer.choices.map {
            try logProbability(of: $0.positive, after: texts[1].prompt, texts[1].interventions)
                - logProbability(of: $0.negative, after: texts[1].prompt, texts[1].interventions)
        }
        #expect(abs((found[1].propensity ?? .nan) - odds.reduce(0, +) / 2) < 1e-2)
        #expect(found[0].markers == MarkerCount(measurer.markers, in: " The sun is a star, and it is warm."))
    }

    @Test func theMeterReadsTheUnsteeredHiddenStatesOfTheAnswer() throws {
        let text = try texts()[1]
        let hooks: Set<HookPoint> = [.residualPost(12), .residualPost(13)]
        let states = try context().forward(
            .chain(text.prompt + text.ids, captures: hooks)
        ).states
        let expected = text.ids.indices.map { position -> Float in
            let sum = [LayerIndex(12), 13].reduce(0.0) { sum, layer in
                let state = states[.residualPost(layer)]?.row(text.prompt.count + position) ?? []
                let direction = vector[layer] ?? []
                return sum + dot(state, direction) / dot(direction, direction)
            }
            return Float(sum / 2)
        }
        let found = try measurer().measure([text], in: context(), tokenizer: model.tokenizer)[0]
        expectClose(found.projections, expected, relativeError: 1e-4)
        let mean = expected.reduce(0, +) / Float(expected.count)
        #expect(abs((found.meter ?? .nan) - Double(mean)) < 1e-3)
    }

    @Test func badAnswersAreRefused() throws {
        var texts = try texts()
        texts[3].ids.append(TokenID(Int32(model.transformer.configuration.vocabularySize)))
        #expect(throws: TransformerError.self) {
            try AnswerMeasurer().measure(texts, in: context(), tokenizer: model.tokenizer)
        }
        texts[3].prompt = []
        #expect(throws: (any Error).self) {
            try AnswerMeasurer().measure(texts, in: context(), tokenizer: model.tokenizer)
        }
        #expect(throws: TransformerError.self) {
            try AnswerMeasurer().measure([texts[0], texts[1]], in: context(20), tokenizer: model.tokenizer)
        }
    }
}
