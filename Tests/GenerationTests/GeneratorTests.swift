import Conversion
import GGUF
import Terms
import Testing
import Tokenizers
import Transformer
import _TestSupport

@testable import Generation

@Suite struct GeneratorTests {
    struct Prompt: Decodable {
        let ids: [TokenID]
        let greedy: [TokenID]
    }

    let model: LanguageModel
    let prompts: [Prompt]

    init() throws {
        model = try LanguageModel(path: try smolLM2Path())
        prompts = try fixture("smollm2/prompts.json", as: [Prompt].self)
    }

    private func generator(
        of other: LanguageModel? = nil, capacity: Int = 256, precision: Precision = .fast, threads: Int = 2
    ) throws -> Generator {
        let model = other ?? model
        return Generator(
            try InferenceContext(
                model.transformer, capacity: capacity, threads: threads, precision: precision),
            tokenizer: model.tokenizer)
    }

    private func request(
        _ prompt: Int, tokens: Int = 24, sampling: SamplingOptions = .greedy
    ) -> GenerationRequest {
        GenerationRequest(
            prompt: prompts[prompt].ids, sampling: sampling, maximumTokens: tokens,
            ignoresEndOfGeneration: true)
    }

    @Test(arguments: 0..<3) func greedyTextEqualsTheReferenceInFloat32(prompt: Int) throws {
        let answer = try generator(precision: .exact).generate(request(prompt))
        #expect(answer.ids == prompts[prompt].greedy)
        #expect(answer.promptTokenCount == prompts[prompt].ids.count)
    }

    @Test func manyRequestsAtOnceGiveWhatEachGivesAlone() throws {
        let generator = try generator(capacity: 512)
        var sampled = SamplingOptions()
        sampled.seed = 3
        let shift = Intervention(
            at: .residualPost(12), .add((0..<576).map { Float($0 % 7) / 20 - 0.15 }))
        var requests = [
            request(0), request(1, tokens: 9), request(2), request(0, sampling: sampled), request(1),
        ]
        requests[1].program = SteeringProgram(always: [shift])
        requests[2].program = SteeringProgram(always: [shift])
        let together = try generator.generate(requests)
        for (index, request) in requests.enumerated() {
            var alone = try generator.generate(request)
            // Whether a prompt was there already is another matter (`ReuseTests`).
            alone.reusedPromptTokens = together[index].reusedPromptTokens
            #expect(alone == together[index], "request \(index)")
        }
    }

    /// GPT-2's fixture has 64 positions; whose tokenizer writes its 80 tokens down does not matter.
    @Test func aTextAtTheEndOfItsPositionsEndsAloneAndOthersGoOn() throws {
        let gpt2 = try TransformerModel(openModel(path: fixturePath("families/gpt2")))
        let requests = [60, 3, 64].map { count in
            var request = GenerationRequest(
                prompt: (0..<count).map { TokenID(Int32((7 * $0 + 3) % 80)) }, sampling: .greedy,
                maximumTokens: 12, ignoresEndOfGeneration: true)
            request.captures = [.residualPost(0)]
            return request
        }
        let context = try InferenceContext(gpt2, capacity: 256, threads: 2, precision: .exact)
        var watched = [0, 0, 0]
        let answers = try Generator(context, tokenizer: model.tokenizer).generate(
            requests,
            onToken: { number, _ in
                watched[number] += 1
                return .goOn
            })
        // The last token of a text without further positions is chosen, and not computed.
        #expect(answers.map(\.ids.count) == [5, 12, 1] && watched == [4, 12, 0])
        #expect(answers.allSatisfy { $0.finishReason == .length })
    }

    @Test func outputThatIsNoNumberMayNeedFloat32() {
        for isExact in [false, true] {
            let error = GenerationError.notFinite(afterTokens: 0, isSteered: false, isExact: isExact)
            #expect(error.remedy?.contains("--exact") == !isExact)
        }
    }

    @Test func answersThatFillTheCacheTogetherAreNotCutShort() throws {
        let needed = prompts.reduce(0) { $0 + $1.ids.count + 24 }
        let answers = try generator(capacity: needed).generate((0..<3).map { request($0) })
        #expect(answers.map(\.ids.count) == [24, 24, 24])
    }

