import Terms
import Testing
import Tokenizers

/// Tokens of the `tokenizers` wheel, from one vocabulary whose merges cross every cut.
@Suite struct ByteLevelTests {
    struct Golden: Decodable {
        struct Tokens: Decodable {
            let asText: [[Int]]
            let parsed: [[Int]]
        }
        let tokens: [String]
        let merges: [String]
        let special: [String]
        let makers: [String]
        let marked: [String]
        let ids: [String: Tokens]

        func tokenizer(_ preTokenizer: String) throws -> Tokenizer {
            var definition = TokenizerDefinition(
                model: .byteLevel(preTokenizer: preTokenizer),
                tokens: ByteStrings(tokens + special + makers))
            definition.types =
                tokens.map { _ in TokenType.normal.rawValue }
                + special.map { _ in TokenType.control.rawValue }
                + makers.map { _ in TokenType.userDefined.rawValue }
            definition.merges = MergeList(merges)
            definition.addsBeginningOfSequence = false
            return try Tokenizer(definition)
        }
    }

    static let golden = Result { try Fixture.decode(Golden.self, "byte-level.json") }

    @Test(arguments: ["gpt-2", "smollm", "llama-bpe", "qwen2", "tekken", "gpt-4o", "deepseek-v3", "default"])
    func everyTextHasTheTokensOfTheTokenizersWheel(name: String) throws {
        let corpus = try Corpus.shared.get()
        let golden = try Self.golden.get()
        let ids = try #require(golden.ids[name])
        let tokenizer = try golden.tokenizer(name)
        #expect(tokenizer.skippedMerges == 0)
        let texts = corpus.repaired() + golden.marked
        #expect(ids.asText.count == texts.count && texts.count > 120)
        for (text, expected) in zip(texts, ids.asText) {
            let tokens = tokenizer.encode(text, special: .asText)
            #expect(tokens.numbers == expected, "\(name): \(text.debugDescription)")
            if name != "qwen2" {
                #expect(Array(tokenizer.decode(tokens).utf8) == Array(text.utf8))
            }
        }
        for (text, expected) in zip(golden.marked, ids.parsed) {
            #expect(tokenizer.encode(text, special: .parsed).numbers == expected, "\(text.debugDescription)")
        }
    }

    @Test func swiftRepairsBrokenTextAsPythonDoes() throws {
        let corpus = try Corpus.shared.get()
        for (ours, theirs) in zip(corpus.repaired(), corpus.texts) {
            #expect(Array(ours.utf8) == Array(theirs.utf8))
        }
    }

    /// As in llama.cpp and the `tokenizers` wheel: the unknown token may end an answer,
    /// and text may not become it.
    @Test func aByteThatTheVocabularyDoesNotHaveIsLost() throws {
        var definition = TinyVocabulary.definition(control: ["<|endoftext|>"])
        definition.unknown = 256
        var alphabet = TinyVocabulary.alphabet
        alphabet[0x16] = "<unused>"
        definition.tokens = ByteStrings(alphabet + ["<|endoftext|>"])
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("a\u{16}b", special: .asText) == [97, 98])
        #expect(tokenizer.encode("a\u{16}<|endoftext|>", special: .parsed) == [97, 256])
    }

    /// Command-R has 🇪 as it is and in the alphabet. Bytes merge into the second alone.
    @Test func aTokenInTheAlphabetGoesBeforeTheSameAsItIs() throws {
        let merges = ["ð Ł", "ðŁ ĩ", "ðŁĩ ª", "ðŁĩª ðŁĩª"]
        var definition = TinyVocabulary.definition(merges: merges)
        let merged = merges.map { $0.replacing(" ", with: "") }
        definition.tokens = ByteStrings(["\u{1F1EA}"] + TinyVocabulary.alphabet + merged)
        definition.types = [Int32](repeating: 1, count: 261)
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("\u{1F1EA}\u{1F1EA}", special: .asText) == [260])
        #expect(tokenizer.encode("\u{1F1EA}", special: .asText) == [259])
        #expect(tokenizer.decode([0, 259]) == "\u{1F1EA}\u{1F1EA}")
    }

    @Test func composingIsLeftToTheMakersThatAskForIt() throws {
        let golden = try Self.golden.get()
        let composed = try golden.tokenizer("qwen2").encode("e\u{301}", special: .asText)
        #expect(try golden.tokenizer("qwen2").decode(composed) == "\u{E9}")
        let kept = try golden.tokenizer("llama-bpe")
        #expect(Array(kept.decode(kept.encode("e\u{301}", special: .asText)).utf8) == Array("e\u{301}".utf8))
    }
}
