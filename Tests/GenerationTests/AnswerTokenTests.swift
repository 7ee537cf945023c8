import Terms
import Testing
import Tokenizers
import Transformer
import _TestSupport

@testable import Generation

/// Answers that are read, token by token, while they are made.
@Suite struct AnswerTokenTests {
    private static let opened = Result { try LanguageModel(path: try smolLM2Path()) }
    private let model: LanguageModel
    private let context: InferenceContext
    private let generator: Generator
    private let prompt: [TokenID]
    private let hook = HookPoint.residualPost(12)

    init() throws {
        struct Prompt: Decodable { let ids: [TokenID] }
        model = try Self.opened.get()
        prompt = try fixture("smollm2/prompts.json", as: [Prompt].self)[0].ids
        context = try InferenceContext(model.transformer, capacity: 200, threads: 2, precision: .exact)
        generator = Generator(context, tokenizer: model.tokenizer)
    }

    private var rule: SteeringRule {
        SteeringRule([Intervention(at: hook, .add((0..<576).map { Float($0 % 7) * 2 - 6 }))])
    }

    private func request(
        _ rules: [SteeringRule] = [], tokens: Int = 8, isRead: Bool = true
    ) -> GenerationRequest {
        var request = GenerationRequest(
            prompt: prompt, program: SteeringProgram(rules), sampling: .greedy, maximumTokens: tokens)
        request.captures = isRead ? [hook] : []
        return request
    }

    @Test func everyTokenIsReadOnceWithItsOwnState() throws {
        var read: [(id: TokenID, index: Int, text: String, state: [Float])] = []
        let answer = try generator.generate(
            [request()],
            onToken: { _, token in
                read.append((token.id, token.index, token.text, Array(token[hook] ?? [])))
                #expect(token[.residualPost(13)] == nil)
                return .goOn
            })[0]
        #expect(answer.ids.count == 8)
        #expect(read.map(\.id) == answer.ids)
        #expect(read.map(\.index) == Array(0..<8))
        #expect(read.map(\.text).joined() == answer.text)
        #expect(try generator.generate(request(isRead: false)).ids == answer.ids)

        context.reset()
        let states = try context.forward(
            .chain(prompt + answer.ids, logits: .none, captures: [hook])
        ).states[hook]
        for (index, token) in read.enumerated() {
            expectClose(
                token.state, try #require(states).row(prompt.count + index), relativeError: 1e-5,
                "token \(index)")
        }
    }

    @Test func aReaderEndsAnAnswerWithTheTokenThatItHasRead() throws {
        let whole = try generator.generate(request(isRead: false))
        let answer = try generator.generate(
            [request()], onToken: { _, token in token.index == 2 ? .end : .goOn })[0]
        #expect(answer.ids == Array(whole.ids.prefix(3)))
        #expect(answer.finishReason == .cancelled)
        #expect(whole.text.hasPrefix(answer.text))
    }

    @Test func theTokenWithWhichAnAnswerIsNoLongerWantedIsReadToo() throws {
        var (pieces, read) = (0, [TokenID]())
        let answer = try generator.generate(
            [request()],
            onText: { _, _ in
                pieces += 1
                return pieces < 3
            },
            onToken: { _, token in
                read.append(token.id)
                return .goOn
            })[0]
        #expect(answer.finishReason == .cancelled)
        #expect(answer.ids.count >= 3 && read == answer.ids)
    }

    @Test func steeringThatAReaderBeginsActsOnAllThatFollows() throws {
        let answer = try generator.generate(
            [request()], onToken: { _, token in token.index == 2 ? .steer(rule.interventions) : .goOn })[0]
        // Counted from the prompt's last token, the row of answer token 3 is number 4.
        var late = rule
        late.schedule = SteeringSchedule(part: .answer, first: 4)
        let expected = try generator.generate(request([late], isRead: false))
        #expect(answer.ids == expected.ids)
        #expect(answer.ids != (try generator.generate(request(isRead: false)).ids))
        #expect(answer.steeredLayers == [12])
    }

    @Test func steeringMayBeTakenBackWithoutBeingCalledBroken() throws {
        let back = rule.interventions.map { $0.scaled(by: -1) }
        let answer = try generator.generate(
            [request([rule])], onToken: { _, token in token.index == 0 ? .steer(back) : .goOn })[0]
        #expect(answer.ids.count > 1)
        #expect(answer.steeredLayers == [12])
    }

    @Test func whatDoesNotFitTheModelIsRefusedWhenAReaderAddsIt() throws {
        let misfit = Intervention(at: hook, .add([1, 2]))
        #expect(throws: TransformerError.self) {
            try generator.generate([request()], onToken: { _, _ in .steer([misfit]) })
        }
    }

    @Test func answersInTheSameBatchAreReadApart() throws {
        var states: [[[Float]]] = [[], []]
        _ = try generator.generate(
            [request(tokens: 3), request(tokens: 3, isRead: false), request([rule], tokens: 3)],
            onToken: { number, token in
                states[number / 2].append(Array(token[hook] ?? []))
                return .goOn
            })
        #expect(states.map(\.count) == [3, 3])
        for (number, rules) in [[], [rule]].enumerated() {
            var alone: [[Float]] = []
            _ = try generator.generate(
                [request(rules, tokens: 3)],
                onToken: { _, token in
                    alone.append(Array(token[hook] ?? []))
                    return .goOn
                })
            for (together, alone) in zip(states[number], alone) {
                expectClose(together, alone, relativeError: 1e-5)
            }
        }
    }

    @Test func whatAReaderThrowsEndsTheAnswer() throws {
        #expect(throws: GenerationError.emptyPrompt) {
            try generator.generate([request()], onToken: { _, _ in throw GenerationError.emptyPrompt })
        }
        #expect(try generator.generate(request(isRead: false)).reusedPromptTokens == 0)
    }
}
