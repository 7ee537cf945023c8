/// The names of a model's tensors in a GGUF file, each written once.
enum TensorName {
    static let tokenEmbedding = "token_embd.weight"
    static let outputNorm = "output_norm.weight"
    static let output = "output.weight"
    static let blockPrefix = "blk."
    /// Angles that old converters stored; they follow from the hyperparameters.
    static let rotaryTableSuffix = "attn_rot_embd.weight"
    static let ropeFactors = "rope_freqs.weight"

    static func attentionNorm(_ layer: Int) -> String { "blk.\(layer).attn_norm.weight" }
    static func query(_ layer: Int) -> String { "blk.\(layer).attn_q.weight" }
    static func key(_ layer: Int) -> String { "blk.\(layer).attn_k.weight" }
    static func value(_ layer: Int) -> String { "blk.\(layer).attn_v.weight" }
    static func attentionOutput(_ layer: Int) -> String { "blk.\(layer).attn_output.weight" }
    static func feedForwardNorm(_ layer: Int) -> String { "blk.\(layer).ffn_norm.weight" }
    static func queryBias(_ layer: Int) -> String { "blk.\(layer).attn_q.bias" }
    static func keyBias(_ layer: Int) -> String { "blk.\(layer).attn_k.bias" }
    static func valueBias(_ layer: Int) -> String { "blk.\(layer).attn_v.bias" }
    static func queryNorm(_ layer: Int) -> String { "blk.\(layer).attn_q_norm.weight" }
    static func keyNorm(_ layer: Int) -> String { "blk.\(layer).attn_k_norm.weight" }
    static func attentionPostNorm(_ layer: Int) -> String { "blk.\(layer).post_attention_norm.weight" }
    static func feedForwardPostNorm(_ layer: Int) -> String { "blk.\(layer).post_ffw_norm.weight" }
    static func gate(_ layer: Int) -> String { "blk.\(layer).ffn_gate.weight" }
    static func up(_ layer: Int) -> String { "blk.\(layer).ffn_up.weight" }
    static func down(_ layer: Int) -> String { "blk.\(layer).ffn_down.weight" }
}
