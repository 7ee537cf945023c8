import ChatTemplates
import Terms
import Testing
import Tokenizers
import Transformer
import _TestSupport

@testable import Generation

/// What is computed again when something changes, and what is not. In float32: a fast context rounds
/// activations to int8, and what prefill and decode give differs in its last bits.
@Suite struct ReuseTests {
    private static let opened = Result { try LanguageModel(path: try smolLM2Path()) }
    private let model: LanguageModel
    private let generator: Generator
    private let context: InferenceContext
    private let prompt: [TokenID]

    init() throws {
        struct Prompt: Decodable { let ids: [TokenID] }
        model = try Self.opened.get()
        prompt = try fixture("smollm2/prompts.json", as: [Prompt].self)[0].ids
        context = try InferenceContext(model.transformer, capacity: 160, threads: 2, precision: .exact)
        generator = Generator(context, tokenizer: model.tokenizer)
    }

    private func shift(_ strength: Float, at layer: LayerIndex = 12) -> Intervention {
        Intervention(at: .residualPost(layer), .add((0..<576).map { (Float($0 % 7) / 20 - 0.15) * strength }))
    }

    private func request(
        _ prompt: [TokenID]? = nil, _ rules: [SteeringRule] = [], earlier: [Range<Int>] = [], tokens: Int = 6
    ) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt ?? self.prompt, earlierAnswers: earlier, program: SteeringProgram(rules),
            sampling: .greedy, maximumTokens: tokens, ignoresEndOfGeneration: true)
    }

    /// What a generator gives that has nothing to reuse.
    private func fresh(_ request: GenerationRequest) throws -> Generation {
        let context = try InferenceContext(model.transformer, capacity: 160, threads: 2, precision: .exact)
        return try Generator(context, tokenizer: model.tokenizer).generate(request)
    }

    /// One more turn after an answer.
    private func continued(_ answer: Generation) -> (prompt: [TokenID], answer: Range<Int>) {
        let range = prompt.count..<prompt.count + answer.ids.count
        return (prompt + answer.ids + [198, 504, 2591], range)
    }

    private func expectSame(
        _ found: Generation, as expected: Generation, reused: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(found.ids == expected.ids, sourceLocation: sourceLocation)
        #expect(found.reusedPromptTokens == reused, sourceLocation: sourceLocation)
        #expect(expected.reusedPromptTokens == 0, sourceLocation: sourceLocation)
        #expect(
            generator.timing.prefillTokens == found.promptTokenCount - reused, sourceLocation: sourceLocation)
        #expect(generator.timing.reusedTokens == reused, sourceLocation: sourceLocation)
    }

    @Test func theSamePromptIsReusedButForItsLastTwoTokens() throws {
        let first = try generator.generate(request())
        #expect(first.reusedPromptTokens == 0)
        expectSame(try generator.generate(request()), as: first, reused: prompt.count - 2)
    }

    @Test func aSecondTurnComputesWhatIsNew() throws {
        let answer = try generator.generate(request())
        let (second, _) = continued(answer)
        // The answer's last token was sampled and never computed.
        expectSame(
            try generator.generate(request(second)), as: try fresh(request(second)),
            reused: prompt.count + answer.ids.count - 1)
    }

    @Test func anotherStrengthComputesAgainWhatWasSteeredAndTheFirstOneIsStillThere() throws {
        let (weak, strong) = ([SteeringRule([shift(1)])], [SteeringRule([shift(2)])])
        let first = try generator.generate(request(nil, weak))
        expectSame(
            try generator.generate(request(nil, strong)), as: try fresh(request(nil, strong)), reused: 0)
        expectSame(try generator.generate(request(nil, weak)), as: first, reused: prompt.count - 2)
        expectSame(try generator.generate(request()), as: try fresh(request()), reused: 0)
    }

    @Test func answerOnlySteeringKeepsThePrompt() throws {
        func rules(_ strength: Float) -> [SteeringRule] {
            [SteeringRule([shift(strength)], schedule: SteeringSchedule(part: .answer))]
        }
        _ = try generator.generate(request())
        for strength: Float in [1, 4, -3] {
            expectSame(
                try generator.generate(request(nil, rules(strength))),
                as: try fresh(request(nil, rules(strength))), reused: prompt.count - 2)
        }
    }

    @Test func anEarlierAnswerKeepsItsRowsUnderTheSameStrengthAndLosesThemUnderAnother() throws {
        func rules(_ strength: Float) -> [SteeringRule] {
            [SteeringRule([shift(strength)], schedule: SteeringSchedule(part: .answer))]
        }
        let answer = try generator.generate(request(nil, rules(2)))
        let (second, span) = continued(answer)
        let same = request(second, rules(2), earlier: [span])
        expectSame(
            try generator.generate(same), as: try fresh(same), reused: prompt.count + answer.ids.count - 1)
        let other = request(second, rules(1), earlier: [span])
        expectSame(try generator.generate(other), as: try fresh(other), reused: prompt.count - 1)
        // Read as part of the prompt, the answer would have been computed without steering.
        let unknown = request(second, rules(2))
        expectSame(try generator.generate(unknown), as: try fresh(unknown), reused: prompt.count - 1)
    }

    @Test func promptOnlySteeringLeavesTheAnswerAlone() throws {
        let rules = [SteeringRule([shift(2)], schedule: SteeringSchedule(part: .prompt))]
        let answer = try generator.generate(request(nil, rules))
        #expect(answer.steeredLayers == [12])
        let steered = Array(repeating: 2, count: 3)
        var state = SteeringState(SteeringProgram(rules), promptCount: 4, earlier: [])
        let levels = [1, 2, 3, 4, 5].map { state.levels(at: $0, model.tokenizer)[0] }
        #expect(levels == steered.map { $0 * 32 } + [0, 0])
    }

    @Test func whoeverResetsTheContextTakesAwayWhatWasKept() throws {
        let first = try generator.generate(request())
        context.reset()
        _ = try context.forward(.chain([5, 6, 7]))
        expectSame(try generator.generate(request()), as: first, reused: 0)
    }

    @Test func roomIsMadeForANewPromptByForgettingTheOldOnes() throws {
        var needed = 0
        for first in 0..<12 {
            let other = [TokenID(Int32(1000 + first))] + prompt
            expectSame(try generator.generate(request(other)), as: try fresh(request(other)), reused: 0)
            needed += other.count + 5
        }
        #expect(needed > context.capacity)
        let (short, long) = (request(nil, tokens: 3), request(nil, tokens: 100))
        let before = try generator.generate(short)
        let after = try generator.generate(long)
        #expect(after.reusedPromptTokens == prompt.count - 2)
        #expect(after.ids.count == 100 && after.ids.prefix(3) == before.ids[...])
    }

    @Test func branchesOfOneCallShareAPromptThatIsSteeredInTheAnswerOnly() throws {
        let requests = [Float(0.5), 1, 2].map {
            request(nil, [SteeringRule([shift($0)], schedule: SteeringSchedule(part: .answer))])
        }
        let answers = try generator.generate(requests)
        #expect(answers.map(\.reusedPromptTokens) == [0, prompt.count - 1, prompt.count - 1])
        #expect(generator.timing.prefillTokens == prompt.count + 2)
        for (answer, request) in zip(answers, requests) { #expect(try fresh(request).ids == answer.ids) }
    }

    @Test func nothingIsKeptAfterAnError() throws {
        let first = try generator.generate(request())
        let broken = SteeringRule([
            Intervention(at: .residualPost(12), .add(Array(repeating: .infinity, count: 576)))
        ])
        #expect(throws: GenerationError.self) { try generator.generate(request(nil, [broken])) }
        expectSame(try generator.generate(request()), as: first, reused: 0)
    }

    @Test func aRuleThatComesInLateIsCheckedBeforeAnythingIsComputed() throws {
        let late = SteeringSchedule(part: .answer, first: 3)
        let misfit = SteeringRule([Intervention(at: .residualPost(12), .add([1]))], schedule: late)
        #expect(throws: TransformerError.self) { try generator.generate(request(nil, [misfit])) }
        #expect(context.freeCells == context.capacity)
    }

    @Test func aConversationKeepsTheTokensThatWereGenerated() throws {
        let opening = [ChatMessage(role: "user", content: "Say hi.")]
        let first = try model.conversation(opening)
        #expect(first.tokens == (try model.chatTokens(user: "Say hi.")))
        // "Hello" spelt in two tokens, which the tokenizer would never choose.
        let answer =
            model.tokenizer.encode("Hel", special: .asText) + model.tokenizer.encode("lo", special: .asText)
        let text = model.tokenizer.decode(answer)
        let messages =
            opening + [
                ChatMessage(role: "assistant", content: text), ChatMessage(role: "user", content: "Again."),
            ]
        let second = try model.conversation(messages, answers: [1: answer])
        let span = first.tokens.count..<first.tokens.count + answer.count
        #expect(second.answers == [span])
        #expect(Array(second.tokens[span]) == answer)
        #expect(second.tokens.starts(with: first.tokens))
        let plain = try model.conversation(messages)
        #expect(plain.answers.isEmpty && plain.tokens != second.tokens)
        #expect(model.tokenizer.decode(plain.tokens) == model.tokenizer.decode(second.tokens))
    }
}
