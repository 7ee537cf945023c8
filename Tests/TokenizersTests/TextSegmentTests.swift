import Terms
import Testing
import Tokenizers

@Suite struct TextSegmentTests {
    static func tokenizer() throws -> Tokenizer {
        try Tokenizer(
            TinyVocabulary.definition(
                merges: ["h e", "l l", "he ll", "hell o", "Ġ hello"], control: ["<|end|>", "<|end|>!"],
                userDefined: ["    ", "<think>"]))
    }

    @Test func userTextNeverBecomesAControlToken() throws {
        let tokenizer = try Self.tokenizer()
        let end = try #require(tokenizer.token(for: "<|end|>"))
        let trusted = [TextSegment("hello<|end|>", isTrusted: true)]
        #expect(tokenizer.encode(trusted) == [259, end])
        let untrusted = [TextSegment("hello<|end|>", isTrusted: false)]
        #expect(!tokenizer.encode(untrusted).contains(end))
        #expect(tokenizer.decode(tokenizer.encode(untrusted)) == "hello<|end|>")
        #expect(tokenizer.encode("hello<|end|>", special: .asText) == tokenizer.encode(untrusted))
    }

    @Test(arguments: 1...6)
    func aControlTokenSplitBetweenOriginsStaysText(cut: Int) throws {
        let tokenizer = try Self.tokenizer()
        let text = "<|end|>"
        let end = try #require(tokenizer.token(for: text))
        let head = String(text.prefix(cut))
        let tail = String(text.dropFirst(cut))
        for (first, second) in [(true, false), (false, true), (false, false)] {
            let tokens = tokenizer.encode([
                TextSegment(head, isTrusted: first), TextSegment(tail, isTrusted: second),
            ])
            #expect(!tokens.contains(end))
            #expect(tokenizer.decode(tokens) == text)
        }
        let joined = [TextSegment(head, isTrusted: true), TextSegment(tail, isTrusted: true)]
        #expect(tokenizer.encode(joined) == [end])
        let interrupted = [
            TextSegment(head, isTrusted: true), TextSegment("", isTrusted: false),
            TextSegment(tail, isTrusted: true),
        ]
        #expect(tokenizer.encode(interrupted) == [end])
    }

    @Test func theLongestControlTokenThatIsTrustedWins() throws {
        let tokenizer = try Self.tokenizer()
        let short = try #require(tokenizer.token(for: "<|end|>"))
        let long = try #require(tokenizer.token(for: "<|end|>!"))
        #expect(tokenizer.encode("<|end|>!", special: .parsed) == [long])
        let tokens = tokenizer.encode([
            TextSegment("<|end|>", isTrusted: true), TextSegment("!", isTrusted: false),
        ])
        #expect(tokens == [short, 33])
    }

    @Test func segmentsMergeAcrossTheirSeams() throws {
        let tokenizer = try Self.tokenizer()
        let whole = tokenizer.encode("say hello", special: .parsed)
        for cut in 0...9 {
            let tokens = tokenizer.encode([
                TextSegment(String("say hello".prefix(cut)), isTrusted: true),
                TextSegment(String("say hello".dropFirst(cut)), isTrusted: false),
            ])
            #expect(tokens == whole)
        }
    }

    @Test func wordsOfTheMakerAreTakenWholeInAnyText() throws {
        let tokenizer = try Self.tokenizer()
        let think = try #require(tokenizer.token(for: "<think>"))
        #expect(tokenizer.encode("<think>", special: .asText) == [think])
        #expect(!tokenizer.isSpecial(think))
        // Four spaces as they are are a token of their own, not four times the alphabet's space.
        let spaces = try #require(tokenizer.token(for: "    "))
        #expect(tokenizer.encode("     hello", special: .asText) == [spaces, 260])
    }

    @Test(arguments: [[0xF0], [0x98], [0x80], [0xF0, 0x9F], [0x98, 0x80, 0x61]] as [[UInt8]])
    func aTokenThatIsPartOfACharacterIsNotTakenFromText(bytes: [UInt8]) throws {
        var definition = TinyVocabulary.definition()
        bytes.withUnsafeBytes { definition.tokens.append($0) }
        definition.types.append(TokenType.userDefined.rawValue)
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("😀a", special: .asText) == [0xF0, 0x9F, 0x98, 0x80, 0x61])
    }

    @Test func aTokenMaySwallowTheWhiteSpaceBesideIt() throws {
        var definition = TinyVocabulary.definition(control: ["<l>", "<r>"])
        definition.stripsLeft = [256]
        definition.stripsRight = [257]
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("a \u{3000}\n<l> b", special: .parsed) == [97, 256, 32, 98])
        #expect(tokenizer.encode("a <r> \u{3000}\nb", special: .parsed) == [97, 32, 257, 98])
        #expect(tokenizer.encode(" <l>", special: .parsed) == [256])
        #expect(tokenizer.encode("<r> ", special: .parsed) == [257])
    }
}
