/// Refuses what a configuration may ask for and what is not computed: better no model than a
/// model that is a little wrong.
struct FamilyChecks {
    let file: ConfigurationFile
    let family: CheckpointFamily
    let sizes: Hyperparameters

    /// All checks, and the sliding window that blocks see, where there is one.
    func run() throws(ConversionError) -> Int? {
        try checkQuantization()
        try checkActivation()
        // Embedding models that are built on these classes say that a token sees what follows it.
        try file.require("is_causal", is: true)
        switch family.architecture {
        case "gpt2":
            try file.require("scale_attn_weights", is: true)
            try file.require("scale_attn_by_inverse_layer_idx", is: false)
            try file.require("add_cross_attention", is: false)
        case "phi2":
            try file.require("qk_layernorm", is: false)
        case "qwen2moe", "qwen3moe":
            try checkExperts()
            if family.biases == .projections { try file.require("qkv_bias", is: true) }
        case "gemma2":
            try checkQueryScale(wideLayerCount: 46)
            try file.require("use_bidirectional_attention", is: false)
        case "gemma3":
            try checkQueryScale(wideLayerCount: 62)
            try file.require("use_bidirectional_attention", is: false)
            if file.node(["attn_logit_softcapping"]) != nil {
                throw file.unsupported("attn_logit_softcapping", allowed: "null")
            }
        default:
            break
        }
        return try window()
    }

    private func checkQuantization() throws(ConversionError) {
        for key in ["quantization_config", "compression_config"] {
            guard let (key, value) = file.node([key]) else { continue }
            let method = value.value("quant_method")?.string ?? value.value("format")?.string
            throw ConversionError(
                .quantizedCheckpoint, path: file.path, field: key, found: method ?? value.excerpt,
                allowed: "weights in float32, float16 or bfloat16")
        }
    }

    private func checkActivation() throws(ConversionError) {
        // Gemma's newer key counts, as in transformers.
        let keys =
            family.architecture.hasPrefix("gemma")
            ? ["hidden_activation", "hidden_act"]
            : ["hidden_act", "activation_function", "hidden_activation"]
        guard let (key, value) = file.node(keys) else { return }
        guard let name = value.string, family.activations.contains(name) else {
            throw ConversionError(
                .unsupportedFeature, path: file.path, field: key, found: value.excerpt,
                allowed: family.activations.joined(separator: " or "))
        }
    }

    private func checkExperts() throws(ConversionError) {
        guard try file.integer("decoder_sparse_step", in: 1...(1 << 20), default: 1) == 1 else {
            throw file.unsupported("decoder_sparse_step", allowed: "1")
        }
        if let (_, layers) = file.node(["mlp_only_layers"]), !layers.elements.isEmpty || !layers.isArray {
            throw file.unsupported("mlp_only_layers", allowed: "no layers")
        }
    }

    /// The engine, as llama.cpp, divides by √headSize, but in the one largest model of each family by
    /// √(hiddenSize / headCount).
    private func checkQueryScale(wideLayerCount: Int) throws(ConversionError) {
        let expected =
            sizes.layerCount == wideLayerCount
            ? Double(sizes.hiddenSize / sizes.headCount) : Double(sizes.headSize)
        guard let found = try file.numberIfPresent("query_pre_attn_scalar") ?? 256 as Double?,
            found == expected
        else {
            throw file.unsupported(
                "query_pre_attn_scalar",
                found: file.node(["query_pre_attn_scalar"])?.value.excerpt ?? "nothing, which means 256",
                allowed: "\(expected)")
        }
    }

    private func window() throws(ConversionError) -> Int? {
        let key = "sliding_window"
        let isUnsaid = file.scopes.allSatisfy { $0[key] == nil }
        let stated = try file.integerIfPresent([key], in: 0...(1 << 30))
        let found = stated == 0 ? nil : stated
        switch family.window {
        case .none:
            return nil
        case .everywhere:
            // Mistral's own class has 4096 where the file says nothing; null means none.
            let isMistral = family.modelClasses.contains("MistralForCausalLM")
            guard let window = isMistral && isUnsaid ? 4096 : found else { return nil }
            guard let types = layerTypes() else { return window }
            // Only Mistral's class has a kind of layer without the window (transformers
            // then calls it Ministral).
            if isMistral, types == Array(repeating: "full_attention", count: sizes.layerCount) { return nil }
            guard types == Array(repeating: "sliding_attention", count: sizes.layerCount) else {
                throw file.unsupported(
                    "layer_types", allowed: "sliding_attention in all blocks, as there is a \(key)")
            }
            return window
        case .refused:
            let isOn = try file.boolean("use_sliding_window", default: false)
            // Qwen3-MoE's class has no kinds of layers: one of that name is nothing to it.
            let types = family.architecture == "qwen3moe" ? nil : layerTypes()
            let isUsed = types.map { $0.contains { $0 != "full_attention" } } ?? isOn
            if isOn, isUsed, found ?? 4096 < sizes.contextLength {
                throw file.unsupported("use_sliding_window", allowed: "false")
            }
            return nil
        case .period(let period):
            guard let window = isUnsaid ? 4096 : found else {
                throw file.unsupported(key, found: "null", allowed: "a number of tokens")
            }
            try checkPattern(period: period)
            return window
        }
    }

    private func layerTypes() -> [String]? {
        file.node(["layer_types"]).map { $0.value.elements.map { $0.string ?? "" } }
    }

    private func checkPattern(period: Int) throws(ConversionError) {
        if let types = layerTypes() {
            let expected = (0..<sizes.layerCount).map { layer in
                layer % period < period - 1 ? "sliding_attention" : "full_attention"
            }
            guard types == expected else {
                throw file.unsupported(
                    "layer_types", allowed: "each block number \(period) full, all others sliding")
            }
        } else if let found = try file.integerIfPresent(
            ["sliding_window_pattern", "_sliding_window_pattern"], in: 1...(1 << 20)), found != period
        {
            throw file.unsupported("sliding_window_pattern", found: "\(found)", allowed: "\(period)")
        }
    }
}
