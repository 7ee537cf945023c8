/// What distinguishes one model family from another: there is one block, and these are its options.
struct Architecture: Sendable, Equatable {
    /// As `general.architecture` has it; also the prefix of the family's metadata keys.
    let name: String
    /// Which values of a head the rotary embedding turns together; nil where positions are learned vectors
    /// that are added to the embedding.
    let rotaryPairing: RotaryEmbedding.Pairing?
    /// How the residual stream is normalised.
    var norm = Norm.rms
    /// What lies between the MLP's first and last matrix.
    var mlp = MLP.gated(.silu)
    /// Which products must have a bias; others may.
    var biases = Biases.none
    /// Whether each head of the queries and keys is normalised before it is turned.
    var hasHeadNorms = false
    /// Whether what attention and the MLP add is normalised once more before it is added.
    var hasPostNorms = false
    /// Whether the MLP reads the same normalised values as attention.
    var isParallel = false
    /// Whether the embedding is multiplied by √hiddenSize.
    var scalesEmbedding = false
    /// Which blocks see only a sliding window.
    var window = Window.whereGiven
    /// What `attention.sliding_window` is where the file does not say; nil for no window. Gemma 2's is
    /// the same number in transformers and in llama.cpp; a file of Gemma 3 without one has no local
    /// blocks, as llama.cpp reads it.
    var standardWindow: Int?
    /// Whether blocks with a sliding window have a rotary embedding of their own.
    var hasLocalRotary = false
    /// The depth of the one size whose attention divides by √(hiddenSize / headCount) and not by
    /// √headSize: the 27B Gemmas.
    var wideScaleLayerCount: Int?
    /// How far the scores of attention go.
    var attentionSoftCap = SoftCap.none
    /// How far the logits go.
    var logitSoftCap = SoftCap.none
    /// Whether the MLP is a mixture of experts; `llama` is where the file has experts.
    var experts = Experts.whereGiven

    enum Norm: Sendable, Equatable {
        /// x / √mean(x²) · gain
        case rms
        /// The mean is removed first, and a bias added.
        case layer
    }

    enum MLP: Sendable, Equatable {
        /// down(activation(gate(x)) · up(x))
        case gated(Activation)
        /// down(gelu(up(x)))
        case plain
    }

    /// What is applied to the gate.
    enum Activation: Sendable, Equatable {
        /// x / (1 + e^−x): SwiGLU.
        case silu
        /// The tanh form of GELU: GeGLU.
        case gelu
    }

    enum Biases: Sendable, Equatable {
        case none
        /// Query, key and value.
        case projections
        case all
    }

    enum Window: Sendable, Equatable {
        /// No block: llama.cpp reads no window there, and of Qwen's models that have one not all blocks do. A
        /// file that names one that is shorter than the context is refused.
        case none
        /// All blocks, where the file names a window.
        case whereGiven
        /// Of this many blocks in a row all but the last, unless the file has a pattern of its own.
        case period(Int)
    }

    /// What bounds values, and whether the file has a say in it.
    enum SoftCap: Sendable, Equatable {
        /// Nothing, whatever the file says: llama.cpp's own writer (`llama-finetune`) states Gemma 2's limits
        /// in files of all families, and no reader heeds them there.
        case none
        /// What the file says, and nothing where it does not.
        case whereGiven
        /// This where the file does not say.
        case standard(Double)
    }

    enum Experts: Sendable, Equatable {
        /// As many as the file says; the weights of those that are used sum to 1.
        case whereGiven
        /// Always; whether the weights of those that are used are made to sum to 1 where
        /// the file does not say.
        case always(normalizesWeights: Bool)
    }

    /// Every family that the forward pass computes.
    static let known: [Architecture] = [
        Architecture(name: "llama", rotaryPairing: .adjacent),
        Architecture(name: "qwen2", rotaryPairing: .halves, biases: .projections, window: .none),
        Architecture(name: "qwen3", rotaryPairing: .halves, hasHeadNorms: true, window: .none),
        Architecture(
            name: "qwen2moe", rotaryPairing: .halves, biases: .projections, window: .none,
            experts: .always(normalizesWeights: false)),
        Architecture(
            name: "qwen3moe", rotaryPairing: .halves, hasHeadNorms: true, window: .none,
            experts: .always(normalizesWeights: true)),
        Architecture(
            name: "gemma", rotaryPairing: .halves, mlp: .gated(.gelu), scalesEmbedding: true, window: .none),
        Architecture(
            name: "gemma2", rotaryPairing: .halves, mlp: .gated(.gelu), hasPostNorms: true,
            scalesEmbedding: true, window: .period(2), standardWindow: 4096, wideScaleLayerCount: 46,
            attentionSoftCap: .standard(50), logitSoftCap: .standard(30)),
        Architecture(
            name: "gemma3", rotaryPairing: .halves, mlp: .gated(.gelu), hasHeadNorms: true,
            hasPostNorms: true,
            scalesEmbedding: true, window: .period(6), hasLocalRotary: true, wideScaleLayerCount: 62,
            logitSoftCap: .whereGiven),
        Architecture(
            name: "phi2", rotaryPairing: .halves, norm: .layer, mlp: .plain, biases: .all, isParallel: true,
            window: .none),
        Architecture(name: "phi3", rotaryPairing: .halves),
        Architecture(
            name: "gpt2", rotaryPairing: nil, norm: .layer, mlp: .plain, biases: .all, window: .none),
    ]

    static func == (one: Architecture, other: Architecture) -> Bool { one.name == other.name }
}