    /// Hot draws from many tokens begin characters that hardly one of those many finishes: where what is
    /// refused is only drawn again, one answer in fourteen holds half a character.
    @Test func noAnswerHoldsHalfACharacter() throws {
        let prompt = model.tokenizer.encode("Emoji and Japanese: 🙂🎉 日本語 ゞ", special: .asText)
        let requests = (0..<48).map { seed in
            var sampling = SamplingOptions()
            (sampling.temperature, sampling.topP, sampling.minP, sampling.seed) = (3, 1, 0, UInt64(seed))
            sampling.topK = 4000
            return GenerationRequest(
                prompt: prompt, sampling: sampling, maximumTokens: 40, ignoresEndOfGeneration: true)
        }
        for answer in try generator(capacity: 3072).generate(requests) {
            let bytes = answer.ids.flatMap { model.tokenizer.bytes(of: $0) }
            // The length may cut the last character.
            let isWhole = (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
            #expect(isWhole, "\(answer.text)")
        }
    }

    @Test func aCharacterThatTheLengthCutsIsNoPartOfTheText() throws {
        let prompt = try model.chatTokens(user: "日本語で話してください")
        func answer(_ tokens: Int, onText: (String) -> Bool = { _ in true }) throws -> Generation {
            try generator().generate(
                GenerationRequest(prompt: prompt, sampling: .greedy, maximumTokens: tokens), onText: onText)
        }
        let long = try answer(48)
        let bytes = long.ids.map { model.tokenizer.bytes(of: $0) }
        let cut = try #require(
            (1..<bytes.count).first {
                String(validating: bytes.prefix($0).flatMap { $0 }, as: UTF8.self) == nil
            })
        var pieces = ""
        let short = try answer(cut) { piece in
            pieces += piece
            return true
        }
        #expect(short.finishReason == .length && short.ids.count == cut)
        #expect(long.text.utf8.starts(with: short.text.utf8), "\(short.text)")
        #expect(pieces == short.text)
        // A conversation goes on behind whole characters.
        for answer in [short, long] {
            #expect(model.tokenizer.decode(Array(answer.wholeIDs)) == answer.text)
            #expect(answer.pieces.count == answer.ids.count && answer.pieces.joined() == answer.text)
        }
        #expect(short.cutTokens == 1 && short.pieces.last == "")
    }

    @Test func theStreamIsTheText() throws {
        var pieces = ""
        let answer = try generator().generate(request(0)) { piece in
            pieces += piece
            return true
        }
        #expect(pieces == answer.text)
        #expect(answer.finishReason == .length)
        #expect(answer.ids.count == 24)
    }

    @Test func aTokenThatTheFileCallsUnusedIsNotPrinted() throws {
        let usual = try generator().generate(request(0))
        let (index, token) = (2, usual.ids[2])
        var types = try model.file.metadata.integerArray(TokenizerKey.tokenTypes).map { Int32($0) }
        types[token.index] = TokenType.unused.rawValue
        let changed = try LanguageModel(
            ChangedSource { $0[TokenizerKey.tokenTypes] = .array(GGUFArray(types)) })
        let answer = try generator(of: changed).generate(request(0))
        #expect(answer.ids == usual.ids)
        #expect(!usual.pieces[index].isEmpty && answer.pieces[index].isEmpty)
        #expect(answer.text == answer.pieces.joined() && answer.text != usual.text)
    }

    @Test func aTokenThatTheFileSuppressesIsNotDrawn() throws {
        let usual = try generator().generate(request(0))
        let refused = usual.ids[2]
        let changed = try LanguageModel(
            ChangedSource {
                $0[TokenizerKey.suppressed] = .array(GGUFArray([refused.rawValue, 49_152, -1]))
            })
        #expect(changed.tokenizer.suppressed == [refused])
        let answer = try generator(of: changed).generate(request(0))
        #expect(answer.ids.prefix(2) == usual.ids.prefix(2) && !answer.ids.contains(refused))
    }

    /// Refusing one after the other would come to an end before the list does.
    @Test func aSampledTokenIsNoneOfManyThatAreSuppressed() throws {
        let logits = (0..<64).map { Float(64 - $0) }
        let suppressed = Set((0..<40).map { TokenID(Int32($0)) })
        for options in [SamplingOptions.greedy, .standard] {
            var sampler = try Sampler(options, suppressing: suppressed)
            #expect(sampler.likeliestNeeded?.besides == suppressed)
            let drawn = (0..<20).map { _ in sampler.sample(logits[...])?.index ?? 0 }
            #expect(drawn.allSatisfy { $0 >= 40 }, "\(drawn)")
        }
    }

    @Test func theModelEndsItsOwnAnswer() throws {
        let tokens = try model.chatTokens(user: "Say hi.")
        let answer = try generator(capacity: 512).generate(
            GenerationRequest(prompt: tokens, sampling: .greedy, maximumTokens: 200))
        #expect(answer.finishReason == .stop)
        #expect(!answer.ids.contains { model.tokenizer.endOfGeneration.contains($0) })
    }

