import GGUF

/// The hyperparameters under the keys of llama.cpp, each written once here.
struct ModelMetadata {
    private(set) var metadata: GGUFMetadata
    private let prefix: String

    init(
        path: String, name: String, file: ConfigurationFile, family: CheckpointFamily, sizes: Hyperparameters,
        rotary: RotaryParameters?, window: Int?
    ) throws(ConversionError) {
        metadata = GGUFMetadata(path: path)
        prefix = family.architecture
        metadata["general.architecture"] = .text(family.architecture)
        metadata["general.type"] = .text("model")
        metadata[TokenizerKey.modelName] = .text(name)
        // ggml's number of its block formats' layout.
        metadata["general.quantization_version"] = .uint32(2)
        set("block_count", sizes.layerCount)
        set("context_length", sizes.contextLength)
        set("embedding_length", sizes.hiddenSize)
        set("feed_forward_length", sizes.feedForwardSize)
        set("attention.head_count", sizes.headCount)
        set("attention.head_count_kv", sizes.keyValueHeadCount)
        set("attention.key_length", sizes.headSize)
        set("attention.value_length", sizes.headSize)
        set("vocab_size", sizes.vocabularySize)
        switch family.normKind {
        case .rms: set("attention.layer_norm_rms_epsilon", sizes.normEpsilon)
        case .layer: set("attention.layer_norm_epsilon", sizes.normEpsilon)
        }
        if let window { set("attention.sliding_window", window) }
        if let experts = sizes.experts {
            set("expert_count", experts.count)
            set("expert_used_count", experts.usedCount)
            if case .qwenExperts = family.feedForward {
                set("expert_feed_forward_length", experts.feedForwardSize)
                metadata["\(prefix).expert_weights_norm"] = .bool(experts.normalizesWeights)
            }
            if let shared = experts.sharedFeedForwardSize { set("expert_shared_feed_forward_length", shared) }
        }
        if let rotary {
            set("rope.dimension_count", sizes.rotaryDimensionCount)
            set(rotary, contextLength: sizes.contextLength)
        }
        try setSoftCaps(file, family)
    }

    private mutating func set(_ key: String, _ value: Int) {
        // Every size has been checked to be at most 2³¹.
        metadata["\(prefix).\(key)"] = .uint32(UInt32(clamping: value))
    }

    private mutating func set(_ key: String, _ value: Double) {
        metadata["\(prefix).\(key)"] = .float32(Float(value))
    }

    private mutating func set(_ rotary: RotaryParameters, contextLength: Int) {
        // llama.cpp's Phi-3 wants the length also where nothing is scaled.
        let alwaysHasLength = prefix == "phi3"
        set("rope.freq_base", rotary.base)
        if let local = rotary.localBase { set("rope.freq_base_swa", local) }
        switch rotary.scaling {
        case .none, .factors:
            if alwaysHasLength { set("rope.scaling.original_context_length", contextLength) }
        case .linear(let factor):
            metadata["\(prefix).rope.scaling.type"] = .text("linear")
            set("rope.scaling.factor", factor)
            if alwaysHasLength { set("rope.scaling.original_context_length", contextLength) }
        case .yarn(let factor, let original, let attention, let fast, let slow):
            metadata["\(prefix).rope.scaling.type"] = .text("yarn")
            set("rope.scaling.factor", factor)
            set("rope.scaling.original_context_length", original)
            // llama.cpp's own key, yarn_attn_factor, is overwritten by it; this one multiplies
            // what YaRN scales by itself.
            if abs(attention - 1) > 1e-6 { set("rope.scaling.attn_factor", attention) }
            if let fast { set("rope.scaling.yarn_beta_fast", fast) }
            if let slow { set("rope.scaling.yarn_beta_slow", slow) }
        case .long(_, _, let original, let attention):
            metadata["\(prefix).rope.scaling.type"] = .text("longrope")
            set("rope.scaling.original_context_length", original)
            set("rope.scaling.attn_factor", attention)
        }
    }

    private mutating func setSoftCaps(
        _ file: ConfigurationFile, _ family: CheckpointFamily
    ) throws(ConversionError) {
        // Where a key is missing transformers takes 50 and 30 for Gemma 2; llama.cpp takes them for null too.
        for (key, name, fallback) in [
            ("attn_logit_softcapping", "attn_logit_softcapping", 50.0),
            ("final_logit_softcapping", "final_logit_softcapping", 30.0),
        ] {
            switch family.architecture {
            case "gemma2":
                let isUnsaid = file.scopes.allSatisfy { $0[key] == nil }
                guard let cap = isUnsaid ? fallback : try file.numberIfPresent(key) else {
                    throw file.unsupported(key, found: "null", allowed: "a number")
                }
                set(name, cap)
            case "gemma3" where key == "final_logit_softcapping":
                if let cap = try file.numberIfPresent(key) { set(name, cap) }
            default:
                break
            }
        }
    }
}
