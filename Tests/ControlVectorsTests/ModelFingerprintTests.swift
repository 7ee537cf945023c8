import GGUF
import Quantization
import Testing
import _TestSupport

@testable import ControlVectors

@Suite struct ModelFingerprintTests {
    /// A small model file, in parts that a test can change.
    private struct Model {
        var metadata: GGUFMetadata
        var tensors: [Planted.Tensor]

        init() {
            metadata = GGUFMetadata()
            metadata["general.architecture"] = .text("llama")
            metadata["general.name"] = .text("Tiny")
            metadata["general.file_type"] = .uint32(3)
            metadata["llama.embedding_length"] = .uint32(32)
            metadata["llama.block_count"] = .uint32(2)
            metadata["tokenizer.ggml.model"] = .text("gpt2")
            metadata["tokenizer.ggml.tokens"] = .array(GGUFArray(["a", "b", "ab"]))
            metadata["tokenizer.ggml.scores"] = .array(GGUFArray([Float(0), -1, .nan]))
            metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
            metadata["tokenizer.chat_template"] = .text("{{ messages }}")
            let big = (0..<32 * 1000).map { Float($0 % 97) }
            tensors = [
                .init("token_embd.weight", [Float](repeating: 0.5, count: 32 * 5), shape: [32, 5]),
                .init("blk.0.attn_norm.weight", [Float](repeating: 1, count: 32)),
                .init("blk.0.ffn_up.weight", big, shape: [32, 1000]),
                .init("output_norm.weight", [Float](repeating: 2, count: 32)),
            ]
        }

        func file() throws -> GGUFFile { try Planted.file(metadata, tensors) }

        func fingerprint() throws -> ModelFingerprint { try ModelFingerprint(of: file()) }
    }

    @Test func theFieldsAreThoseOfTheFile() throws {
        let fingerprint = try Model().fingerprint()
        #expect(fingerprint.architecture == "llama" && fingerprint.name == "Tiny")
        #expect(fingerprint.hiddenSize == 32 && fingerprint.layerCount == 2)
        #expect(fingerprint.vocabularySize == 5)
        #expect(fingerprint.fileType == 3 && fingerprint.fileTypeName == "Q4_1")
        #expect(fingerprint.summary == "llama, 2 layers × 32")
        #expect(try Model().fingerprint() == fingerprint)
    }

    @Test func theOrderOfKeysAndTensorsDoesNotMatter() throws {
        var model = Model()
        let expected = try model.fingerprint()
        var reversed = GGUFMetadata()
        for entry in model.metadata.entries.reversed() { reversed[entry.key] = entry.value }
        model.metadata = reversed
        model.tensors.reverse()
        #expect(try model.fingerprint() == expected)
    }

    @Test func metadataThatSayNothingOfTheModelDoNotMatter() throws {
        var model = Model()
        let expected = try model.fingerprint()
        model.metadata["general.license"] = .text("apache-2.0")
        #expect(try model.fingerprint() == expected)
    }

    @Test(arguments: [
        ("tokenizer.ggml.tokens", GGUFValue.array(GGUFArray(["a", "b", "aB"]))),
        ("tokenizer.ggml.tokens", .array(GGUFArray(["a", "ba", "b"]))),
        ("tokenizer.ggml.scores", .array(GGUFArray([Float(0), -1, 0]))),
        ("tokenizer.ggml.model", .text("llama")),
        ("tokenizer.ggml.add_bos_token", .bool(true)),
        ("tokenizer.ggml.bos_token_id", .uint32(1)),
        ("tiller.tokenizer.composes", .bool(true)),
        ("tiller.tokenizer.strips_right", .array(GGUFArray([1] as [UInt32]))),
    ])
    func theTokenizerHashCoversEveryKeyOfTheTokenizer(key: String, value: GGUFValue) throws {
        var model = Model()
        let before = try model.fingerprint()
        model.metadata[key] = value
        let after = try model.fingerprint()
        #expect(after.tokenizerHash != before.tokenizerHash)
        #expect(after.chatTemplateHash == before.chatTemplateHash && after.digest == before.digest)
    }

    /// Vectors are known by it.
    @Test func aFileWithoutKeysOfOursKeepsItsTokenizerHash() throws {
        let hash = try Model().fingerprint().tokenizerHash
        #expect(hash == "xxh64:1bf7f9528e47b7c8")
    }