    /// A turn that is over but for its end: greedy and hot draws say nothing more, where they may.
    @Test func anAnswerThatMayNotBeEmptySaysSomething() throws {
        let turn = "<|im_start|>user\nSay hi.<|im_end|>\n<|im_start|>assistant\nHi! How can I help you today?"
        let prompt = model.tokenizer.encode(turn, special: .parsed)
        func requests(allowsEmpty: Bool) -> [GenerationRequest] {
            (0..<9).map { seed in
                var sampling = SamplingOptions()
                sampling.temperature = seed == 0 ? 0 : 0.8
                sampling.seed = UInt64(seed)
                sampling.allowsEmpty = allowsEmpty
                return GenerationRequest(prompt: prompt, sampling: sampling, maximumTokens: 12)
            }
        }
        // Each from its own beginning: a prompt that is kept adds up in another order.
        let free = try generator(capacity: 512).generate(requests(allowsEmpty: true))
        #expect(free[0].finishReason == .stop && free[0].ids.isEmpty)
        let speaking = try generator(capacity: 512).generate(requests(allowsEmpty: false))
        for (answer, own) in zip(speaking, free) {
            let isBlank = answer.text.allSatisfy(\.isWhitespace)
            #expect(!isBlank)
            // Who spoke anyway says the same.
            if !own.text.allSatisfy(\.isWhitespace) { #expect(answer.ids == own.ids) }
        }
    }

    /// Hot draws stray into other scripts; those that keep the prompt's do not, and answer
    /// in it where it is another.
    @Test func chanceBringsNoNewScriptIn() throws {
        func answers(to prompt: String, keepsScript: Bool) throws -> [Generation] {
            let requests = (0..<24).map { seed in
                var sampling = SamplingOptions()
                (sampling.temperature, sampling.topP, sampling.minP, sampling.seed) = (2, 1, 0, UInt64(seed))
                (sampling.topK, sampling.keepsScript) = (2000, keepsScript)
                return GenerationRequest(
                    prompt: model.tokenizer.encode(prompt, special: .asText), sampling: sampling,
                    maximumTokens: 24, ignoresEndOfGeneration: true)
            }
            // Chance is the same with every processor's kernels.
            return try generator(capacity: 2048, precision: .exact).generate(requests)
        }
        func scripts(_ answers: [Generation]) -> Set<Script> {
            Script.all(in: answers.map(\.text).joined(separator: "\n"))
        }
        let english = "The weather in the mountains was"
        let free = try answers(to: english, keepsScript: false)
        #expect(scripts(free) != [.latin])
        let kept = try answers(to: english, keepsScript: true)
        #expect(scripts(kept) == [.latin])
        // Who did not stray says the same.
        let latin = zip(free, kept).filter { Script.all(in: $0.0.text) == [.latin] }
        #expect(!latin.isEmpty && latin.allSatisfy { $0.ids == $1.ids })

        let russian = try answers(to: "Добрый день! Сегодня", keepsScript: true)
        #expect(scripts(russian).isSubset(of: [.latin, .cyrillic]) && scripts(russian).contains(.cyrillic))
    }

    @Test func aReaderWhoLeavesEndsTheAnswer() throws {
        let answer = try generator().generate(request(0)) { _ in false }
        #expect(answer.finishReason == .cancelled)
        #expect(answer.ids.count == 1)
    }

    @Test func aFullContextEndsTheAnswerByLength() throws {
        let count = prompts[0].ids.count
        let answer = try generator(capacity: count + 4).generate(request(0))
        #expect(answer.finishReason == .length)
        #expect(answer.ids.count == 5)
    }

    @Test func aPromptThatFillsTheContextIsRefused() throws {
        let count = prompts[0].ids.count
        #expect(throws: GenerationError.promptTooLong(tokens: count, contextSize: count)) {
            try generator(capacity: count).generate(request(0))
        }
        #expect(throws: GenerationError.emptyPrompt) {
            try generator().generate(GenerationRequest(prompt: []))
        }
    }

    @Test func strengthThatBreaksTheModelIsAnErrorAndNotText() throws {
        var broken = request(0)
        broken.program = SteeringProgram(always: [
            Intervention(at: .residualPost(12), .add(Array(repeating: .infinity, count: 576)))
        ])
        #expect(throws: GenerationError.self) { try generator().generate(broken) }
    }
}
