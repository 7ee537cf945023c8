/// What distinguishes one family of checkpoints from another: its names at both ends, and
/// what its tensors need.
///
/// The values are those of transformers' configuration and modelling classes; keys, names and transformations
/// are those that llama.cpp's converter writes, so that llama.cpp reads the result.
struct CheckpointFamily: Sendable {
    /// What `architectures` of `config.json` says.
    let modelClasses: [String]
    /// What `general.architecture` says.
    let architecture: String
    /// Tensors are named as GPT-2's (`wte`, `h.0`, `ln_f`); all others' names are much like Llama's.
    var hasGPT2Names = false
    /// Positions turn the queries and keys; otherwise they have an embedding of their own.
    var hasRotaryPositions = true
    /// The values of `rope_type` that are computed, in the order in which messages list them.
    var ropeTypes = ["default", "linear", "yarn"]
    /// The query and key rows of a head lie half by half in the checkpoint and pair by pair in the file.
    var permutesHeads = false
    /// The norms are stored less 1.
    var normsLackOne = false
    var normKind = NormKind.rms
    var attention = Attention.separate
    var feedForward = FeedForward.gated
    /// Each head of the queries and keys has a norm.
    var hasHeadNorms = false
    /// What attention and the MLP add has a norm of its own.
    var hasPostNorms = false
    /// Which products must have a bias, as those who read the file ask for it; others may.
    var biases = Biases.none
    /// What `tie_word_embeddings` is where the configuration does not say.
    var isTied = false
    /// llama.cpp has no tied form of this family: the matrix is written twice.
    var needsOutput = false
    var window = Window.none
    /// The names of the activation functions that the engine's one is.
    var activations = ["silu", "swish"]
    /// Where a configuration may leave out what transformers knows by heart.
    let defaults: Defaults

    /// How the blocks are normalised.
    enum NormKind: Sendable { case rms, layer }

    /// How the projections of attention are stored.
    enum Attention: Sendable {
        /// `q_proj`, `k_proj`, `v_proj`, `o_proj`; of Phi-2 the last is called `dense`.
        case separate
        /// `qkv_proj` (Phi-3).
        case fused
        /// `c_attn`, transposed (GPT-2).
        case transposed
    }

    /// How the MLP is stored.
    enum FeedForward: Sendable {
        /// `gate_proj`, `up_proj`, `down_proj`.
        case gated
        /// `gate_up_proj` in one (Phi-3).
        case fusedGate
        /// `fc1`, `fc2` (Phi-2).
        case plain
        /// `c_fc`, `c_proj`, transposed (GPT-2).
        case transposed
        /// `block_sparse_moe.experts.N.w1/w3/w2`: Mixtral.
        case mixtralExperts
        /// `mlp.experts.N.gate_proj/…`, with a shared expert or without: Qwen.
        case qwenExperts(hasSharedExpert: Bool)
    }

    /// Which products must have a bias.
    enum Biases: Sendable {
        case none
        /// Query, key and value.
        case projections
        /// Those of attention and the MLP, and the output where it is written.
        case all
    }

    /// Which blocks see a sliding window.
    enum Window: Sendable, Equatable {
        case none
        /// Every block, where the configuration has one (Mistral, Phi-3).
        case everywhere
        /// `use_sliding_window` of Qwen: refused where it is on and shorter than the context.
        case refused
        /// All blocks but each last of so many (Gemma).
        case period(Int)
    }

    /// What a configuration may leave out, as all versions of transformers have it.
    struct Defaults: Sendable {
        let contextLength: Int
        let normEpsilon: Double
        var headCount: Int?
        var keyValueHeadCount: Int?
        var headSize: Int?
        var rotaryBase = 10_000.0
        var localRotaryBase: Double?
        /// How much of a head is turned.
        var partialRotaryFactor = 1.0
    }
}