    @Test(arguments: [
        ("llama.rope.freq_base", GGUFValue.float32(500_000)), ("llama.attention.sliding_window", .uint32(8)),
        ("llama.rope.scaling.type", .text("linear")), ("tokenizer.ggml.eos_token_id", .uint32(2)),
    ])
    func whatDecidesTheComputationChangesItsDigestAndNotTheModels(key: String, value: GGUFValue) throws {
        var model = Model()
        let before = try model.fingerprint()
        let digest = try #require(before.computationDigest)
        #expect(before.computationDigest(of: try model.file()) == digest)
        model.metadata[key] = value
        let after = try model.fingerprint()
        #expect(after.computationDigest != digest)
        #expect(after.digest == before.digest && after.normHash == before.normHash)
        model.metadata[key] = nil
        model.metadata["general.license"] = .text("apache-2.0")
        #expect(try model.fingerprint().computationDigest == digest)
    }

    @Test func theChatTemplateHasAHashOfItsOwn() throws {
        var model = Model()
        let before = try model.fingerprint()
        model.metadata["tokenizer.chat_template"] = .text("{{ messages }} ")
        let after = try model.fingerprint()
        #expect(after.chatTemplateHash != before.chatTemplateHash)
        #expect(after.tokenizerHash == before.tokenizerHash)
        model.metadata["tokenizer.chat_template"] = nil
        #expect(try model.fingerprint().chatTemplateHash == nil)
    }

    @Test func aChangedNormChangesBothHashes() throws {
        var model = Model()
        let before = try model.fingerprint()
        model.tensors[3].bytes[17] ^= 1
        let after = try model.fingerprint()
        #expect(after.normHash != before.normHash && after.digest != before.digest)
    }

    @Test func anotherQuantisationKeepsTheNormHash() throws {
        var model = Model()
        let before = try model.fingerprint()
        model.tensors[2] = .init("blk.0.ffn_up.weight", type: .q8_0, shape: [32, 1000], byteCount: 34_000)
        let after = try model.fingerprint()
        #expect(after.normHash == before.normHash && after.digest != before.digest)
    }

    @Test func theDigestSeesBothEndsAndTheMiddleOfEveryTensor() throws {
        var model = Model()
        let before = try model.fingerprint().digest
        let count = model.tensors[2].bytes.count
        for place in [0, 4095, count / 2, count - 4096, count - 1] {
            model.tensors[2].bytes[place] ^= 1
            #expect(try model.fingerprint().digest != before, "byte \(place)")
            model.tensors[2].bytes[place] ^= 1
        }
        // What it is documented not to see.
        model.tensors[2].bytes[5000] ^= 1
        #expect(try model.fingerprint().digest == before)
    }

    @Test func theDigestSeesNamesShapesAndTypes() throws {
        let before = try Model().fingerprint().digest
        var model = Model()
        model.tensors[2].name = "blk.1.ffn_up.weight"
        #expect(try model.fingerprint().digest != before)
        model = Model()
        model.tensors[2].shape = [1000, 32]
        #expect(try model.fingerprint().digest != before)
        model = Model()
        model.tensors[2].type = .i32
        #expect(try model.fingerprint().digest != before)
    }

    @Test func withoutATokenizerNormsOrEmbeddingThoseAreUnknown() throws {
        var model = Model()
        for key in model.metadata.keys where key.contains("tokenizer.ggml") { model.metadata[key] = nil }
        model.tensors = [model.tensors[2]]
        let fingerprint = try model.fingerprint()
        #expect(fingerprint.tokenizerHash == nil && fingerprint.normHash == nil)
        #expect(fingerprint.vocabularySize == 0)
    }

    @Test(arguments: ["general.architecture", "llama.embedding_length", "llama.block_count"])
    func aModelWithoutAShapeIsRefused(key: String) throws {
        var model = Model()
        model.metadata[key] = nil
        do {
            _ = try model.fingerprint()
            Issue.record("no error")
        } catch let error as ControlVectorError {
            #expect(error.code == "missingKey" && error.message.contains(key))
        }
    }

    @Test func theDefaultModelIsTakenForWhatItIs() throws {
        let fingerprint = try ModelFingerprint(of: GGUFFile(path: smolLM2Path()))
        #expect(fingerprint.summary == "llama, 30 layers × 576")
        #expect(fingerprint.vocabularySize == 49152)
        #expect(fingerprint.fileTypeName == "Q4_1")
        #expect(fingerprint.normHash != nil && fingerprint.tokenizerHash != nil)
        #expect(fingerprint.chatTemplateHash != nil)
    }
}
