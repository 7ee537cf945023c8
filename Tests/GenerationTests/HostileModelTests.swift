import GGUF
import Terms
import Testing
import Tokenizers
import Transformer
import _TestSupport

@testable import Generation

/// A tiny model whose container is sound and whose metadata are not: each value that a key may
/// wrongly have gives an error that names it, or a model that computes; never a trap, a hang or an
/// allocation beyond the file.
@Suite struct HostileModelTests {
    /// Values that no key expects, and numbers at the borders of those that it does.
    static let values: [(name: String, value: GGUFValue?)] = [
        ("nothing", nil), ("0", .uint32(0)), ("1", .uint32(1)), ("3", .uint32(3)), ("7", .uint32(7)),
        ("2^31-1", .uint32(0x7FFF_FFFF)), ("2^31", .uint32(0x8000_0000)), ("2^32-1", .uint32(.max)),
        ("-1", .int32(-1)), ("10^9", .int64(1_000_000_000)), ("2^64-1", .uint64(.max)),
        ("-2^63", .int64(.min)),
        ("NaN", .float32(.nan)), ("infinity", .float64(.infinity)), ("-1.5", .float32(-1.5)),
        ("1e-45", .float32(.leastNonzeroMagnitude)), ("1e38", .float32(1e38)), ("text", .text("gpt2")),
        ("no text", .text("")),
        ("not UTF-8", .string(GGUFString(utf8: [0xFF, 0xFE]))), ("true", .bool(true)),
        ("no bytes", .array(GGUFArray([UInt8]()))), ("bytes", .array(GGUFArray([1, 2, 3] as [UInt8]))),
        ("one number", .array(GGUFArray([-1] as [Int32]))),
        ("numbers", .array(GGUFArray([Int64](repeating: .max, count: 80)))),
        ("no strings", .array(GGUFArray([String]()))),
        ("same strings", .array(GGUFArray([String](repeating: "a", count: 80)))),
        ("bad bytes", .array(GGUFArray(["<0x-1>", "<0xZZ>", "a b c", " ", ""]))),
        ("not numbers", .array(GGUFArray([Float](repeating: .nan, count: 80)))),
    ]

    /// Keys of the model and of its tokenizer, those that the file has and those that it might.
    static let keys: [String] =
        [
            "general.architecture", "general.name", "llama.context_length", "llama.embedding_length",
            "llama.block_count", "llama.feed_forward_length", "llama.attention.head_count",
            "llama.attention.head_count_kv", "llama.attention.key_length", "llama.attention.value_length",
            "llama.attention.layer_norm_rms_epsilon", "llama.rope.freq_base", "llama.rope.dimension_count",
            "llama.rope.scaling.type", "llama.rope.scaling.factor", "llama.vocab_size", "split.count",
            "general.alignment", "tokenizer.chat_template", "tokenizer.ggml.model", "tokenizer.ggml.pre",
            "tokenizer.ggml.tokens", "tokenizer.ggml.scores", "tokenizer.ggml.token_type",
            "tokenizer.ggml.merges", "tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id",
            "tokenizer.ggml.eot_token_id", "tokenizer.ggml.unknown_token_id",
            "tokenizer.ggml.padding_token_id", "tokenizer.ggml.add_bos_token", "tokenizer.ggml.add_eos_token",
            "tokenizer.ggml.add_space_prefix", "tokenizer.ggml.remove_extra_whitespaces",
            "tokenizer.ggml.precompiled_charsmap", "tokenizer.ggml.suppress_tokens",
            "tokenizer.ggml.fim_pad_token_id",
        ]

    /// A model of 80 tokens that reads and writes small letters.
    private struct Model {
        let folder: TemporaryFolder
        var metadata = GGUFMetadata()

