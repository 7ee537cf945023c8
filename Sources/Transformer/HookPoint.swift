public import Terms

/// A place in the forward pass where a hidden state can be read or changed.
///
/// The names are TransformerLens's. Steering and capture meet at `residualPost`: the output of a block after
/// both residual additions, before the next block and before the final norm, which is where llama.cpp and
/// repeng apply `direction.N`.
public enum HookPoint: Hashable, Sendable, Codable {
    /// The token embedding, as it enters block 0. Width: hiddenSize.
    case embedding
    /// The residual stream as it enters a block. Width: hiddenSize.
    case residualPre(LayerIndex)
    /// What attention adds to the residual stream. Width: hiddenSize.
    case attentionOutput(LayerIndex)
    /// The residual stream between attention and the MLP. Width: hiddenSize.
    case residualMid(LayerIndex)
    /// What the MLP adds to the residual stream. Width: hiddenSize.
    case mlpOutput(LayerIndex)
    /// The residual stream as it leaves a block. Width: hiddenSize.
    case residualPost(LayerIndex)
    /// The normalised residual stream that the output matrix reads. Width: hiddenSize.
    case finalNorm
    /// The unnormalised log-probabilities of the next token. Width: vocabularySize.
    case logits
}

extension HookPoint {
    /// The block that the hook point belongs to; nil before the first and after the last.
    public var layer: LayerIndex? {
        switch self {
        case .residualPre(let layer), .attentionOutput(let layer), .residualMid(let layer),
            .mlpOutput(let layer), .residualPost(let layer):
            layer
        case .embedding, .finalNorm, .logits: nil
        }
    }

    /// The name that capture files use, for example `residual_post.9`.
    public var name: String {
        switch self {
        case .embedding: "embedding"
        case .residualPre(let layer): "residual_pre.\(layer)"
        case .attentionOutput(let layer): "attention_output.\(layer)"
        case .residualMid(let layer): "residual_mid.\(layer)"
        case .mlpOutput(let layer): "mlp_output.\(layer)"
        case .residualPost(let layer): "residual_post.\(layer)"
        case .finalNorm: "final_norm"
        case .logits: "logits"
        }
    }
}
