/// What distinguishes one model family from another: there is one block, and these are its options.
struct Architecture: Sendable, Equatable {
    /// As `general.architecture` has it; also the prefix of the family's metadata keys.
    let name: String
    /// Which values of a head the rotary embedding turns together.
    let rotaryPairing: RotaryEmbedding.Pairing
    /// What is applied to the gate.
    var activation = Activation.silu
    /// Whether the query, key and value projections add a bias.
    var hasProjectionBiases = false
    /// Whether each head of the queries and keys is normalised before it is turned.
    var hasHeadNorms = false
    /// Whether what attention and the MLP add is normalised once more before it is added.
    var hasPostNorms = false
    /// Whether the embedding is multiplied by √hiddenSize.
    var scalesEmbedding = false
    /// Of this many blocks in a row the last sees everything and the others a sliding window; nil where all see everything.
    var windowPeriod: Int?
    /// The depth of the one size whose attention divides by √(hiddenSize / headCount) and not by √headSize: Gemma 3 27B.
    var wideScaleLayerCount: Int?

    /// What is applied to the gate of the MLP.
    enum Activation: Sendable, Equatable {
        /// x / (1 + e^−x): SwiGLU.
        case silu
        /// The tanh form of GELU: GeGLU.
        case gelu
    }

    /// Every family that the forward pass computes.
    static let known: [Architecture] = [
        Architecture(name: "llama", rotaryPairing: .adjacent),
        Architecture(name: "qwen2", rotaryPairing: .halves, hasProjectionBiases: true),
        Architecture(name: "qwen3", rotaryPairing: .halves, hasHeadNorms: true),
        Architecture(
            name: "gemma3", rotaryPairing: .halves, activation: .gelu, hasHeadNorms: true, hasPostNorms: true,
            scalesEmbedding: true, windowPeriod: 6, wideScaleLayerCount: 62),
    ]

    /// Whether a block sees only the sliding window.
    func isLocal(layer: Int) -> Bool {
        windowPeriod.map { layer % $0 < $0 - 1 } ?? false
    }
}