        /// Two blocks of the family llama.
        private static let tensors: [(name: String, shape: [Int])] =
            [("token_embd.weight", [32, 80]), ("output_norm.weight", [32])]
            + (0..<2).flatMap { block in
                [
                    ("attn_norm", [32]), ("attn_q", [32, 32]), ("attn_k", [32, 16]), ("attn_v", [32, 16]),
                    ("attn_output", [32, 32]), ("ffn_norm", [32]), ("ffn_gate", [32, 48]),
                    ("ffn_up", [32, 48]), ("ffn_down", [48, 32]),
                ].map { ("blk.\(block).\($0.0).weight", $0.1) }
            }

        init() throws {
            folder = try TemporaryFolder()
            let sizes: [(String, UInt32)] = [
                ("context_length", 128), ("embedding_length", 32), ("block_count", 2),
                ("feed_forward_length", 48), ("attention.head_count", 4), ("attention.head_count_kv", 2),
                ("attention.key_length", 8), ("attention.value_length", 8),
            ]
            metadata["general.architecture"] = .text("llama")
            for (key, size) in sizes { metadata["llama." + key] = .uint32(size) }
            metadata["llama.attention.layer_norm_rms_epsilon"] = .float32(1e-6)
            var tokens =
                ["<unk>", "<s>", "</s>", "▁"] + (0..<26).map { String(UnicodeScalar(UInt8(97 + $0))) }
            while tokens.count < 80 { tokens.append("▁" + String(repeating: "x", count: tokens.count)) }
            metadata["tokenizer.ggml.model"] = .text("llama")
            metadata["tokenizer.ggml.tokens"] = .array(GGUFArray(tokens))
            metadata["tokenizer.ggml.scores"] = .array(GGUFArray(tokens.indices.map { -Float($0) }))
            metadata["tokenizer.ggml.token_type"] = .array(
                GGUFArray(tokens.indices.map { $0 == 0 ? 2 : $0 < 3 ? 3 : 1 as Int32 }))
        }

        /// Opens the model as it now is, and lets it read and answer.
        func open(leavingOut missing: String? = nil, reshaping tensor: String? = nil) throws {
            var writer = GGUFWriter(metadata)
            for (name, shape) in Self.tensors where name != missing {
                let shape = name == tensor ? [1] : shape
                // Small numbers of both signs; which ones does not matter.
                let floats = (0..<shape.reduce(1, *)).map { Float($0 * 37 % 101 - 50) / 200 }
                writer.add(name, shape: shape, floats: floats)
            }
            try writer.write(to: folder.file("m.gguf"))
            let model = try LanguageModel(path: folder.file("m.gguf"))
            let ids = model.tokenizer.encode("<s>ab c\u{FFFD}", special: .parsed, addsBeginning: true)
            let context = try InferenceContext(model.transformer, capacity: 16, threads: 1, precision: .fast)
            var rows: [Batch.Row] = []
            for (index, id) in ids.prefix(8).enumerated() {
                rows.append(
                    Batch.Row(
                        id, after: index == 0 ? .root : .row(index - 1), wantsLogits: index == ids.count - 1))
            }
            var batch = Batch()
            batch.rows = rows
            _ = try context.forward(batch)
            _ = model.tokenizer.decode(ids)
        }
    }

    @Test func theModelItselfIsSound() throws {
        try Model().open()
    }

    @Test(arguments: keys) func noValueOfAKeyTraps(key: String) throws {
        let model = try Model()
        for (name, value) in Self.values {
            var changed = model
            changed.metadata[key] = value
            do {
                try changed.open()
            } catch let error as any ExplainedError {
                #expect(!error.message.isEmpty && !error.code.isEmpty)
            } catch {
                Issue.record("\(key) = \(name): \(error) explains nothing")
            }
        }
    }

