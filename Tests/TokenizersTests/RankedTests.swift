import Terms
import Testing
import Tokenizers

/// Tokens of the `tokenizers` wheel for SentencePiece models that come as `tokenizer.json`.
@Suite struct RankedTests {
    struct Golden: Decodable {
        let tokens: [String]
        let merges: [[String]]
        let marked: [String]
        let ids: [String: [[Int]]]

        func definition(_ prefix: SpacePrefix, hasBytes: Bool) -> TokenizerDefinition {
            var definition = TokenizerDefinition(model: .ranked, tokens: ByteStrings(tokens))
            definition.types = tokens.indices.map { id in
                switch id {
                case 0: TokenType.unknown.rawValue
                case 1, 2: TokenType.control.rawValue
                case 3..<259: hasBytes ? TokenType.byte.rawValue : TokenType.control.rawValue
                default: TokenType.normal.rawValue
                }
            }
            for merge in merges { definition.merges.append(left: merge[0], right: merge[1]) }
            definition.spacePrefix = prefix
            definition.splitsAtSpaces = prefix == .alwaysUnlessSpace
            definition.unknown = 0
            return definition
        }
    }

    static let golden = Result { try Fixture.decode(Golden.self, "ranked.json") }

    static let variants: [(String, SpacePrefix)] = [
        ("always", .always), ("never", .never), ("firstUnlessSpace", .firstUnlessSpace),
        ("alwaysUnlessSpace", .alwaysUnlessSpace), ("unknown", .always),
    ]

    @Test(arguments: variants)
    func everyTextHasTheTokensOfTheTokenizersWheel(name: String, prefix: SpacePrefix) throws {
        let golden = try Self.golden.get()
        let expected = try #require(golden.ids[name])
        let tokenizer = try Tokenizer(golden.definition(prefix, hasBytes: name != "unknown"))
        #expect(tokenizer.skippedMerges == 0)
        let texts = try Corpus.shared.get().repaired() + golden.marked
        #expect(texts.count == expected.count)
        for (text, ids) in zip(texts, expected) where !(name == "unknown" && text.contains("<0x")) {
            #expect(
                tokenizer.encode(text, special: .parsed).numbers == ids, "\(name): \(text.debugDescription)")
        }
    }
}
