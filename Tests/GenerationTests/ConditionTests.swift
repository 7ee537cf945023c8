import Foundation
import Terms
import Testing
import Tokenizers
import Transformer
import _TestSupport

@testable import Generation

/// Rules that act by what is read of the text.
@Suite struct ConditionTests {
    private static let opened = Result { try LanguageModel(path: try smolLM2Path()) }
    private let model: LanguageModel
    private let prompt: [TokenID]
    private let layer: LayerIndex = 12

    init() throws {
        struct Prompt: Decodable { let ids: [TokenID] }
        model = try Self.opened.get()
        prompt = try fixture("smollm2/prompts.json", as: [Prompt].self)[0].ids
    }

    private var direction: [Float] { (0..<576).map { Float(($0 * 37) % 19) / 190 - 0.05 } }

    private var weights: [Double] { direction.map(Double.init) }

    private func shift(_ strength: Float) -> Intervention {
        Intervention(at: .residualPost(layer), .add(direction.map { $0 * strength * 20 }))
    }

    private func reading(window: Int = 1) -> StateReading {
        StateReading(weights: [layer: weights], window: window)
    }

    private func answer(
        _ rules: [SteeringRule], capacity: Int = 96, precision: Precision = .exact, tokens: Int = 6,
        captures: Set<HookPoint> = [], onToken: (Double) -> Void = { _ in }
    ) throws -> (answer: Generation, timing: GenerationTiming) {
        let context = try InferenceContext(
            model.transformer, capacity: capacity, threads: 2, precision: precision, repacks: false)
        let generator = Generator(context, tokenizer: model.tokenizer)
        var request = GenerationRequest(
            prompt: prompt, program: SteeringProgram(rules), sampling: .greedy, maximumTokens: tokens,
            ignoresEndOfGeneration: true)
        request.captures = captures
        let answer = try generator.generate(
            [request],
            onToken: { _, token in
                let state = token[.residualPost(layer)] ?? []
                onToken(zip(state, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) })
                return .goOn
            })[0]
        return (answer, generator.timing)
    }

    /// What the prompt reads as without steering.
    private func read(window: Int) throws -> Double {
        let context = try InferenceContext(model.transformer, capacity: 32, threads: 2, precision: .exact)
        let states = try context.forward(.chain(prompt, captures: [.residualPost(layer)])).states
        let rows = (prompt.count - window..<prompt.count)
        return rows.reduce(0) { $0 + reading().value(of: states, row: $1) } / Double(window)
    }

    @Test(arguments: [1, 5]) func aConditionActsOnItsOwnSideOfTheThreshold(window: Int) throws {
        let value = try read(window: window)
        let plain = try answer([])
        let always = try answer([SteeringRule([shift(8)])])
        #expect(plain.answer.ids != always.answer.ids)
        for (side, threshold, fires) in [
            (SteeringCondition.Side.above, value - 0.01, true), (.above, value + 0.01, false),
            (.below, value + 0.01, true), (.below, value - 0.01, false),
        ] {
            for moment in SteeringCondition.Moment.allCases {
                let condition = SteeringCondition(reading(window: window), side, threshold, moment: moment)
                // After the answer's first token it may be decided in another way; the second one
                // hangs on the prompt's end still.
                let length = moment == .token ? 2 : 6
                let found = try answer([SteeringRule([shift(8)], condition: condition)], tokens: length)
                let wanted = fires ? always.answer : plain.answer
                #expect(
                    found.answer.ids == Array(wanted.ids.prefix(length)), "\(side) \(threshold) \(moment)")
                #expect(found.answer.steeredLayers == (fires ? [layer] : []))
                #expect(found.timing.prefillTokens == prompt.count * (fires ? 2 : 1))
            }
        }
    }

    @Test(arguments: [Precision.exact, .fast]) func anUnfiredConditionIsBitIdenticalToNoSteering(
        precision: Precision
    ) throws {
        let never = SteeringCondition(reading(window: 3), .above, 1e6, moment: .token)
        let hooks: Set<HookPoint> = [.residualPost(layer)]
        func states(_ rules: [SteeringRule]) throws -> [UInt64] {
            var seen: [UInt64] = []
            _ = try answer(rules, precision: precision, captures: hooks) { seen.append($0.bitPattern) }
            return seen
        }
        let plain = try states([])
        #expect(plain.count == 6)
        #expect(try states([SteeringRule([shift(1)], condition: never)]) == plain)
    }

    @Test func anAnswerOnlyConditionKeepsThePrompt() throws {
        let met = SteeringCondition(reading(), .above, -1e6)
        let found = try answer([
            SteeringRule([shift(1)], schedule: SteeringSchedule(part: .answer), condition: met)
        ])
        let wanted = try answer([SteeringRule([shift(1)], schedule: SteeringSchedule(part: .answer))])
        #expect(found.answer.ids == wanted.answer.ids)
        #expect(found.timing.prefillTokens == prompt.count + 2)
        // The rows that the second reading goes on from are this call's own.
        #expect(found.answer.reusedPromptTokens == 0 && found.timing.reusedTokens == 0)
    }

    @Test func aHoldTakesNoMoreStrengthThanItsTargetAsksFor() throws {
        let hooks: Set<HookPoint> = [.residualPost(layer)]
        func mean(_ rules: [SteeringRule]) throws -> Double {
            var values: [Double] = []
            _ = try answer(rules, tokens: 24, captures: hooks) { values.append($0) }
            return values.suffix(12).reduce(0, +) / 12
        }
        let (none, all) = (try mean([]), try mean([SteeringRule([shift(1)])]))
        #expect(all > none)
        let target = none + (all - none) / 2
        let span = all - none
        let hold = SteeringHold(reading(), target: target, gain: 0.3 / span)
        let held = try mean([SteeringRule([shift(1)], hold: hold)])
        #expect(abs(held - target) < span / 4, "\(none) … \(held) (target \(target)) … \(all)")
        // Where the reading is beyond the target by itself, nothing is done.
        let idle = SteeringHold(reading(), target: -1e6, gain: 1)
        #expect(try answer([SteeringRule([shift(1)], hold: idle)]).answer == answer([]).answer)
    }

    /// Under the rule that the first reading has called for, the second may be on the other side.
    @Test func aPromptThatIsReadTwiceIsDecidedOnce() throws {
        let context = try InferenceContext(model.transformer, capacity: 32, threads: 2, precision: .exact)
        let states = try context.forward(.chain(prompt, captures: [.residualPost(layer)])).states
        let below = SteeringCondition(reading(), .below, try read(window: 1) + 1, moment: .token)
        let hold = SteeringHold(reading(), target: try read(window: 1) + 1, gain: 0.25)
        var state = SteeringState(
            SteeringProgram([
                SteeringRule([shift(1)], condition: below), SteeringRule([shift(1)], hold: hold),
            ]), promptCount: prompt.count, earlier: [])
        state.readPrompt(states, row: prompt.count - 1)
        let isAgain = state.endPrompt()
        #expect(isAgain)
        state.restart()
        let levels = state.levels(at: prompt[0], model.tokenizer)
        #expect(levels == [64, 16])
        context.reset()
        let steered = try context.forward(
            .chain(prompt, interventions: [shift(8)], captures: [.residualPost(layer)])
        ).states
        #expect(reading().value(of: steered, row: prompt.count - 1) > below.threshold)
        state.readPrompt(steered, row: prompt.count - 1)
        let isThird = state.endPrompt()
        let levelsAfter = state.levels(at: prompt[1], model.tokenizer)
        #expect(!isThird && levelsAfter == levels)
    }

    @Test func aPromptThatIsReadTwiceFitsWhereItFitsOnce() throws {
        let met = SteeringCondition(reading(), .above, -1e6)
        let room = prompt.count + 7
        let found = try answer([SteeringRule([shift(1)], condition: met)], capacity: room)
        #expect(found.answer.ids == (try answer([SteeringRule([shift(1)])]).answer.ids))
    }

    @Test(arguments: [SteeringSchedule.Part.all, .answer])
    func aPromptThatIsReadTwiceLeavesTheAnswerItsRoom(part: SteeringSchedule.Part) throws {
        let schedule = SteeringSchedule(part: part)
        let met = SteeringCondition(reading(), .above, -1e6)
        // Both readings have room, and the answer behind them has not.
        let room = part == .all ? 2 * prompt.count + 4 : prompt.count + 9
        let found = try answer(
            [SteeringRule([shift(1)], schedule: schedule, condition: met)], capacity: room, tokens: 10)
        let wanted = try answer([SteeringRule([shift(1)], schedule: schedule)], tokens: 10)
        #expect(found.answer.ids == wanted.answer.ids)
        #expect(found.timing.prefillTokens == prompt.count + (part == .all ? prompt.count : 2))
    }

    @Test func manyConditionsInOneCallAreDecidedEachForItself() throws {
        let context = try InferenceContext(
            model.transformer, capacity: 256, threads: 2, precision: .fast)
        let generator = Generator(context, tokenizer: model.tokenizer)
        let value = try read(window: 1)
        let requests = [value - 1, value + 1, value - 1].map { threshold in
            GenerationRequest(
                prompt: prompt,
                program: SteeringProgram([
                    SteeringRule([shift(1)], condition: SteeringCondition(reading(), .above, threshold))
                ]), sampling: .greedy, maximumTokens: 4)
        }
        let together = try generator.generate(requests)
        #expect(together.map(\.steeredLayers) == [[layer], [], [layer]])
        #expect(together[0].ids == together[2].ids)
    }

    @Test func aConditionThatCannotBeReadIsRefusedBeforeAnythingIsComputed() throws {
        for (layer, weights) in [(LayerIndex(30), weights), (3, [1, 2])] {
            let reading = StateReading(weights: [layer: weights])
            let rule = SteeringRule([shift(1)], condition: SteeringCondition(reading, .above, 0))
            #expect(throws: TransformerError.self) { try answer([rule]) }
        }
        for reading in [
            StateReading(weights: [:]), StateReading(weights: [3: weights.map { _ in 0 }]),
            StateReading(weights: [3: weights], window: 0),
            StateReading(weights: [3: weights], offset: .nan),
        ] {
            let rule = SteeringRule([shift(1)], condition: SteeringCondition(reading, .above, 0))
            #expect(throws: GenerationError.self) { try answer([rule]) }
        }
        for rule in [
            SteeringRule([shift(1)], condition: SteeringCondition(reading(), .above, .nan)),
            SteeringRule([shift(1)], hold: SteeringHold(reading(), target: .infinity)),
            SteeringRule([shift(1)], hold: SteeringHold(reading(), target: 0, gain: 0)),
        ] {
            #expect(throws: GenerationError.self) { try answer([rule]) }
        }
    }
}
