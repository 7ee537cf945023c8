import GGUF
import Generation
import Terms
import Testing
import Tokenizers
import _TestSupport

@testable import Steering

/// Raw prompts of models that want texts to begin with a token, and of those that do not.
@Suite struct RawPromptTests {
    @Test func aTextBeginsAsTheModelsFileAsks() throws {
        let plain = try DefaultModel.open()
        let beginning = try LanguageModel(ChangedSource { $0["tokenizer.ggml.add_bos_token"] = .bool(true) })
        let token = try #require(beginning.tokenizer.beginningOfSequence)
        let tokens = try plain.rawPrompt("What is the sun?")
        #expect(tokens == plain.tokenizer.encode("What is the sun?", special: .parsed))
        #expect(try beginning.rawPrompt("What is the sun?") == [token] + tokens)
        // One that stands in the text is not doubled.
        let piece = beginning.tokenizer.piece(token)
        #expect(try beginning.rawPrompt(piece + "What is the sun?") == [token] + tokens)
        #expect(try beginning.rawPrompt("") == [token])
    }
}
