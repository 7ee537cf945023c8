import GGUF
import Generation
import Terms
import Testing
import Tokenizers
import _TestSupport

@testable import Steering

/// Raw prompts of models that want texts to begin with a token, and of those that do not.
@Suite struct RawPromptTests {
    /// SmolLM2, whose file asks for a beginning token.
    private final class BeginningSource: ModelSource {
        private let file: GGUFFile
        let metadata: GGUFMetadata

        init() throws {
            file = try GGUFFile(path: smolLM2Path())
            var metadata = file.metadata
            metadata["tokenizer.ggml.add_bos_token"] = .bool(true)
            self.metadata = metadata
        }

        var path: String { file.path }
        var files: [String] { file.files }
        var tensors: [GGUFTensorInfo] { file.tensors }
        var byteCount: Int { file.byteCount }
        func tensor(_ name: String) -> GGUFTensorInfo? { file.tensor(name) }
        func bytes(of tensor: GGUFTensorInfo) -> UnsafeRawBufferPointer { file.bytes(of: tensor) }
        func letGo(_ bytes: UnsafeRawBufferPointer) { file.letGo(bytes) }
    }

    @Test func aTextBeginsAsTheModelsFileAsks() throws {
        let plain = try DefaultModel.open()
        let beginning = try LanguageModel(BeginningSource())
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
