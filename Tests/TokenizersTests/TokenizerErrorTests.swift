import Terms
import Testing
import Tokenizers

@Suite struct TokenizerErrorTests {
    private func refusal(_ change: (inout TokenizerDefinition) -> Void) -> TokenizerError? {
        var definition = TinyVocabulary.definition(merges: ["a b"], control: ["<s>"])
        change(&definition)
        do throws(TokenizerError) {
            _ = try Tokenizer(definition)
            return nil
        } catch {
            #expect(!error.message.isEmpty && error.remedy != nil && !error.code.isEmpty)
            return error
        }
    }

    @Test func aSoundDefinitionIsAccepted() {
        #expect(refusal { _ in } == nil)
    }

    @Test func anEmptyVocabularyIsRefused() {
        #expect(refusal { $0.tokens = ByteStrings() } == .emptyVocabulary)
    }

    @Test func shortListsAreRefused() {
        #expect(refusal { $0.types.removeLast() } == .shortList(field: "types", count: 257, tokens: 258))
    }

    @Test(arguments: [-1, 258, Int(UInt32.max), Int.max, Int.min])
    func specialTokensOutsideTheVocabularyAreRefused(id: Int) {
        func error(_ field: String) -> TokenizerError {
            .tokenOutOfRange(field: field, id: id, tokens: 258)
        }
        #expect(refusal { $0.beginningOfSequence = id } == error("beginning of sequence"))
        #expect(refusal { $0.endOfSequence = id } == error("end of sequence"))
        #expect(refusal { $0.unknown = id } == error("unknown token"))
        #expect(refusal { $0.endOfGeneration = [id] } == error("end of generation"))
        #expect(refusal { $0.stripsLeft = [id] } == error("token that strips white space"))
        #expect(refusal { $0.stripsRight = [id] } == error("token that strips white space"))
    }

    @Test(arguments: [-1, 258, Int.max]) func aPaddingTokenThatIsNotThereIsLeftOut(id: Int) throws {
        var definition = TinyVocabulary.definition(merges: ["a b"], control: ["<s>"])
        definition.padding = id
        #expect(try Tokenizer(definition).padding == nil)
        definition.padding = 257
        #expect(try Tokenizer(definition).padding == 257)
    }

    @Test func twoTokensOfTheSameTextAreRefused() {
        #expect(refusal { $0.tokens.append("ab") } == .shortList(field: "types", count: 258, tokens: 259))
        let twice = refusal {
            $0.tokens.append("ab")
            $0.types.append(1)
        }
        #expect(twice == .duplicateToken(text: "ab", first: 256, second: 258))
        let special = refusal {
            $0.tokens.append("<s>")
            $0.types.append(1)
        }
        #expect(special == .duplicateToken(text: "<s>", first: 257, second: 258))
    }

    @Test func composedAndDecomposedLettersAreTwoTokens() throws {
        var definition = TinyVocabulary.definition(userDefined: ["s\u{323}\u{307}", "\u{1E69}"])
        definition.types = []
        #expect(throws: Never.self) { try Tokenizer(definition) }
    }

    @Test func emptyTokensAreNeverProduced() throws {
        var definition = TinyVocabulary.definition(userDefined: ["", ""])
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.decode(tokenizer.encode("text", special: .parsed)) == "text")
        #expect(tokenizer.piece(256).isEmpty)
        definition.types = []
        #expect(throws: Never.self) { try Tokenizer(definition) }
    }

    @Test(arguments: ["ab", "", " ", "a "])
    func mergesWithoutTwoSidesAreRefused(line: String) {
        #expect(
            refusal { $0.merges = MergeList(["a b", line]) }
                == .malformedMerge(
                    index: 1, text: line.contains(" ") ? line + (line == " " ? " " : "") : line + " "))
    }

    @Test func mergesOfUnknownTokensAreLeftOutAndCounted() throws {
        var definition = TinyVocabulary.definition(merges: ["a b"], control: ["xy"])
        definition.merges = MergeList(["a zz", "zz a", "a c", "a b c", "x y", "a b"])
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.skippedMerges == 5)
        #expect(tokenizer.encode("abxy", special: .asText) == [256, 120, 121])
    }

    @Test func anUnknownPreTokenizerIsRefusedByNameWithThoseThatAreKnown() {
        let error = refusal { $0.model = .byteLevel(preTokenizer: "martian") }
        #expect(error == .unknownPreTokenizer(name: "martian", known: Tokenizer.knownPreTokenizers))
        #expect(error?.message.contains("\"martian\"") == true)
        #expect(error?.message.contains("smollm") == true)
    }

    @Test func wantingABeginningWithoutNamingOneIsRefused() {
        #expect(refusal { $0.addsBeginningOfSequence = true } == .missingBeginning)
    }

    /// As in llama.cpp, whose output has neither.
    @Test(arguments: [TokenType.unused.rawValue, TokenType.undefined.rawValue, 77])
    func whatTheFileCallsNoTextIsNotPrinted(type: Int32) throws {
        var definition = TinyVocabulary.definition(merges: ["a b"])
        definition.types[256] = type
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.decode([97, 256, 99], skippingSilent: true) == "ac")
        #expect(tokenizer.decode([97, 256, 99]) == "aabc" && tokenizer.piece(256) == "ab")
        #expect(tokenizer.isSilent(256) && !tokenizer.isSilent(97) && !tokenizer.isSpecial(256))
    }

    @Test func idsOutsideTheVocabularyDecodeToNothing() throws {
        let tokenizer = try Tokenizer(TinyVocabulary.definition())
        #expect(tokenizer.decode([-1, 256, TokenID(Int32.max), TokenID(Int32.min), 97]) == "a")
        #expect(tokenizer.piece(256).isEmpty)
        #expect(!tokenizer.isSpecial(-1) && tokenizer.isSilent(-1))
        #expect(tokenizer.type(of: 256) == nil)
    }
}
