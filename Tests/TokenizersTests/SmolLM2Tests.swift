import Terms
import Testing
import Tokenizers

/// The values are llama.cpp's, from the GGUF of the default model (origin:
/// Tests/Fixtures/tokenizers/README.md).
@Suite struct SmolLM2Tests {
    struct Golden: Decodable {
        let text: String
        let plain: [Int]
        let special: [Int]
        let withBeginning: [Int]

        enum CodingKeys: String, CodingKey {
            case text, plain, special
            case withBeginning = "with_bos"
        }
    }

    @Test func allTextsHaveLlamaCppsTokens() throws {
        let tokenizer = try SmolLM2.shared.get()
        let goldens = try Fixture.decode([Golden].self, "../smollm2/tokenizer.json")
        #expect(goldens.count == 40)
        for golden in goldens {
            #expect(tokenizer.encode(golden.text, special: .asText).numbers == golden.plain, "\(golden.text)")
            #expect(tokenizer.encode(golden.text, special: .parsed).numbers == golden.special)
            let withBeginning = tokenizer.encode(golden.text, special: .parsed, addsBeginning: true)
            #expect(withBeginning.numbers == golden.withBeginning)
            #expect(tokenizer.decode(tokenizer.encode(golden.text, special: .parsed)) == golden.text)
            #expect(tokenizer.decode(tokenizer.encode(golden.text, special: .asText)) == golden.text)
        }
    }

    @Test func generationEndsWhereLlamaCppEndsIt() throws {
        let tokenizer = try SmolLM2.shared.get()
        #expect(tokenizer.endOfGeneration == [0, 2, 4])
        #expect(tokenizer.vocabularySize == 49152)
        #expect(tokenizer.skippedMerges == 0)
        #expect(tokenizer.beginningOfSequence == 1)
        #expect(tokenizer.endOfSequence == 2)
        #expect(!tokenizer.addsBeginningOfSequence)
        #expect(tokenizer.isSpecial(1) && !tokenizer.isSpecial(4093))
        #expect(tokenizer.piece(4093) == "user")
    }
}
