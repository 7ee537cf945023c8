import Generation
import LinearAlgebra
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct ReadoutStatesTests {
    private let model: LanguageModel

    init() throws {
        model = try DefaultModel.open()
    }

    private var prompts: SortedPrompts {
        get throws {
            SortedPrompts(
                try ["I can", "I can see", "I can see the", "You are", "I"].flatMap { suffix in
                    try ["happy", "sad"].map { persona in
                        let start = try model.chatPrompt(user: "Act \(persona).", system: nil)
                        return start + model.answerTokens(suffix, behind: start)
                    }
                })
        }
    }

    @Test func sharedPrefixesGiveTheStatesOfOnePromptAtATime() throws {
        let layers: ClosedRange<LayerIndex> = 1...2
        let prompts = try prompts
        let context = try InferenceContext(model.transformer, capacity: 64, threads: 2, precision: .exact)
        let alone = try prompts.prompts.map { prompt in
            context.reset()
            return try context.forward(
                .chain(prompt, logits: .none, captures: Set(layers.map { .residualPost($0) })))
        }
        // Runs that cut the prompts into many, some and one.
        for rowsPerRun in [1, 16, 4096] {
            let readouts = try ReadoutStates(
                of: prompts, model: model.transformer, layers: layers, threads: 2, rowsPerRun: rowsPerRun
            ) { _, _, _ in }
            if rowsPerRun == 4096 { #expect(readouts.computedTokens == prompts.prefixCount) }
            for (place, output) in alone.enumerated() {
                for layer in layers {
                    let expected = try #require(output.states[.residualPost(layer)])
                    let found = try #require(readouts.row(place, at: layer))
                    expectClose(
                        found, expected.row(expected.rowCount - 1), relativeError: 1e-4,
                        "prompt \(place), layer \(layer), runs of \(rowsPerRun)")
                }
            }
        }
    }

    @Test(arguments: [nil, 2]) func statesInAFileAreThoseInMemory(span: Int?) throws {
        let prompts = try prompts
        let spans = span.map { span in prompts.prompts.map { _ in span } }
        func states(_ budget: Int) throws -> [[Float]?] {
            let states = try ReadoutStates(
                of: prompts, spans: spans, model: model.transformer, layers: 1...2, threads: 2,
                rowsPerRun: 16,
                memoryBudget: budget
            ) { _, _, _ in }
            return prompts.prompts.indices.flatMap { prompt in
                [states.row(prompt, at: 1), states.row(prompt, at: 2)]
            }
        }
        let inMemory = try states(1 << 30)
        #expect(inMemory.allSatisfy { $0?.contains { $0 != 0 } == true })
        #expect(try states(0) == inMemory)
    }

    @Test func progressIsToldUpToTheEndAndCanStopTheWork() throws {
        struct Stop: Error {}
        var steps: [Int] = []
        var end = 0
        let prompts = try prompts
        _ = try ReadoutStates(
            of: prompts, model: model.transformer, layers: 1...1, threads: 2, rowsPerRun: 16
        ) { completed, total, _ in
            #expect(completed <= total)
            steps.append(completed)
            end = total
        }
        #expect(steps.first == 0 && steps == steps.sorted())
        #expect(end > 0 && steps.last == end)
        #expect(throws: Stop.self) {
            _ = try ReadoutStates(of: prompts, model: model.transformer, layers: 1...1, threads: 2) {
                completed, _, _ in
                if completed > 0 { throw Stop() }
            }
        }
    }

    @Test func aPromptLongerThanTheContextIsRefused() throws {
        let long = SortedPrompts([[TokenID](repeating: 5, count: 8193), [5]])
        let error = #expect(throws: SteeringError.self) {
            _ = try ReadoutStates(of: long, model: model.transformer, layers: 1...1, threads: 1) { _, _, _ in
            }
        }
        #expect(error?.kind == .promptTooLong)
        #expect(error?.message.contains("8193") == true)
    }
}
