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
        model = try LanguageModel(path: try smolLM2Path())
    }

    private var prompts: SortedPrompts {
        get throws {
            SortedPrompts(
                try ["I can", "I can see", "I can see the", "You are", "I"].flatMap { suffix in
                    try ["happy", "sad"].map { persona in
                        try model.chatPrompt(user: "Act \(persona).", system: nil)
                            + model.answerTokens(suffix)
                    }
                })
        }
    }

    /// Run lengths that cut the prompts into many, some and one.
    @Test(arguments: [1, 16, 4096]) func sharedPrefixesGiveTheStatesOfOnePromptAtATime(rowsPerRun: Int) throws
    {
        let layers: ClosedRange<LayerIndex> = 9...10
        let prompts = try prompts
        let readouts = try ReadoutStates(
            of: prompts, model: model.transformer, layers: layers, threads: 2, rowsPerRun: rowsPerRun
        ) { _, _, _ in }
        if rowsPerRun == 4096 { #expect(readouts.computedTokens == prompts.prefixCount) }
        let context = try InferenceContext(model.transformer, capacity: 64, threads: 2, precision: .exact)
        for (place, prompt) in prompts.prompts.enumerated() {
            context.reset()
            let alone = try context.forward(.chain(prompt, captures: Set(layers.map { .residualPost($0) })))
            for layer in layers {
                let expected = try #require(alone.states[.residualPost(layer)])
                let found = try #require(readouts.states[layer])
                expectClose(
                    found[row: place], expected.row(expected.rowCount - 1), relativeError: 1e-4,
                    "prompt \(place), layer \(layer)")
            }
        }
    }

    @Test func progressIsToldUpToTheEndAndCanStopTheWork() throws {
        struct Stop: Error {}
        var steps: [Int] = []
        let prompts = try prompts
        _ = try ReadoutStates(
            of: prompts, model: model.transformer, layers: 1...1, threads: 2, rowsPerRun: 16
        ) { completed, total, _ in
            #expect(completed <= total)
            steps.append(completed)
            if steps.count > 1, completed == total { #expect(steps == steps.sorted()) }
        }
        #expect(steps.first == 0)
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
