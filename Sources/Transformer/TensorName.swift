/// The names of a model's tensors in a GGUF file, each written once; those of functions
/// lack the `.weight` or `.bias`.
enum TensorName {
    static let tokenEmbedding = "token_embd.weight"
    static let outputNorm = "output_norm"
    static let output = "output"
    static let blockPrefix = "blk."
    /// Angles that old converters stored; they follow from the hyperparameters.
    static let rotaryTableSuffix = "attn_rot_embd.weight"
    static let ropeFactors = "rope_freqs.weight"
    static let longRopeFactors = "rope_factors_long.weight"
    static let shortRopeFactors = "rope_factors_short.weight"
    static let positionEmbedding = "position_embd.weight"

    static func attentionNorm(_ layer: Int) -> String { "blk.\(layer).attn_norm" }
    static func query(_ layer: Int) -> String { "blk.\(layer).attn_q" }
    static func key(_ layer: Int) -> String { "blk.\(layer).attn_k" }
    static func value(_ layer: Int) -> String { "blk.\(layer).attn_v" }
    /// The rows of query, key and value, one after the other.
    static func queryKeyValue(_ layer: Int) -> String { "blk.\(layer).attn_qkv" }
    static func queryNorm(_ layer: Int) -> String { "blk.\(layer).attn_q_norm" }
    static func keyNorm(_ layer: Int) -> String { "blk.\(layer).attn_k_norm" }
    static func attentionOutput(_ layer: Int) -> String { "blk.\(layer).attn_output" }
    static func attentionPostNorm(_ layer: Int) -> String { "blk.\(layer).post_attention_norm" }
    static func feedForwardNorm(_ layer: Int) -> String { "blk.\(layer).ffn_norm" }
    static func feedForwardPostNorm(_ layer: Int) -> String { "blk.\(layer).post_ffw_norm" }
    /// `ending` is empty, `_exps` for all experts in one tensor, `_shexp` for the one that all tokens share,
    /// or `.E` for expert E in old files.
    static func gate(_ layer: Int, _ ending: String = "") -> String { "blk.\(layer).ffn_gate\(ending)" }
    /// As `gate`; without a gate of its own it holds the rows of gate and up, one after the other.
    static func up(_ layer: Int, _ ending: String = "") -> String { "blk.\(layer).ffn_up\(ending)" }
    /// As `gate`.
    static func down(_ layer: Int, _ ending: String = "") -> String { "blk.\(layer).ffn_down\(ending)" }
    static func router(_ layer: Int) -> String { "blk.\(layer).ffn_gate_inp" }
    static func sharedExpertGate(_ layer: Int) -> String { "blk.\(layer).ffn_gate_inp_shexp" }
}