    @Test(arguments: [
        ("llama.block_count", GGUFValue.uint32(0)), ("llama.block_count", .int64(1_000_000_000)),
        ("llama.block_count", .uint32(3)), ("llama.attention.head_count", .uint32(0)),
        ("llama.attention.head_count", .uint32(3)), ("llama.attention.head_count_kv", .uint32(3)),
        ("llama.context_length", .uint32(0)), ("llama.embedding_length", .uint32(33)),
        ("llama.rope.dimension_count", .uint32(64)), ("llama.rope.freq_base", .float32(0)),
        ("llama.rope.freq_base", .float32(.nan)), ("llama.attention.layer_norm_rms_epsilon", .float32(0)),
        ("llama.attention.layer_norm_rms_epsilon", .float32(.infinity)),
        ("general.architecture", .text("mamba")), ("general.architecture", .uint32(1)),
        ("tokenizer.ggml.model", .text("rwkv")), ("tokenizer.ggml.tokens", .array(GGUFArray([String]()))),
        ("tokenizer.ggml.tokens", .array(GGUFArray([String](repeating: "a", count: 80)))),
        ("tokenizer.ggml.tokens", .array(GGUFArray([1, 2] as [UInt8]))),
        ("tokenizer.ggml.scores", .array(GGUFArray([UInt8](repeating: 1, count: 80)))),
        ("tokenizer.ggml.scores", .array(GGUFArray([Float](repeating: 0, count: 79)))),
        ("tokenizer.ggml.token_type", .array(GGUFArray([Int32](repeating: 1, count: 79)))),
        ("tokenizer.ggml.token_type", .array(GGUFArray([String](repeating: "1", count: 80)))),
        ("tokenizer.ggml.bos_token_id", .uint32(80)), ("tokenizer.ggml.eos_token_id", .int32(-1)),
        ("tokenizer.ggml.unknown_token_id", .uint64(.max)),
    ])
    func whatNoModelCanHaveIsRefused(key: String, value: GGUFValue) throws {
        var model = try Model()
        model.metadata[key] = value
        let error = #expect(throws: (any Error).self) { try model.open() }
        #expect(error is any ExplainedError, "\(key): \(String(describing: error))")
    }

    @Test(arguments: [
        "token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight", "blk.1.ffn_down.weight",
        "blk.1.attn_norm.weight",
    ])
    func aTensorThatIsMissingOrMisshapenIsNamed(tensor: String) throws {
        let model = try Model()
        for error in [
            #expect(throws: TransformerError.self) { try model.open(leavingOut: tensor) },
            #expect(throws: TransformerError.self) { try model.open(reshaping: tensor) },
        ] {
            #expect(error?.message.contains(tensor) == true)
        }
    }

    /// Tokenizers of multimodal models have tokens for images that the text model has no embedding for.
    @Test func aTokenWithoutAnEmbeddingIsAnErrorWhereItIsUsed() throws {
        var model = try Model()
        var tokens = (0..<90).map { "t\($0)" }
        tokens[0] = "<unk>"
        tokens[85] = "a"
        model.metadata["tokenizer.ggml.tokens"] = .array(GGUFArray(tokens))
        model.metadata["tokenizer.ggml.scores"] = .array(GGUFArray([Float](repeating: 0, count: 90)))
        model.metadata["tokenizer.ggml.token_type"] = .array(GGUFArray([Int32](repeating: 1, count: 90)))
        let error = #expect(throws: TransformerError.self) { try model.open() }
        #expect(error?.code == "unknownToken")
    }

    @Test func aUnigramModelsCharacterMapIsRead() throws {
        var model = try Model()
        model.metadata["tokenizer.ggml.precompiled_charsmap"] = .array(GGUFArray([4, 0, 0, 0, 9] as [Int8]))
        #expect(try TokenizerDefinition(source(model)).characterMap == [4, 0, 0, 0, 9])
    }

    private func source(_ model: Model) throws -> GGUFFile {
        try GGUFWriter(model.metadata).write(to: model.folder.file("metadata.gguf"))
        return try GGUFFile(path: model.folder.file("metadata.gguf"))
    }
}
