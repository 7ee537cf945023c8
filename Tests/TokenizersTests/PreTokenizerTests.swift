import Testing

@testable import Tokenizers

/// The pieces are those of the `tokenizers` wheel, which runs the makers' expressions.
@Suite struct PreTokenizerTests {
    static let names = [
        "gpt-2", "smollm", "llama-bpe", "qwen2", "qwen35", "tekken", "gpt-4o", "deepseek-llm",
        "deepseek-coder",
        "deepseek-v3", "falcon", "default", "bloom", "viking", "minicpm5", "laguna", "seed-coder",
        "bailingmoe",
        "ufakzeka", "kimi-k2", "superbpe", "exaone-moe", "jais-2", "tiny_aya", "afmoe", "spark2_5", "youtu",
        "chameleon",
    ]
    /// Those whose expressions are llama.cpp's, or stand in `tokenizer.json` as steps of another kind.
    static let unnamed = ["default", "kimi-k2", "afmoe", "spark2_5", "youtu", "chameleon"]
    struct Golden: Decodable {
        let expressions: [String: [String]]
        /// The lengths of the pieces of each text in scalars, one character each.
        let pieces: [String: [String]]
    }
    static let goldens = Result { try Fixture.decode(Golden.self, "pieces.json") }
    private static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    @Test(arguments: names)
    func textIsCutWhereTheMakersExpressionsCutIt(name: String) throws {
        let corpus = try Corpus.shared.get()
        let golden = try #require(try Self.goldens.get().pieces[name])
        let texts = corpus.texts + corpus.noise
        #expect(golden.count == texts.count && texts.count > 380)
        let preTokenizer = try PreTokenizer(named: name)
        for (text, expected) in zip(texts, golden) {
            #expect(Self.pieces(text, preTokenizer) == expected, "\(name): \(text.debugDescription)")
        }
    }

    @Test func theGoldensCoverEachNameThatTheyHave() throws {
        #expect(Set(try Self.goldens.get().pieces.keys) == Set(Self.names))
    }

    @Test(arguments: names)
    func itsExpressionsFindIt(name: String) throws {
        let expressions = try #require(try Self.goldens.get().expressions[name])
        #expect(
            Tokenizer.preTokenizerName(forExpressions: expressions)
                == (Self.unnamed.contains(name) ? nil : name))
        #expect(Tokenizer.preTokenizerName(forExpressions: expressions + ["x"]) == nil)
    }

    @Test func eachNameHasItsMakersHabits() throws {
        func names(_ habit: (PreTokenizer) -> Bool) throws -> Set<String> {
            Set(try PreTokenizer.knownNames.filter { habit(try PreTokenizer(named: $0)) })
        }
        let llama3: Set<String> = [
            "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
            "jina-v5-nano",
        ]
        #expect(
            try names(\.composes)
                == ["mpt", "olmo", "gpt-neox", "command-r", "qwen2", "megrez", "qwen35"])
        #expect(try names(\.addsBeginningOfSequence) == llama3.union(["tekken", "chameleon"]))
        #expect(
            try names(\.ignoresMerges)
                == llama3.union(["tekken", "minicpm5", "granite-embed-multi-97m", "youtu"]))
    }

    @Test func otherSpellingsOfAnExpressionFindItToo() {
        let gpt2 = Tokenizer.byteLevelExpression
        #expect(Tokenizer.preTokenizerName(forExpressions: [String(gpt2.dropLast(4))]) == "gpt-2")
        let qwen2 =
            "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
            + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        #expect(Tokenizer.preTokenizerName(forExpressions: [qwen2]) == "qwen2")
        let literal = qwen2.replacing(#"\r\n"#, with: "\r\n")
        #expect(Tokenizer.preTokenizerName(forExpressions: [literal]) == "qwen2")
        #expect(Tokenizer.preTokenizerName(forExpressions: []) == nil)
    }

    @Test(arguments: names)
    func noTextTakesQuadraticTime(name: String) throws {
        let preTokenizer = try PreTokenizer(named: name)
        for unit in [
            "a", "A", " ", "\n", "1", ".", "é", "Á\u{301}", "日", " a", "\t ", "'", "'s", "\u{1}", "aA",
        ] {
            let text = String(repeating: unit, count: 20_000)
            let clock = ContinuousClock()
            let time = clock.measure { _ = Self.pieces(text, preTokenizer) }
            #expect(time < .seconds(2), "\(name) on \(unit.debugDescription): \(time)")
        }
    }

    /// The lengths of the pieces in scalars, one character each.
    private static func pieces(_ text: String, _ preTokenizer: PreTokenizer) -> String {
        var text = text
        return text.withUTF8 { bytes in
            var scalars = ScalarText()
            scalars.set(bytes)
            var ends: [Int] = []
            var scratch: [Int] = []
            preTokenizer.split(scalars, into: &ends, scratch: &scratch)
            let lengths = zip(ends, [0] + ends).map { $0 - $1 }
            return String(lengths.map { $0 < digits.count ? digits[$0] : "*" })
        }
    }
}