extension CheckpointFamily {
    /// Every family that is known, in the order in which messages list them.
    static let known: [CheckpointFamily] = [
        CheckpointFamily(
            modelClasses: ["LlamaForCausalLM", "LLaMAForCausalLM"], architecture: "llama",
            ropeTypes: llamaRopeTypes, permutesHeads: true,
            defaults: Defaults(contextLength: 2048, normEpsilon: 1e-6)),
        CheckpointFamily(
            modelClasses: ["MistralForCausalLM"], architecture: "llama", ropeTypes: llamaRopeTypes,
            permutesHeads: true,
            window: .everywhere, defaults: Defaults(contextLength: 131_072, normEpsilon: 1e-6)),
        CheckpointFamily(
            modelClasses: ["MixtralForCausalLM"], architecture: "llama", ropeTypes: llamaRopeTypes,
            permutesHeads: true,
            feedForward: .mixtralExperts, window: .everywhere,
            defaults: Defaults(contextLength: 131_072, normEpsilon: 1e-5, rotaryBase: 1e6)),
        CheckpointFamily(
            modelClasses: ["Qwen2ForCausalLM"], architecture: "qwen2", biases: .projections, window: .refused,
            defaults: Defaults(contextLength: 32768, normEpsilon: 1e-6)),
        CheckpointFamily(
            modelClasses: ["Qwen2MoeForCausalLM"], architecture: "qwen2moe",
            feedForward: .qwenExperts(hasSharedExpert: true), biases: .projections, needsOutput: true,
            window: .refused, defaults: Defaults(contextLength: 32768, normEpsilon: 1e-6)),
        CheckpointFamily(
            modelClasses: ["Qwen3ForCausalLM"], architecture: "qwen3", hasHeadNorms: true, window: .refused,
            defaults: Defaults(contextLength: 32768, normEpsilon: 1e-6, headSize: 128)),
        CheckpointFamily(
            modelClasses: ["Qwen3MoeForCausalLM"], architecture: "qwen3moe",
            feedForward: .qwenExperts(hasSharedExpert: false), hasHeadNorms: true, window: .refused,
            defaults: Defaults(contextLength: 32768, normEpsilon: 1e-6)),
        // The first configurations say "gelu" and mean its tanh form, which transformers
        // takes for this family.
        CheckpointFamily(
            modelClasses: ["GemmaForCausalLM"], architecture: "gemma", ropeTypes: ["default", "linear"],
            normsLackOne: true, isTied: true,
            activations: ["gelu_pytorch_tanh", "gelu"],
            defaults: Defaults(contextLength: 8192, normEpsilon: 1e-6, headSize: 256)),
        CheckpointFamily(
            modelClasses: ["Gemma2ForCausalLM"], architecture: "gemma2", ropeTypes: ["default", "linear"],
            normsLackOne: true, hasPostNorms: true,
            isTied: true, window: .period(2), activations: ["gelu_pytorch_tanh"],
            defaults: Defaults(contextLength: 8192, normEpsilon: 1e-6, headSize: 256)),
        CheckpointFamily(
            modelClasses: ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"], architecture: "gemma3",
            ropeTypes: ["default", "linear"], normsLackOne: true, hasHeadNorms: true, hasPostNorms: true,
            isTied: true, window: .period(6),
            activations: ["gelu_pytorch_tanh"],
            defaults: Defaults(
                contextLength: 131_072, normEpsilon: 1e-6, headCount: 8, keyValueHeadCount: 4, headSize: 256,
                rotaryBase: 1e6, localRotaryBase: 10_000)),
        CheckpointFamily(
            modelClasses: ["PhiForCausalLM"], architecture: "phi2", ropeTypes: ["default", "linear"],
            normKind: .layer, feedForward: .plain,
            biases: .all, needsOutput: true, activations: ["gelu_new", "gelu_pytorch_tanh"],
            defaults: Defaults(contextLength: 2048, normEpsilon: 1e-5, partialRotaryFactor: 0.5)),
        CheckpointFamily(
            modelClasses: ["Phi3ForCausalLM"], architecture: "phi3",
            ropeTypes: ["default", "linear", "longrope"], attention: .fused,
            feedForward: .fusedGate,
            window: .everywhere, defaults: Defaults(contextLength: 4096, normEpsilon: 1e-5)),
        CheckpointFamily(
            modelClasses: ["GPT2LMHeadModel"], architecture: "gpt2", hasGPT2Names: true,
            hasRotaryPositions: false, normKind: .layer, attention: .transposed,
            feedForward: .transposed, biases: .all, isTied: true,
            activations: ["gelu_new", "gelu_pytorch_tanh"],
            defaults: Defaults(contextLength: 1024, normEpsilon: 1e-5)),
    ]

    private static let llamaRopeTypes = ["default", "linear", "llama3", "yarn"]

    /// The family that a configuration names.
    init(_ configuration: ConfigurationFile) throws(ConversionError) {
        // Of a model with images the outer class counts, so the outermost scope.
        let named = configuration.scopes.last?.value("architectures")
        guard let names = named?.elements.compactMap(\.string), let name = names.first else {
            throw ConversionError(
                .missingField, path: configuration.path, field: "architectures",
                found: named?.excerpt ?? "nothing", allowed: "a list with the model's class")
        }
        guard let family = Self.known.first(where: { $0.modelClasses.contains(name) }) else {
            throw ConversionError(
                .unknownArchitecture, path: configuration.path, field: "architectures", found: name,
                allowed: Self.known.flatMap(\.modelClasses).joined(separator: ", "))
        }
        self = family
    }

    /// How many experts a block has, by the configuration's key; nil for a family without.
    var expertCountKeys: [String]? {
        switch feedForward {
        case .mixtralExperts, .qwenExperts: ["num_local_experts", "num_experts"]
        case .gated, .fusedGate, .plain, .transposed: nil
        }
    }
}
