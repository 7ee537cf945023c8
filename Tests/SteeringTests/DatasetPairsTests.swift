import Steering
import Terms
import Testing

@Suite struct DatasetPairsTests {
    private let encoder = WordEncoder()

    private func dataset(
        _ suffixes: [String], truncates: Bool = false, system: String? = nil, isRaw: Bool = false
    ) throws -> Dataset {
        try Dataset(
            name: "mood",
            content: .personas(
                PersonaPrompts(
                    template: "be {persona} now", system: system, positive: ["up", "high"],
                    negative: ["down", "low"], suffixes: suffixes, truncates: truncates)),
            isRaw: isRaw)
    }

    @Test func aPromptIsTheChatFollowedByTheSuffix() throws {
        let pairs = try dataset(["x y z"]).pairs(encoder)
        #expect(pairs.count == 2)
        #expect(pairs[0].positive == [1000] + encoder.words("be up now") + [1001] + encoder.words("x y z"))
        #expect(pairs[1].negative == [1000] + encoder.words("be low now") + [1001] + encoder.words("x y z"))
    }

    @Test func truncationGivesEveryProperPrefixOfEachSuffix() throws {
        // "", one token: none. Three tokens: the prefixes of one and of two.
        let pairs = try dataset(["", "q", "x y z"], truncates: true).pairs(encoder)
        #expect(pairs.map { $0.positive.count - 5 } == [1, 1, 2, 2])
        #expect(pairs.map(\.source) == [2, 2, 2, 2])
        #expect(try dataset(["x y z"], truncates: true).pairs(encoder).map(\.source) == [0, 1, 0, 1])
    }

    @Test func withoutTruncationAnEmptySuffixReadsThePromptsEnd() throws {
        let pairs = try dataset([""]).pairs(encoder)
        #expect(pairs.map(\.positive.last) == [1001, 1001])
        #expect(try dataset([]).pairs(encoder) == pairs)
    }

    @Test func aSystemTurnCarriesThePersonaToo() throws {
        let pairs = try dataset(["x"], system: "{persona} and {persona}").pairs(encoder)
        #expect(pairs[0].positive.starts(with: [1002] + encoder.words("up and up") + [1000]))
    }

    /// A mark behind the placeholder is one character with its brace.
    @Test func aPlaceholderIsFoundWhateverFollowsIt() throws {
        for mark in ["\u{200C}i", "\u{301}"] {
            let prompts = PersonaPrompts(
                template: "be {persona}\(mark) now", positive: ["up", "high"], negative: ["down", "low"])
            let pairs = try Dataset(name: "mood", content: .personas(prompts)).pairs(encoder)
            #expect(pairs[0].positive == [1000] + encoder.words("be up\(mark) now") + [1001])
        }
    }

    @Test func rawTextIsUsedAsItStands() throws {
        let pairs = try dataset(["x"], isRaw: true).pairs(encoder)
        #expect(pairs[0].positive == encoder.words("be up now x"))
    }

    @Test func readyMadePairsAreRenderedPromptsUnlessTheyAskForTheTemplate() throws {
        let texts = [TextPair(positive: "a b", negative: "c"), TextPair(positive: "d", negative: "e")]
        let chat = try Dataset(name: "mood", content: .pairs(texts), isRaw: false).pairs(encoder)
        let raw = try Dataset(name: "mood", content: .pairs(texts)).pairs(encoder)
        #expect(chat[0].positive == [1000] + encoder.words("a b") + [1001])
        #expect(raw[0].positive == encoder.words("a b"))
        #expect(raw.map(\.source) == [0, 1])
    }

    @Test func sidesOfTheSameTokensAreRefused() throws {
        // "ab" and "ba" have the same token in this vocabulary.
        let texts = [TextPair(positive: "a", negative: "b"), TextPair(positive: "ab", negative: "ba")]
        let error = #expect(throws: SteeringError.self) {
            try Dataset(name: "mood", content: .pairs(texts), isRaw: true).pairs(encoder)
        }
        #expect(error?.kind == .identicalSides)
        #expect(error?.message.contains("pairs[1]") == true)
    }

    /// Before the beginnings of a long suffix are made: they would take the square of its length.
    @Test(arguments: [true, false]) func aPromptThatTheModelCannotReadIsRefused(truncates: Bool) throws {
        let words = Array(repeating: "word", count: truncates ? 101 : 100).joined(separator: " ")
        // be up now, between the marks of a chat, and a hundred words.
        #expect(
            try dataset(["x y", words], truncates: truncates).pairs(WordEncoder(contextLength: 105)).count > 2
        )
        let error = #expect(throws: SteeringError.self) {
            try dataset(["x y", words], truncates: truncates).pairs(WordEncoder(contextLength: 104))
        }
        #expect(error?.kind == .promptTooLong)
        #expect(error?.message.contains("with suffixes[1] a prompt has 105 tokens") == true)
        let long = TextPair(positive: "a b c", negative: "d")
        #expect(throws: SteeringError.self) {
            try Dataset(name: "mood", content: .pairs([long, long]), isRaw: true)
                .pairs(WordEncoder(contextLength: 2))
        }
    }

    @Test func suffixesTooShortToTruncateAreRefused() throws {
        let error = #expect(throws: SteeringError.self) {
            try dataset(["a", "b", ""], truncates: true).pairs(encoder)
        }
        #expect(error?.kind == .tooFewPairs)
    }
}
