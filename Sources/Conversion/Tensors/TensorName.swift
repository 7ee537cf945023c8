/// The names of a model's tensors at both ends, each written once.
struct TensorNames {
    /// `blk.0`.
    let block: String
    /// `model.layers.0`, or `h.0`.
    let layer: String

    init(layer index: Int, _ family: CheckpointFamily) {
        block = "blk.\(index)"
        layer = family.hasGPT2Names ? "h.\(index)" : "model.layers.\(index)"
    }

    static let tokenEmbedding = "token_embd.weight"
    static let positionEmbedding = "position_embd.weight"
    static let output = "output.weight"
    static let outputBias = "output.bias"
    static let outputNorm = "output_norm"
    static let ropeFactors = "rope_freqs.weight"
    static let ropeShortFactors = "rope_factors_short.weight"
    static let ropeLongFactors = "rope_factors_long.weight"

    /// The tensor of a checkpoint under the one name that all makers' spellings have
    /// here: wrappers are taken off.
    static func canonical(_ name: String, _ family: CheckpointFamily) -> String {
        var name = name
        if family.hasGPT2Names {
            if name.hasPrefix("transformer.") { name.removeFirst("transformer.".count) }
            return name
        }
        for (prefix, replacement) in [
            ("model.language_model.", "model."), ("language_model.model.", "model."),
            ("language_model.lm_head.", "lm_head."),
        ] where name.hasPrefix(prefix) {
            return replacement + name.dropFirst(prefix.count)
        }
        return name
    }

    /// Whether a tensor that nothing reads may be left out: what can be computed, masks, and
    /// the part that sees images.
    static func isDropped(_ name: String, _ family: CheckpointFamily) -> Bool {
        if name.hasSuffix("rotary_emb.inv_freq") || name.hasSuffix(".masked_bias") { return true }
        switch family.architecture {
        case "gpt2":
            return name.hasPrefix("h.") && name.hasSuffix(".attn.bias")
        case "gemma3":
            let parts = ["vision_tower.", "multi_modal_projector."]
            return parts.contains { name.hasPrefix($0) || name.hasPrefix("model." + $0) }
        default:
            return false
        }
    }

    /// Whether a tensor is float32 in every file: llama.cpp and the engine's norms take nothing else.
    static func staysFloat32(_ name: String, shape: [Int]) -> Bool {
        shape.count == 1 || name.hasSuffix("_norm.weight") || !name.hasSuffix(".weight")
            || name.hasSuffix(".ffn_gate_inp.weight") || name.hasSuffix(".ffn_gate_inp_shexp.weight")
            || name == positionEmbedding
    }
}
