import Foundation
import GGUF
import Quantization
import Safetensors
import Synchronization
import Testing
import _TestSupport

@testable import Conversion

/// The numbers of each tensor as a GGUF file has them, computed a second time from the checkpoint's.
@Suite struct CheckpointSourceTests {
    private typealias Tiny = TinyCheckpoint

    private func floats(_ name: String, of source: any ModelSource) throws -> [Float] {
        let tensor = try #require(source.tensor(name), "no \(name)")
        return try decodeRow(source.bytes(of: tensor), type: tensor.type, count: tensor.elementCount)
    }

    @Test(arguments: ["LlamaForCausalLM", "MistralForCausalLM", "MixtralForCausalLM"])
    func queriesAndKeysOfLlamaPairNeighboursInsteadOfHalves(modelClass: String) throws {
        let checkpoint = try Tiny(modelClass)
        try checkpoint.write()
        let source = try checkpoint.open()
        for (name, rows) in [("q", 16), ("k", 8)] {
            let stored = Tiny.values("model.layers.1.self_attn.\(name)_proj.weight", [rows, 16])
            // Row 4h + 2i + s of the file is row 4h + 2s + i of the checkpoint.
            let expected = (0..<rows).flatMap { row in
                let origin = row / 4 * 4 + row % 2 * 2 + row % 4 / 2
                return stored[origin * 16..<(origin + 1) * 16]
            }
            #expect(try floats("blk.1.attn_\(name).weight", of: source) == expected)
        }
        let value = Tiny.values("model.layers.1.self_attn.v_proj.weight", [8, 16])
        #expect(try floats("blk.1.attn_v.weight", of: source) == value)
        if modelClass == "LlamaForCausalLM" {
            let stored = Tiny.values("model.layers.0.self_attn.q_proj.bias", [16])
            #expect(
                try floats("blk.0.attn_q.bias", of: source)
                    == (0..<16).map { stored[$0 / 4 * 4 + $0 % 2 * 2 + $0 % 4 / 2] })
        }
    }

    @Test(arguments: ["Qwen2ForCausalLM", "Qwen3ForCausalLM"])
    func otherFamiliesKeepTheirRows(modelClass: String) throws {
        let checkpoint = try Tiny(modelClass)
        try checkpoint.write()
        let source = try checkpoint.open()
        #expect(
            try floats("blk.0.attn_q.weight", of: source)
                == Tiny.values("model.layers.0.self_attn.q_proj.weight", [16, 16]))
        #expect((source.tensor("blk.0.attn_q_norm.weight") != nil) == (modelClass == "Qwen3ForCausalLM"))
    }

    @Test(arguments: ["Gemma2ForCausalLM", "Gemma3ForCausalLM"])
    func normsOfGemmaGetTheirOne(modelClass: String) throws {
        let checkpoint = try Tiny(modelClass)
        try checkpoint.write()
        let source = try checkpoint.open()
        for (name, origin) in [
            ("output_norm.weight", "model.norm.weight"),
            ("blk.1.ffn_norm.weight", "model.layers.1.pre_feedforward_layernorm.weight"),
            ("blk.1.post_attention_norm.weight", "model.layers.1.post_attention_layernorm.weight"),
            ("blk.1.post_ffw_norm.weight", "model.layers.1.post_feedforward_layernorm.weight"),
        ] { #expect(try floats(name, of: source) == Tiny.values(origin, [16]).map { $0 + 1 }) }
        #expect(source.tensor("output.weight") == nil)
        #expect(
            try source.metadata.integer(
                "\(source.metadata.string("general.architecture")).attention.sliding_window") == 8)
    }

    @Test func matricesOfGPT2AreTurned() throws {
        let checkpoint = try Tiny("GPT2LMHeadModel")
        try checkpoint.write()
        let source = try checkpoint.open()
        let stored = Tiny.values("transformer.h.1.mlp.c_fc.weight", [16, 24])
        #expect(source.tensor("blk.1.ffn_up.weight")?.shape == [16, 24])
        #expect(
            try floats("blk.1.ffn_up.weight", of: source)
                == (0..<24).flatMap { row in (0..<16).map { stored[$0 * 24 + row] } })
        #expect(source.tensor("blk.0.attn_qkv.weight")?.shape == [16, 48])
        #expect(source.tensor("position_embd.weight")?.shape == [16, 64])
    }

    @Test func expertsLieBehindEachOther() throws {
        let checkpoint = try Tiny("MixtralForCausalLM")
        try checkpoint.write()
        let source = try checkpoint.open()
        #expect(source.tensor("blk.0.ffn_up_exps.weight")?.shape == [16, 24, 3])
        #expect(source.tensor("blk.0.ffn_down_exps.weight")?.shape == [24, 16, 3])
        for (name, origin, shape) in [
            ("up", "w3", [24, 16]), ("gate", "w1", [24, 16]), ("down", "w2", [16, 24]),
        ] {
            #expect(
                try floats("blk.0.ffn_\(name)_exps.weight", of: source)
                    == (0..<3).flatMap {
                        Tiny.values("model.layers.0.block_sparse_moe.experts.\($0).\(origin).weight", shape)
                    })
        }
        #expect(try source.metadata.integer("llama.expert_count") == 3)
        #expect(try source.metadata.integer("llama.expert_used_count") == 2)
    }

    @Test func fusedExpertsArePartedIntoGateAndUp() throws {
        var checkpoint = try Tiny("MixtralForCausalLM")
        checkpoint.tensors.removeAll { $0.name.contains("block_sparse_moe") }
        for layer in 0..<2 {
            checkpoint.tensors += [
                ("model.layers.\(layer).mlp.gate.weight", [3, 16]),
                ("model.layers.\(layer).mlp.experts.gate_up_proj", [3, 48, 16]),
                ("model.layers.\(layer).mlp.experts.down_proj", [3, 16, 24]),
            ]
        }
        try checkpoint.write()
        let source = try checkpoint.open()
        let stored = Tiny.values("model.layers.1.mlp.experts.gate_up_proj", [3, 48, 16])
        for (name, first) in [("gate", 0), ("up", 24)] {
            var expected: [Float] = []
            for expert in 0..<3 {
                let start = (expert * 48 + first) * 16
                expected += stored[start..<start + 24 * 16]
            }
            #expect(try floats("blk.1.ffn_\(name)_exps.weight", of: source) == expected)
        }
    }

    @Test(arguments: [SafetensorsType.bfloat16, .float16])
    func halfWeightsAreServedWhereTheyLieAndNormsAsFloats(kind: SafetensorsType) throws {
        var checkpoint = try Tiny("Qwen2ForCausalLM")
        checkpoint.type = kind
        try checkpoint.write()
        let source = try checkpoint.open()
        let embedding = try #require(source.tensor("token_embd.weight"))
        #expect(embedding.type == (kind == .bfloat16 ? .bf16 : .f16))
        #expect(source.bytes(of: embedding).baseAddress == source.bytes(of: embedding).baseAddress)
        #expect(source.tensor("output_norm.weight")?.type == .f32)
        #expect(source.tensor("blk.0.attn_q.bias")?.type == .f32)
        #expect(source.mainType == embedding.type)
        #expect(try floats("output_norm.weight", of: source) == Tiny.values("model.norm.weight", [16]))
        #expect(
            try floats("token_embd.weight", of: source) == Tiny.values("model.embed_tokens.weight", [40, 16]))
    }

    /// The tensors that a source has made and kept.
    private func kept(by source: CheckpointSource) -> [GGUFTensorInfo] {
        source.made.withLock { Array($0.keys) }.map { source.tensors[$0] }
    }

    /// Permuted rows, sums, turned matrices and stacked experts: any part of them can be
    /// made without the rest.
    @Test(arguments: ["LlamaForCausalLM", "Gemma3ForCausalLM", "GPT2LMHeadModel", "MixtralForCausalLM"])
    func whatIsReadInSlicesIsTheSameAndIsNotKept(modelClass: String) throws {
        let checkpoint = try Tiny(modelClass)
        try checkpoint.write()
        let source = try checkpoint.open()
        for rows in [1, 5, 1000] {
            let sliced = source.tensors.map { tensor in
                var bytes: [UInt8] = []
                source.forEachSlice(of: tensor, rows: rows) { slice in
                    #expect(slice.count <= rows * tensor.byteCount / tensor.rowCount, "\(tensor.name)")
                    bytes += slice
                }
                return bytes
            }
            // Those that are computed from the configuration are as small as a row.
            #expect(kept(by: source).allSatisfy { $0.rowCount == 1 })
            let other = try checkpoint.open()
            for (tensor, bytes) in zip(source.tensors, sliced) {
                #expect(other.bytes(of: tensor).elementsEqual(bytes), "\(tensor.name), \(rows) rows")
            }
        }
        // Nor does a quantizer keep what it has read.
        try ModelQuantizer(source, target: .q8_0).write(to: checkpoint.folder.file("out.gguf"), threads: 2)
        #expect(kept(by: source).allSatisfy { $0.rowCount == 1 })
    }

    @Test func shardsMakeTheSameModelAsOneFile() throws {
        let checkpoint = try Tiny("LlamaForCausalLM")
        try checkpoint.write()
        let whole = try checkpoint.open()
        let sharded = try Tiny("LlamaForCausalLM")
        try sharded.write(shards: 3)
        let source = try sharded.open()
        #expect(source.tensors == whole.tensors)
        for tensor in whole.tensors {
            #expect(source.bytes(of: tensor).elementsEqual(whole.bytes(of: tensor)), "\(tensor.name)")
        }
    }

    @Test func aTiedHeadIsLeftOutAndAnUntiedOneIsNeeded() throws {
        var checkpoint = try Tiny("LlamaForCausalLM")
        checkpoint.configuration["tie_word_embeddings"] = true
        checkpoint.copies["lm_head.weight"] = "model.embed_tokens.weight"
        try checkpoint.write()
        #expect(try checkpoint.open().tensor("output.weight") == nil)
        checkpoint.configuration["tie_word_embeddings"] = false
        checkpoint.tensors.removeAll { $0.name == "lm_head.weight" }
        try checkpoint.write()
        #expect(throws: ConversionError.self) { try checkpoint.open() }
    }

    /// As transformers sees them, which brings both to one type.
    @Test(arguments: [SafetensorsType.bfloat16, .float16], ["lm_head.weight", "model.embed_tokens.weight"])
    func aTiedHeadMayHaveAnotherType(type: SafetensorsType, name: String) throws {
        var checkpoint = try Tiny("LlamaForCausalLM")
        checkpoint.configuration["tie_word_embeddings"] = true
        checkpoint.copies["lm_head.weight"] = "model.embed_tokens.weight"
        checkpoint.types[name] = type
        try checkpoint.write()
        #expect(try checkpoint.open().tensor("output.weight") == nil)
        checkpoint.copies = [:]
        try checkpoint.write()
        #expect(throws: ConversionError.self) { try checkpoint.open() }
    }

    @Test func allThatStandsInTheFolderIsOneOfItsFiles() throws {
        let checkpoint = try Tiny("LlamaForCausalLM")
        try checkpoint.write()
        try checkpoint.folder.write(Array("words".utf8), to: "merges.txt")
        let files = try checkpoint.open().files
        for name in ["merges.txt", "config.json", "model.safetensors", "tokenizer.json"] {
            #expect(files.contains(checkpoint.folder.file(name)), "\(name)")
        }
    }

    @Test func aTiedHeadWithNumbersOfItsOwnIsRefused() throws {
        var checkpoint = try Tiny("LlamaForCausalLM")
        checkpoint.configuration["tie_word_embeddings"] = true
        try checkpoint.write()
        let error = #expect(throws: ConversionError.self) { try checkpoint.open() }
        #expect(error?.kind == .untiedTensor && error?.field == "lm_head.weight")
        #expect(error?.remedy?.contains("tie_word_embeddings") == true)
    }

    @Test(arguments: [
        ("LlamaForCausalLM", 2048, 1e-6), ("MistralForCausalLM", 131_072, 1e-6),
        ("MixtralForCausalLM", 131_072, 1e-5), ("Qwen2ForCausalLM", 32768, 1e-6),
        ("Qwen3ForCausalLM", 32768, 1e-6), ("Gemma2ForCausalLM", 8192, 1e-6), ("Phi3ForCausalLM", 4096, 1e-5),
    ])
    func whatAConfigurationLeavesOutIsWhatTransformersTakes(
        modelClass: String, contextLength: Int, epsilon: Float
    ) throws {
        var checkpoint = try Tiny(modelClass)
        for key in ["max_position_embeddings", "rms_norm_eps", "layer_norm_eps"] {
            checkpoint.configuration[key] = nil
        }
        try checkpoint.write()
        let metadata = try checkpoint.open().metadata
        let prefix = try metadata.string("general.architecture")
        #expect(try metadata.integer("\(prefix).context_length") == contextLength)
        #expect(metadata["\(prefix).attention.layer_norm_rms_epsilon"] == .float32(epsilon))
    }

    @Test(arguments: ["Gemma2ForCausalLM", "Gemma3ForCausalLM", "Qwen3ForCausalLM", "LlamaForCausalLM"])
    func aNoteSaysWhichTensorKeepsLlamaCppFromLoadingTheFile(modelClass: String) throws {
        func check(_ checkpoint: Tiny, _ expected: String?) throws {
            try checkpoint.write()
            let found = try checkpoint.open().notes
            let note = expected.map { "llama.cpp does not load this file: it knows no \($0) in this family" }
            #expect(found == [note].compactMap { $0 })
        }
        var checkpoint = try Tiny(modelClass)
        try check(checkpoint, nil)
        let isGemma = modelClass.hasPrefix("Gemma")
        if isGemma {
            checkpoint.configuration["tie_word_embeddings"] = false
            checkpoint.tensors.append(("lm_head.weight", [Tiny.vocabulary, Tiny.hidden]))
            try check(checkpoint, modelClass.hasPrefix("Gemma2") ? "output.weight" : nil)
            checkpoint.configuration["tie_word_embeddings"] = true
            checkpoint.tensors.removeLast()
        }
        for layer in 0..<2 {
            checkpoint.tensors.append(("model.layers.\(layer).self_attn.o_proj.bias", [Tiny.hidden]))
        }
        try check(checkpoint, modelClass.hasPrefix("Llama") ? nil : "blk.0.attn_output.bias")
    }

    @Test func ropeScalingHasTheKeysOfLlamaCpp() throws {
        var checkpoint = try Tiny("LlamaForCausalLM")
        checkpoint.configuration["rope_theta"] = 5000
        checkpoint.configuration["rope_scaling"] = ["type": "linear", "factor": 4]
        try checkpoint.write()
        var metadata = try checkpoint.open().metadata
        #expect(try metadata.string("llama.rope.scaling.type") == "linear")
        #expect(try metadata.number("llama.rope.scaling.factor") == 4)
        #expect(try metadata.number("llama.rope.freq_base") == 5000)

        checkpoint.configuration["rope_scaling"] = nil
        checkpoint.configuration["rope_parameters"] = [
            "rope_type": "yarn", "factor": 4, "rope_theta": 1e6, "original_max_position_embeddings": 16,
        ]
        try checkpoint.write()
        metadata = try checkpoint.open().metadata
        #expect(try metadata.string("llama.rope.scaling.type") == "yarn")
        #expect(try metadata.integer("llama.rope.scaling.original_context_length") == 16)
        #expect(try metadata.numberIfPresent("llama.rope.scaling.attn_factor") == nil)

        checkpoint.configuration["rope_parameters"] = [
            "rope_type": "llama3", "factor": 8, "rope_theta": 10_000, "low_freq_factor": 1,
            "high_freq_factor": 4,
            "original_max_position_embeddings": 16,
        ]
        try checkpoint.write()
        // Wavelengths 2π and 200π against 16: between 16/4 and 16/1, and above.
        let factors = try floats("rope_freqs.weight", of: checkpoint.open())
        #expect(factors.count == 2 && factors[1] == 8)
        let smooth = (16 / (2 * Float.pi) - 1) / 3
        expectClose([factors[0]], [1 / ((1 - smooth) / 8 + smooth)], relativeError: 1e-6)
    }

    @Test func theWindowIsWrittenWhereTheModelUsesIt() throws {
        var checkpoint = try Tiny("MistralForCausalLM")
        checkpoint.configuration["sliding_window"] = 12
        try checkpoint.write()
        #expect(try checkpoint.open().metadata.integer("llama.attention.sliding_window") == 12)
        #expect(try checkpoint.open().notes.count == 1)
        checkpoint.configuration["sliding_window"] = NSNull()
        try checkpoint.write()
        #expect(try checkpoint.open().metadata["llama.attention.sliding_window"] == nil)
        checkpoint.configuration["sliding_window"] = 12
        for (kind, window) in [("sliding_attention", 12 as Int?), ("full_attention", nil)] {
            checkpoint.configuration["layer_types"] = [kind, kind]
            try checkpoint.write()
            let found = try checkpoint.open().metadata.integerIfPresent("llama.attention.sliding_window")
            #expect(found == window)
        }
        var qwen = try Tiny("Qwen2ForCausalLM")
        qwen.configuration.merge(["sliding_window": 12, "use_sliding_window": false]) { $1 }
        try qwen.write()
        #expect(try qwen.open().metadata["qwen2.attention.sliding_window"] == nil)
    }
}
