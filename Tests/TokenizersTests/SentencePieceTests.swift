import Terms
import Testing
import Tokenizers

/// Tokens of the `sentencepiece` wheel, from tiny models that it trained.
@Suite struct SentencePieceTests {
    struct Golden: Decodable {
        let tokens: [String]
        let types: [Int32]
        let scores: [Float]
        let prefix: Bool
        let tidies: Bool
        let map: [UInt8]
        let ids: [[Int]]
        let decoded: [String]

        func definition(_ model: TokenizerDefinition.Model) -> TokenizerDefinition {
            var definition = TokenizerDefinition(model: model, tokens: ByteStrings(tokens))
            definition.types = types
            definition.scores = scores
            definition.spacePrefix = prefix ? .always : .never
            definition.removesExtraWhitespace = tidies
            definition.characterMap = map
            definition.unknown = 0
            definition.beginningOfSequence = 1
            definition.endOfSequence = 2
            return definition
        }
    }

    static let goldens = Result { try Fixture.decode([String: Golden].self, "sentencepiece.json") }

    static func golden(_ name: String) throws -> Golden {
        try #require(try goldens.get()[name])
    }

    @Test(arguments: ["bpe", "bpe-unknown", "bpe-crossing", "unigram", "unigram-rules"])
    func everyTextHasTheTokensOfTheSentencePieceWheel(name: String) throws {
        let golden = try Self.golden(name)
        let texts = try Corpus.shared.get().repaired()
        #expect(golden.ids.count == texts.count)
        let tokenizer = try Tokenizer(golden.definition(name.hasPrefix("bpe") ? .sentencePiece : .unigram))
        for (text, expected) in zip(texts, golden.ids) {
            let tokens = tokenizer.encode(text, special: .asText)
            #expect(tokens.numbers == expected, "\(name): \(text.debugDescription)")
        }
    }

    @Test func decodingGivesBackTheTextWithoutTheSpaceInFront() throws {
        let golden = try Self.golden("bpe")
        let tokenizer = try Tokenizer(golden.definition(.sentencePiece))
        for (text, decoded) in zip(try Corpus.shared.get().repaired(), golden.decoded) {
            let tokens = tokenizer.encode(text, special: .asText)
            let ours = tokenizer.decode(tokens)
            if !text.contains("▁") {
                #expect(Array(ours.utf8) == Array(text.utf8), "\(text.debugDescription)")
            }
            #expect(Array(ours.utf8) == Array(decoded.utf8), "\(text.debugDescription)")
        }
    }

    @Test func aSpaceGoesInFrontOfEachStretchOfText() throws {
        let tokenizer = try Tokenizer(try Self.golden("bpe").definition(.sentencePiece))
        let the = tokenizer.encode("the", special: .asText)
        #expect(tokenizer.encode("<s>the</s>the", special: .parsed) == [1] + the + [2] + the)
        #expect(tokenizer.encode("the", special: .parsed, addsBeginning: true) == [1] + the)
        #expect(tokenizer.addsBeginningOfSequence)
        #expect(tokenizer.decode([1] + the, skippingSilent: true) == "the")
        #expect(tokenizer.encode("", special: .parsed).isEmpty)
    }

    @Test(arguments: [SpacePrefix.never, .always, .alwaysUnlessSpace, .firstUnlessSpace])
    func noSpaceGoesInFrontOfTextThatGoesOn(prefix: SpacePrefix) throws {
        func tokenizer(_ prefix: SpacePrefix) throws -> Tokenizer {
            var definition = try Self.golden("bpe").definition(.sentencePiece)
            definition.spacePrefix = prefix
            return try Tokenizer(definition)
        }
        let (plain, prefixing) = (try tokenizer(.never), try tokenizer(prefix))
        for text in ["the", " the", "\nthe", "日本 the", ""] {
            let segments = [TextSegment(text, isTrusted: true)]
            #expect(prefixing.encode(segments, continuesText: true) == plain.encode(segments))
        }
        // A special token ends the text that it goes on with.
        let behind = prefixing.encode("</s>the", special: .parsed)
        #expect(prefixing.encode([TextSegment("</s>the", isTrusted: true)], continuesText: true) == behind)
    }

