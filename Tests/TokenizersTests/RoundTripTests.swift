import Terms
import Testing
import Tokenizers

@Suite struct RoundTripTests {
    static let names = Tokenizer.knownPreTokenizers

    static func tokenizer(_ name: String) throws -> Tokenizer {
        var definition = TinyVocabulary.definition(
            preTokenizer: name,
            merges: ["a a", "aa aa", "Ġ a", "Ċ Ċ", "1 2", "Ġ Ġ", "Ã ©", "' s", "ã ģ", "ãģ Ĥ"])
        definition.composes = false
        definition.addsBeginningOfSequence = false
        return try Tokenizer(definition)
    }

    @Test(arguments: names)
    func decodingGivesBackWhatWasEncoded(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        var random = RandomSource(seed: 11)
        let few = Array("a \n\r1'sLé.".utf8) + [0xE3, 0x81, 0x82, 0xF0, 0x9F, 0xC3]
        for length in 0..<120 {
            let bytes = (0..<length).map { _ in random.byte(favouring: few) }
            let text = String(decoding: bytes, as: UTF8.self)
            let tokens = tokenizer.encode(text, special: .parsed)
            #expect(Array(tokenizer.decode(tokens).utf8) == Array(text.utf8))
        }
    }

    @Test(arguments: [2, 47, 48, 49, 50, 97, 1000])
    func theHeapMergesAsTheScanDoes(length: Int) throws {
        let tokenizer = try Self.tokenizer("gpt-2")
        #expect(
            tokenizer.encode(String(repeating: "a", count: length), special: .parsed)
                == [TokenID](repeating: 257, count: length / 4)
                + [[], [97], [256], [256, 97]][length % 4])
    }

    @Test func aMillionEqualCharactersDoNotHang() throws {
        let tokenizer = try Self.tokenizer("gpt-2")
        let clock = ContinuousClock()
        var count = 0
        let time = clock.measure {
            count = tokenizer.encode(String(repeating: "a", count: 1_000_000), special: .parsed).count
        }
        #expect(count == 250_000)
        #expect(time < .seconds(20))
    }
}
