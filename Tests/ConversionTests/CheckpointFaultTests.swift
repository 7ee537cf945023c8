import Conversion
import Foundation
import Safetensors
import Testing
import _TestSupport

/// Folders that are no model, or not one that is computed right: each is refused by name.
@Suite struct CheckpointFaultTests {
    private func code(_ checkpoint: TinyCheckpoint) throws -> String {
        let error = #expect(throws: ConversionError.self) { try checkpoint.open() }
        return error?.code ?? "none"
    }

    @Test(arguments: [
        ("LlamaForCausalLM", "hidden_act", "gelu", "unsupportedFeature"),
        ("LlamaForCausalLM", "architectures", "[\"FalconForCausalLM\"]", "unknownArchitecture"),
        ("LlamaForCausalLM", "architectures", "null", "missingField"),
        ("LlamaForCausalLM", "quantization_config", "{\"quant_method\": \"awq\"}", "quantizedCheckpoint"),
        ("LlamaForCausalLM", "num_key_value_heads", "3", "fieldOutOfRange"),
        ("LlamaForCausalLM", "num_hidden_layers", "4000", "missingTensor"),
        ("LlamaForCausalLM", "num_hidden_layers", "1", "unexpectedTensor"),
        ("LlamaForCausalLM", "hidden_size", "32", "wrongShape"),
        ("LlamaForCausalLM", "rms_norm_eps", "0", "fieldOutOfRange"),
        ("LlamaForCausalLM", "vocab_size", "null", "missingField"),
        (
            "LlamaForCausalLM", "rope_scaling", "{\"rope_type\": \"dynamic\", \"factor\": 2}",
            "unsupportedFeature"
        ),
        ("LlamaForCausalLM", "partial_rotary_factor", "0.5", "unsupportedFeature"),
        ("LlamaForCausalLM", "is_causal", "false", "unsupportedFeature"),
        ("GPT2LMHeadModel", "is_causal", "false", "unsupportedFeature"),
        ("Qwen2ForCausalLM", "use_sliding_window", "true", "unsupportedFeature"),
        ("Qwen2ForCausalLM", "rope_scaling", "{\"rope_type\": \"llama3\"}", "unsupportedFeature"),
        ("Gemma2ForCausalLM", "attn_logit_softcapping", "null", "unsupportedFeature"),
        ("Gemma2ForCausalLM", "query_pre_attn_scalar", "144", "unsupportedFeature"),
        (
            "Gemma3ForCausalLM", "layer_types", "[\"full_attention\", \"full_attention\"]",
            "unsupportedFeature"
        ),
        (
            "MistralForCausalLM", "layer_types", "[\"sliding_attention\", \"full_attention\"]",
            "unsupportedFeature"
        ),
        ("MistralForCausalLM", "layer_types", "[\"sliding_attention\"]", "unsupportedFeature"),
        (
            "MixtralForCausalLM", "layer_types", "[\"full_attention\", \"full_attention\"]",
            "unsupportedFeature"
        ),
        ("GPT2LMHeadModel", "scale_attn_by_inverse_layer_idx", "true", "unsupportedFeature"),
        ("MixtralForCausalLM", "num_experts_per_tok", "4", "fieldOutOfRange"),
        ("MixtralForCausalLM", "num_local_experts", "4096", "wrongShape"),
    ])
    func whatCannotBeComputedIsRefused(
        modelClass: String, key: String, value: String, expected: String
    ) throws {
        var checkpoint = try TinyCheckpoint(modelClass)
        checkpoint.configuration["sliding_window"] = checkpoint.configuration["sliding_window"] ?? 16
        checkpoint.configuration[key] =
            (try? JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)) ?? value
        try checkpoint.write()
        #expect(try code(checkpoint) == expected)
    }

    /// The configuration is checked before the tensors, of which there are none of experts here.
    @Test(arguments: [
        ("Qwen2ForCausalLM", "none"), ("Qwen3ForCausalLM", "none"),
        ("Qwen3MoeForCausalLM", "unsupportedFeature"),
    ])
    func kindsOfLayersAreNothingToQwen3MoE(modelClass: String, expected: String) throws {
        var checkpoint = try TinyCheckpoint(modelClass)
        checkpoint.configuration.merge([
            "num_experts": 3, "num_experts_per_tok": 2, "moe_intermediate_size": TinyCheckpoint.inner,
            "use_sliding_window": true, "sliding_window": 16,
            "layer_types": ["full_attention", "full_attention"],
        ]) { $1 }
        try checkpoint.write()
        guard expected == "none" else {
            let error = #expect(throws: ConversionError.self) { try checkpoint.open() }
            #expect(error?.code == expected && error?.field == "use_sliding_window")
            return
        }
        _ = try checkpoint.open()
    }

    @Test(arguments: ["MixtralForCausalLM", "Gemma3ForCausalLM", "GPT2LMHeadModel"])
    func noValueOfAnyKeyTraps(modelClass: String) throws {
        let checkpoint = try TinyCheckpoint(modelClass)
        try checkpoint.write()
        _ = try checkpoint.open()
        let text = String(decoding: try #require(checkpoint.folder.read("config.json")), as: UTF8.self)
        let keys =
            Array(checkpoint.configuration.keys) + [
                "sliding_window", "rope_scaling", "rope_parameters", "head_dim", "rope_theta", "layer_types",
                "tie_word_embeddings", "partial_rotary_factor", "eos_token_id", "text_config",
                "quantization_config",
                "final_logit_softcapping", "use_sliding_window", "n_inner", "n_head",
                "original_max_position_embeddings",
            ]
        let values = [
            "null", "-1", "0", "1", "3", "1e30", "1e400", "NaN", "-Infinity", "9223372036854775807",
            "99999999999999999999",
            "0.5", "\"x\"", "\"\"", "[]", "[1]", "[[]]", "{}", "true",
            "{\"rope_type\": \"longrope\", \"short_factor\": [1]}",
            "{\"rope_type\": \"yarn\", \"factor\": 1e-40}", "{\"rope_type\": \"llama3\", \"factor\": NaN}",
            "{\"full_attention\": 3, \"sliding_attention\": {\"rope_type\": \"yarn\"}}",
        ]
        var object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        // Each key meets a third of the values, each value a third of the keys of a family.
        for (turn, key) in Set(keys).sorted().enumerated() {
            let kept = object[key]
            object[key] = nil
            let rest = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
            for (index, value) in values.enumerated() where (index + turn) % 3 == 0 {
                let changed = "{\"\(key)\": \(value), " + rest.dropFirst()
                try checkpoint.folder.write(Array(changed.utf8), to: "config.json")
                do {
                    let source = try checkpoint.open()
                    for tensor in source.tensors { _ = source.bytes(of: tensor).count }
                } catch is ConversionError {
                } catch {
                    Issue.record("\(key) = \(value): \(error)")
                }
            }
            try checkpoint.folder.write(Array(rest.utf8), to: "config.json")
            _ = try? checkpoint.open()
            object[key] = kept
        }
    }

    @Test func aConfigurationCutAnywhereIsRefused() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write()
        let bytes = try #require(checkpoint.folder.read("config.json"))
        for count in 0..<bytes.count {
            try checkpoint.folder.write(bytes.prefix(count), to: "config.json")
            #expect(throws: ConversionError.self) { try checkpoint.open() }
        }
    }

    @Test(arguments: [
        ("../outside.safetensors", "badShardPath"), ("/etc/passwd.safetensors", "badShardPath"),
        ("absent.safetensors", "missingShard"), ("model-1.safetensors", "tensorNotFound"),
    ])
    func anIndexThatLeadsElsewhereIsRefused(file: String, expected: String) throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write(shards: 2)
        let name = "model.safetensors.index.json"
        let index = String(decoding: try #require(checkpoint.folder.read(name)), as: UTF8.self)
            .replacingOccurrences(of: "\\/", with: "/")
        var object =
            try JSONSerialization.jsonObject(with: Data(index.utf8)) as? [String: [String: String]] ?? [:]
        object["weight_map"]?["model.embed_tokens.weight"] = file
        try checkpoint.folder.write(JSONSerialization.data(withJSONObject: object), to: name)
        #expect(try code(checkpoint) == expected)
    }

    @Test func aTensorInTwoShardsIsRefused() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write(shards: 2)
        try checkpoint.write(checkpoint.tensors, to: "model-1.safetensors")
        #expect(try code(checkpoint) == "duplicateTensor")
    }

    @Test func unknownPartsAndTypesAreRefused() throws {
        var checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        checkpoint.tensors.append(("model.layers.0.self_attn.rotary_emb.inv_freq", [2]))
        try checkpoint.write()
        _ = try checkpoint.open()
        checkpoint.tensors.append(("model.layers.0.self_attn.lora_A.weight", [2]))
        try checkpoint.write()
        #expect(try code(checkpoint) == "unexpectedTensor")
        try FileManager.default.removeItem(atPath: checkpoint.folder.file("model.safetensors"))
        #expect(try code(checkpoint) == "noTensorFiles")
    }

    @Test func aFolderWithoutAConfigurationIsNoCheckpoint() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: ConversionError.self) { try openModel(path: folder.path) }
        #expect(error?.kind == .notACheckpoint)
    }

    @Test func aBaseIsNotTakenForTheModelThatAnAdapterBesideItMakes() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write()
        _ = try checkpoint.open()
        try checkpoint.folder.write("{}".utf8, to: "adapter_config.json")
        let error = #expect(throws: ConversionError.self) { try checkpoint.open() }
        #expect(
            error?.kind == .notACheckpoint && error?.found.hasPrefix("an adapter beside its base") == true)
    }

    @Test func whatIsNoFolderOfACheckpointIsCalledWhatItIs() throws {
        let folder = try TemporaryFolder()
        let adapter = try TemporaryFolder()
        try adapter.write("{}".utf8, to: "adapter_config.json")
        for (path, found) in [
            (try folder.write("GGUF".utf8, to: "model.gguf"), "a file"),
            (folder.file("none"), "nothing of that name"),
            (folder.path, "no config.json"),
            (adapter.path, "an adapter, which has to be merged into its base first"),
        ] {
            let error = #expect(throws: ConversionError.self) { try CheckpointSource(path: path) }
            #expect(error?.kind == .notACheckpoint && error?.found == found)
            #expect(error?.message == "\(path) is no checkpoint's folder: found \(found)")
            #expect(error?.remedy?.contains("folder of a checkpoint") == true)
        }
    }
}