    @Test func whiteSpaceIsTidiedInTextThatGoesOnAsInTheMiddleOfAnother() throws {
        let tokenizer = try Tokenizer(try Self.golden("unigram-rules").definition(.unigram))
        let beginning = tokenizer.encode("the", special: .asText)
        for rest in ["   the end ", "the end", " "] {
            let behind = tokenizer.encode([TextSegment(rest, isTrusted: false)], continuesText: true)
            #expect(
                tokenizer.decode(beginning + behind)
                    == tokenizer.decode(tokenizer.encode("the" + rest, special: .asText)))
        }
    }

    @Test func aByteTokenIsOneByteAndItsNameIsText() throws {
        let tokenizer = try Tokenizer(try Self.golden("bpe").definition(.sentencePiece))
        let byte = try #require(tokenizer.token(for: "<0xE3>"))
        #expect(tokenizer.bytes(of: byte) == [0xE3])
        #expect(tokenizer.decode([byte]) == "\u{FFFD}")
        #expect(!tokenizer.encode("<0xE3>", special: .parsed).contains(byte))
    }

    @Test func anIndentationThatTheMakerAddedIsSpaces() throws {
        var definition = try Self.golden("bpe").definition(.sentencePiece)
        let first = TokenID(Int32(definition.tokens.count))
        for text in ["  \n", "▁▁▁▁▁"] {
            definition.tokens.append(text)
            definition.types.append(TokenType.userDefined.rawValue)
            definition.scores.append(0)
        }
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("  \n", special: .asText) == [first])
        #expect(tokenizer.piece(TokenID(first.rawValue + 1)) == "     ")
    }

    @Test func unusedTokensAreTakenApart() throws {
        var definition = TokenizerDefinition(
            model: .sentencePiece, tokens: ByteStrings(["<unk>", "a", "b", "c", "ab", "abc", "bc"]))
        definition.types = [2, 1, 1, 1, 1, 5, 1]
        definition.scores = [0, -5, -5, -5, -1, -2, -3]
        definition.spacePrefix = .never
        definition.addsBeginningOfSequence = false
        #expect(try Tokenizer(definition).encode("abc", special: .asText) == [4, 3])
        definition.types[5] = 1
        #expect(try Tokenizer(definition).encode("abc", special: .asText) == [5])
        definition.types[4] = 5
        definition.types[5] = 5
        #expect(try Tokenizer(definition).encode("abcab", special: .asText) == [1, 2, 3, 1, 2])
    }

    @Test func scoresDecideAndTiesGoLeft() throws {
        var definition = TokenizerDefinition(
            model: .sentencePiece, tokens: ByteStrings(["<unk>", "a", "b", "aa", "ab", "ba"]))
        definition.types = [2, 1, 1, 1, 1, 1]
        definition.scores = [0, 0, 0, -0.0, 0, 1]
        definition.spacePrefix = .never
        definition.addsBeginningOfSequence = false
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("aaa", special: .asText) == [3, 1])
        #expect(tokenizer.encode("aaab", special: .asText) == [3, 4])
        #expect(tokenizer.encode("aba", special: .asText) == [1, 5])
        #expect(tokenizer.encode("a?!b?", special: .asText) == [1, 0, 2, 0])
    }

    private func refusal(
        _ name: String, _ model: TokenizerDefinition.Model, _ change: (inout TokenizerDefinition) -> Void
    ) throws -> TokenizerError? {
        var definition = try Self.golden(name).definition(model)
        change(&definition)
        do throws(TokenizerError) {
            _ = try Tokenizer(definition)
            return nil
        } catch {
            return error
        }
    }

    @Test func damagedDefinitionsAreRefused() throws {
        #expect(try refusal("bpe", .sentencePiece) { _ in } == nil)
        let count = try Self.golden("bpe").tokens.count
        let short = try refusal("bpe", .sentencePiece) { $0.scores.removeLast() }
        #expect(short == .shortList(field: "scores", count: count - 1, tokens: count))
        #expect(try refusal("unigram", .unigram) { $0.scores = [] } != nil)
        #expect(try refusal("bpe", .sentencePiece) { $0.scores[7] = .nan } == .malformedScore(id: 7))
        #expect(try refusal("unigram", .unigram) { $0.scores[7] = .infinity } == .malformedScore(id: 7))
        for text in ["<0x-1>", "<0xZZ>", "<0x0>", "<0x000>", "0x0A", "", "<0x+1>", "<0x1 >"] {
            let error = try refusal("bpe", .sentencePiece) {
                $0.tokens.append(text)
                $0.types.append(TokenType.byte.rawValue)
                $0.scores.append(0)
            }
            #expect(error == .malformedByteToken(id: count, text: text))
        }
        let without = try refusal("bpe-unknown", .sentencePiece) {
            $0.unknown = nil
            $0.types[0] = 1
        }
        #expect(without == .missingUnknown)
    }

    @Test func damagedCharacterMapsAreRefusedOrHarmless() throws {
        let golden = try Self.golden("unigram-rules")
        let text = "ﬁ ﬂ ß Ａ　½ e\u{301}\u{1}…" + "日本"
        for bytes in [[1], [0, 0, 0, 0, 0], [255, 255, 255, 255, 0], [4, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]] {
            #expect(try refusal("unigram-rules", .unigram) { $0.characterMap = bytes } != nil)
        }
        var random = RandomSource(seed: 5)
        for length in stride(from: 0, to: golden.map.count, by: 97) {
            var definition = golden.definition(.unigram)
            definition.characterMap = Array(golden.map.prefix(length))
            _ = try? Tokenizer(definition).encode(text, special: .asText)
            definition.characterMap = golden.map
            for _ in 0..<20 {
                let place = 4 + Int(random.next() % UInt64(golden.map.count - 5))
                definition.characterMap[place] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = try? Tokenizer(definition).encode(text, special: .asText)
        }
    }
}
