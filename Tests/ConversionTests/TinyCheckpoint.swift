import Conversion
import Foundation
import Safetensors
import _TestSupport

/// A checkpoint's folder of one family, a few kilobytes large, whose every number is known.
struct TinyCheckpoint {
    var configuration: [String: Any]
    /// Shapes by name, contiguous dimension last.
    var tensors: [(name: String, shape: [Int])]
    var type = SafetensorsType.float32
    /// Tensors with the numbers of another one.
    var copies: [String: String] = [:]
    /// Tensors of a type of their own.
    var types: [String: SafetensorsType] = [:]
    let folder: TemporaryFolder

    static let hidden = 16
    static let inner = 24
    static let vocabulary = 40

    init(_ modelClass: String) throws {
        folder = try TemporaryFolder()
        configuration = [
            "architectures": [modelClass], "hidden_size": Self.hidden, "intermediate_size": Self.inner,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 4,
            "vocab_size": Self.vocabulary, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
            "layer_norm_eps": 1e-5,
        ]
        tensors = []
        let (hidden, inner, vocabulary) = (Self.hidden, Self.inner, Self.vocabulary)
        if modelClass.hasPrefix("GPT2") {
            configuration["activation_function"] = "gelu_new"
            tensors = [
                ("transformer.wte.weight", [vocabulary, hidden]), ("transformer.wpe.weight", [64, hidden]),
                ("transformer.ln_f.weight", [hidden]), ("transformer.ln_f.bias", [hidden]),
            ]
            for layer in 0..<2 {
                for (name, shape) in [
                    ("ln_1.weight", [hidden]), ("ln_1.bias", [hidden]), ("ln_2.weight", [hidden]),
                    ("ln_2.bias", [hidden]),
                    ("attn.c_attn.weight", [hidden, 3 * hidden]), ("attn.c_attn.bias", [3 * hidden]),
                    ("attn.c_proj.weight", [hidden, hidden]), ("attn.c_proj.bias", [hidden]),
                    ("mlp.c_fc.weight", [hidden, inner]), ("mlp.c_fc.bias", [inner]),
                    ("mlp.c_proj.weight", [inner, hidden]), ("mlp.c_proj.bias", [hidden]),
                    ("attn.bias", [1, 1, 64, 64]), ("attn.masked_bias", [1]),
                ] { tensors.append(("transformer.h.\(layer).\(name)", shape)) }
            }
            return
        }
        tensors = [("model.embed_tokens.weight", [vocabulary, hidden]), ("model.norm.weight", [hidden])]
        let isGemma = modelClass.hasPrefix("Gemma")
        if isGemma {
            configuration.merge([
                "query_pre_attn_scalar": 4, "sliding_window": 8, "hidden_activation": "gelu_pytorch_tanh",
                "rope_parameters": [
                    "full_attention": ["rope_type": "default", "rope_theta": 1e6],
                    "sliding_attention": ["rope_type": "default", "rope_theta": 10_000],
                ],
            ]) { $1 }
        } else {
            configuration["tie_word_embeddings"] = false
            tensors.append(("lm_head.weight", [vocabulary, hidden]))
        }
        for layer in 0..<2 {
            func add(_ name: String, _ shape: [Int]) {
                tensors.append(("model.layers.\(layer).\(name)", shape))
            }
            add("input_layernorm.weight", [hidden])
            add("post_attention_layernorm.weight", [hidden])
            if isGemma {
                add("pre_feedforward_layernorm.weight", [hidden])
                add("post_feedforward_layernorm.weight", [hidden])
            }
            if modelClass.hasPrefix("Gemma3") || modelClass.hasPrefix("Qwen3") {
                add("self_attn.q_norm.weight", [4])
                add("self_attn.k_norm.weight", [4])
            }
            if modelClass.hasPrefix("Phi3") {
                add("self_attn.qkv_proj.weight", [32, hidden])
                add("mlp.gate_up_proj.weight", [2 * inner, hidden])
                add("mlp.down_proj.weight", [hidden, inner])
            } else {
                add("self_attn.q_proj.weight", [16, hidden])
                add("self_attn.k_proj.weight", [8, hidden])
                add("self_attn.v_proj.weight", [8, hidden])
            }
            add("self_attn.o_proj.weight", [hidden, 16])
            if modelClass == "LlamaForCausalLM" || modelClass.hasPrefix("Qwen2") {
                for (name, size) in [("q", 16), ("k", 8), ("v", 8)] {
                    add("self_attn.\(name)_proj.bias", [size])
                }
            }
            if modelClass.hasPrefix("Mixtral") {
                add("block_sparse_moe.gate.weight", [3, hidden])
                for expert in 0..<3 {
                    add("block_sparse_moe.experts.\(expert).w1.weight", [inner, hidden])
                    add("block_sparse_moe.experts.\(expert).w2.weight", [hidden, inner])
                    add("block_sparse_moe.experts.\(expert).w3.weight", [inner, hidden])
                }
            } else if !modelClass.hasPrefix("Phi3") {
                add("mlp.gate_proj.weight", [inner, hidden])
                add("mlp.up_proj.weight", [inner, hidden])
                add("mlp.down_proj.weight", [hidden, inner])
            }
        }
        if modelClass.hasPrefix("Mixtral") {
            configuration.merge(["num_local_experts": 3, "num_experts_per_tok": 2]) { $1 }
        }
    }

