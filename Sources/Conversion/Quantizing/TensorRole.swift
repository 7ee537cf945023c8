internal import GGUF

/// What a tensor does in a model, as far as its bits depend on it.
enum TensorRole: Equatable {
    /// Kept as it is: norms, biases, vectors, routers, and small tables that cost nothing and matter.
    case kept
    case embedding
    case output
    /// Attention values, alone or fused with others: the most sensitive of the large tensors.
    case attentionValue
    case attentionKey
    case attentionOutput
    case feedForwardDown
    /// Every other matrix.
    case other

    init(_ tensor: GGUFTensorInfo) {
        guard Self.isMatrix(tensor), tensor.name.hasSuffix("weight"),
            !Self.keptNames.contains(where: tensor.name.contains)
        else {
            self = .kept
            return
        }
        switch tensor.name {
        case "output.weight": self = .output
        case "token_embd.weight", "per_layer_token_embd.weight": self = .embedding
        case let name where Self.valueNames.contains(where: name.contains): self = .attentionValue
        case let name where name.contains("attn_k.weight"): self = .attentionKey
        case let name where name.contains("attn_output.weight"): self = .attentionOutput
        case let name where name.contains("ffn_down"): self = .feedForwardDown
        default: self = .other
        }
    }

    /// Two dimensions that are more than 1; a vector may be written with dimensions of 1 behind it.
    private static func isMatrix(_ tensor: GGUFTensorInfo) -> Bool {
        tensor.shape.dropFirst().contains { $0 > 1 }
    }

    private static let valueNames = ["attn_v.weight", "attn_qkv.weight", "attn_kv_b.weight"]

    /// Parts of the names that llama.cpp does not quantise (llama-quant.cpp,
    /// `tensor_allows_quantization`), for text models.
    private static let keptNames = [
        "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel",
        "per_layer_model_proj", "position_embd", "token_types", "ssm_conv1d", "shortconv.conv.weight",
        "indexer.k_proj.weight", "indexer.q_proj.weight", "time_mix_first.weight", "time_mix_w0.weight",
        "time_mix_w1.weight", "time_mix_w2.weight", "time_mix_v0.weight", "time_mix_v1.weight",
        "time_mix_v2.weight", "time_mix_a0.weight", "time_mix_a1.weight", "time_mix_a2.weight",
        "time_mix_g1.weight", "time_mix_g2.weight", "time_mix_decay_w1.weight", "time_mix_decay_w2.weight",
        "time_mix_lerp_fused.weight", "attn_rel_b.weight",
    ]
}
