import GGUF
import Terms
import Testing
import Tokenizers
import _TestSupport

@testable import Generation

/// What a model file says about its tokenizer, with llama.cpp's defaults where it says nothing.
@Suite struct TokenizerDefinitionTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The definition of a file with these keys.
    private func definition(_ metadata: GGUFMetadata) throws -> TokenizerDefinition {
        try GGUFWriter(metadata).write(to: folder.file("metadata.gguf"))
        return try TokenizerDefinition(GGUFFile(path: folder.file("metadata.gguf")))
    }

    /// Phi-3's special tokens and a few letters, in a model of some name.
    private static func phi(named name: String?) -> GGUFMetadata {
        let special: [(String, TokenType)] = [
            ("<unk>", .unknown), ("<s>", .control), ("</s>", .userDefined), ("<|endoftext|>", .control),
            ("<|user|>", .control), ("<|end|>", .control), ("<|think|>", .userDefined),
        ]
        let letters = ["▁", "\n", "a", "b"]
        var metadata = GGUFMetadata()
        if let name { metadata["general.name"] = .text(name) }
        metadata["tokenizer.ggml.model"] = .text("llama")
        metadata["tokenizer.ggml.tokens"] = .array(GGUFArray(special.map(\.0) + letters))
        metadata["tokenizer.ggml.token_type"] = .array(
            GGUFArray(special.map(\.1.rawValue) + letters.map { _ in TokenType.normal.rawValue }))
        metadata["tokenizer.ggml.scores"] = .array(GGUFArray([Float](repeating: 0, count: 11)))
        return metadata
    }

    @Test(arguments: ["Phi 3 Mini: Phi-3-mini-4k-instruct", "PHI-3.5", "phi3"])
    func specialTokensOfPhi3SwallowTheWhiteSpaceBehindThem(name: String) throws {
        let definition = try definition(Self.phi(named: name))
        #expect(definition.stripsRight == [2, 4, 5, 6])
        let tokenizer = try Tokenizer(definition)
        #expect(tokenizer.encode("<|user|>\na<|end|>\n", special: .parsed) == [4, 7, 9, 5])
        #expect(tokenizer.encode("<s>\n", special: .parsed) == [1, 7, 8])
    }

    @Test(arguments: ["Phi-2", "Phi-4-mini", "Llama", nil])
    func specialTokensOfOtherModelsLeaveIt(name: String?) throws {
        let definition = try definition(Self.phi(named: name))
        #expect(definition.stripsRight.isEmpty)
        #expect(try Tokenizer(definition).encode("<|end|>\n", special: .parsed) == [5, 7, 8])
    }

    @Test func whatAConvertedFileSaysCountsMoreThanItsName() throws {
        var metadata = Self.phi(named: "Phi-3")
        metadata["tiller.tokenizer.strips_right"] = .array(GGUFArray([5] as [UInt32]))
        #expect(try definition(metadata).stripsRight == [5])
        metadata["tiller.tokenizer.strips_right"] = nil
        metadata["tiller.tokenizer.composes"] = .bool(false)
        #expect(try definition(metadata).stripsRight.isEmpty)
    }

    @Test func aNameThatIsNoTextSaysNothing() throws {
        var metadata = Self.phi(named: nil)
        metadata["general.name"] = .uint32(3)
        #expect(try definition(metadata).stripsRight.isEmpty)
    }

    /// Twelve tokens of a byte-level file, the last of some type.
    private static func byteLevel(_ last: TokenType, preTokenizer: String) -> GGUFMetadata {
        var metadata = GGUFMetadata()
        metadata["tokenizer.ggml.model"] = .text("gpt2")
        metadata["tokenizer.ggml.pre"] = .text(preTokenizer)
        metadata["tokenizer.ggml.tokens"] = .array(
            GGUFArray((0..<11).map { String(UnicodeScalar(UInt8(97 + $0))) } + ["<|last|>"]))
        metadata["tokenizer.ggml.token_type"] = .array(
            GGUFArray([Int32](repeating: TokenType.normal.rawValue, count: 11) + [last.rawValue]))
        metadata["tokenizer.ggml.merges"] = .array(GGUFArray([String]()))
        return metadata
    }

    @Test(arguments: ["falcon3", "lfm2", "pixtral", "gpt-2"])
    func falconsMarkIsBothEndsOfATextWhereAByteLevelFileNamesNone(preTokenizer: String) throws {
        var metadata = Self.byteLevel(.control, preTokenizer: preTokenizer)
        let tokenizer = try Tokenizer(definition(metadata))
        #expect(tokenizer.beginningOfSequence == 11 && tokenizer.endOfSequence == 11)
        #expect(tokenizer.encode("a", special: .asText, addsBeginning: true).last == 0)
        metadata["tokenizer.ggml.bos_token_id"] = .uint32(.max)
        metadata["tokenizer.ggml.eos_token_id"] = .uint32(3)
        let named = try definition(metadata)
        #expect(named.beginningOfSequence == nil && named.endOfSequence == 3)
        // Whatever the pre-tokeniser implies, a text without a beginning begins with none.
        #expect(try !Tokenizer(named).addsBeginningOfSequence)
    }

    /// As in llama.cpp, which passes over those that are not there.
    @Test(arguments: ["pad", "rep", "sep"])
    func marksBetweenFilesAndRepositoriesEndAnAnswer(mark: String) throws {
        var metadata = Self.byteLevel(.control, preTokenizer: "gpt-2")
        let key = "tokenizer.ggml.fim_\(mark)_token_id"
        for (id, ends) in [(3, [3]), (12, []), (.max, [])] as [(UInt32, [Int])] {
            metadata[key] = .uint32(id)
            let definition = try definition(metadata)
            #expect(definition.endOfGeneration == ends)
            #expect(try Tokenizer(definition).endOfGeneration.contains(3) == !ends.isEmpty)
        }
    }

    @Test func aTokenOfTextIsNoEndOfAText() throws {
        let definition = try definition(Self.byteLevel(.normal, preTokenizer: "gpt-2"))
        #expect(definition.beginningOfSequence == nil && definition.endOfSequence == nil)
    }

    /// `tiller convert` writes 2³² − 1 where a SentencePiece model has no such token.
    @Test func aSentencePieceFileMaySayThatItsTextsHaveNoEnds() throws {
        var metadata = Self.phi(named: nil)
        let implied = try definition(metadata)
        #expect(implied.beginningOfSequence == 1 && implied.endOfSequence == 2 && implied.unknown == 0)
        for key in ["bos", "eos"] { metadata["tokenizer.ggml.\(key)_token_id"] = .uint32(.max) }
        let none = try definition(metadata)
        #expect(none.beginningOfSequence == nil && none.endOfSequence == nil)
        #expect(try !Tokenizer(none).addsBeginningOfSequence)
    }

    /// What is denied in a file that is written is what is taken in one that is read.
    @Test(arguments: [("llama", nil), ("llama", "ranked"), ("t5", nil)] as [(String, String?)])
    func theUnknownTokenThatAFileDoesNotNameIsTheImpliedOne(model: String, algorithm: String?) throws {
        var metadata = Self.phi(named: nil)
        metadata["tokenizer.ggml.model"] = .text(model)
        metadata["tiller.tokenizer.algorithm"] = algorithm.map(GGUFValue.text)
        let definition = try definition(metadata)
        #expect(definition.unknown == TokenizerDefinition.impliedUnknown(of: definition.model))
        #expect(definition.unknown == (model == "llama" ? 0 : nil))
    }
}
