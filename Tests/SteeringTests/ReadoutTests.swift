import Generation
import LinearAlgebra
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct ReadoutTests {
    @Test func namesReadBackAndNothingElseDoes() {
        for readout in Readout.allCases + [.lastTokens(3)] {
            #expect(Readout(rawValue: readout.rawValue) == readout)
        }
        for wrong in ["", "first", "last:", "last:0", "last:-1", "last:5000", "last: 3", "mean:2"] {
            #expect(Readout(rawValue: wrong) == nil, "\(wrong)")
        }
    }

    @Test func everyTokenOfAnAnswerIsAnExampleAndTheAnswerCountsOnce() throws {
        let pair = ExamplePair(
            positive: [1, 5, 6, 7], negative: [2, 3, 5, 6], source: 4, persona: 1,
            answerLengths: AnswerLengths(positive: 3, negative: 2))
        let units = try Readout.all.units(of: [pair])
        #expect(units.map(\.positive) == [[1, 5], [1, 5, 6]])
        #expect(units.map(\.negative) == [[2, 3, 5], [2, 3, 5, 6]])
        #expect(units.allSatisfy { $0.weight == 0.5 && $0.source == 4 && $0.persona == 1 })
        let set = try ExampleSet(
            [pair, pair], split: HeldOutSplit(sources: [], fraction: 0, seed: 0), readout: .all)
        #expect(set.pairs.map(\.weight) == [1, 1])
        #expect(set.promptCount == 4 && set.tokenCount == 16)
    }

    @Test func readyMadePairsDoNotSayWhereAnswersBegin() throws {
        let pair = ExamplePair(positive: [1, 5], negative: [2, 5, 6], source: 0)
        let split = HeldOutSplit(sources: [], fraction: 0, seed: 0)
        for readout in [Readout.mean, .all] {
            let error = #expect(throws: SteeringError.self) {
                try ExampleSet([pair, pair], split: split, readout: readout)
            }
            #expect(error?.kind == .invalidReadout)
        }
        let set = try ExampleSet([pair], split: split, readout: .lastTokens(3))
        #expect(set.spans == [2, 3])
    }

    @Test func meansAreThoseOfTheTokensOneByOne() throws {
        let model = try DefaultModel.open()
        let beginnings = try ["Be happy", "Be sad"].map { try model.chatPrompt(user: $0, system: nil) }
        let answers = ["I can see the sea", "I can", "Today"].map {
            model.answerTokens($0, behind: beginnings[0])
        }
        let pairs = answers.enumerated().map { index, answer in
            ExamplePair(
                positive: beginnings[0] + answer, negative: beginnings[1] + answer, source: index,
                answerLengths: AnswerLengths(positive: answer.count, negative: answer.count))
        }
        let split = HeldOutSplit(sources: [], fraction: 0, seed: 0)
        let context = try InferenceContext(model.transformer, capacity: 64, threads: 2, precision: .exact)
        for readout in [Readout.mean, .lastTokens(3), .last] {
            let set = try ExampleSet(pairs, split: split, readout: readout)
            let spans = set.spans ?? set.prompts.prompts.map { _ in 1 }
            for rowsPerRun in [1, 4096] {
                let readouts = try ReadoutStates(
                    of: set.prompts, spans: set.spans, model: model.transformer, layers: 1...2, threads: 2,
                    rowsPerRun: rowsPerRun
                ) { _, _, _ in }
                for (place, prompt) in set.prompts.prompts.enumerated() {
                    context.reset()
                    let output = try context.forward(
                        .chain(prompt, logits: .none, captures: [.residualPost(2)]))
                    let states = try #require(output.states[.residualPost(2)])
                    var mean = [Double](repeating: 0, count: states.width)
                    for row in (prompt.count - spans[place])..<prompt.count {
                        for (column, value) in zip(0..., states.row(row)) {
                            mean[column] += Double(value) / Double(spans[place])
                        }
                    }
                    expectClose(
                        try #require(readouts.row(place, at: 2)), mean.map(Float.init),
                        relativeError: 1e-4,
                        "\(readout), prompt \(place)")
                }
            }
        }
    }
}