    /// The number at a place of a tensor: a multiple of 1/64 that float16 and bfloat16 hold.
    static func value(_ name: String, _ index: Int) -> Float {
        let seed = name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return Float((seed &+ index &* 37) % 127 - 63) / 64
    }

    /// All numbers of a tensor, row by row.
    static func values(_ name: String, _ shape: [Int]) -> [Float] {
        (0..<shape.reduce(1, *)).map { value(name, $0) }
    }

    /// Writes the configuration.
    func writeConfiguration() throws {
        try JSONSerialization.data(withJSONObject: configuration, options: [.sortedKeys])
            .write(to: URL(fileURLWithPath: folder.file("config.json")))
    }

    /// Writes both, the tensors in so many shards.
    func write(shards: Int = 1) throws {
        try writeConfiguration()
        guard shards > 1 else { return try write(tensors, to: "model.safetensors") }
        var map: [String: String] = [:]
        for shard in 0..<shards {
            let name = "model-\(shard).safetensors"
            let part = tensors.enumerated().filter { $0.offset % shards == shard }.map(\.element)
            for tensor in part { map[tensor.name] = name }
            try write(part, to: name)
        }
        try JSONSerialization.data(withJSONObject: ["weight_map": map])
            .write(to: URL(fileURLWithPath: folder.file("model.safetensors.index.json")))
    }

    /// Writes some tensors into one file.
    func write(_ tensors: [(name: String, shape: [Int])], to file: String) throws {
        var writer = SafetensorsWriter()
        for (name, shape) in tensors {
            let values = Self.values(copies[name] ?? name, shape)
            let type = types[name] ?? type
            switch type {
            case .bfloat16:
                writer.add(
                    name, shape: shape, type: type,
                    bytes: values.flatMap { value in
                        let bits = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
                        return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
                    })
            case .float16:
                writer.add(
                    name, shape: shape, type: type,
                    bytes: values.flatMap { value in
                        let bits = Float16(value).bitPattern
                        return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
                    })
            default: writer.add(name, shape: shape, floats: values)
            }
        }
        try writer.write(to: folder.file(file))
    }

    /// Writes both, with another number at the end of the last tensor; the type is float32.
    func write(last value: Float) throws {
        try write()
        var bytes = folder.read("model.safetensors") ?? []
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: withUnsafeBytes(of: value) { Array($0) })
        try folder.write(bytes, to: "model.safetensors")
    }

    /// The folder as a model.
    func open() throws -> CheckpointSource { try CheckpointSource(path: folder.path) }
}
