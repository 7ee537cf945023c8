/// The tensors of a model in the order in which llama.cpp's files have them: first those of the whole
/// model, then block by block.
extension TensorPlanner {
    /// Plans every tensor.
    mutating func planModel(_ rotary: RotaryParameters?) throws(ConversionError) {
        let hidden = sizes.hiddenSize
        let vocabulary = [sizes.vocabularySize, hidden]
        let embedding = family.hasGPT2Names ? "wte.weight" : "model.embed_tokens.weight"
        try add(TensorNames.tokenEmbedding, from: embedding, stored: vocabulary)
        if !family.hasRotaryPositions {
            try add(TensorNames.positionEmbedding, from: "wpe.weight", stored: [sizes.contextLength, hidden])
        }
        if !sizes.isTied {
            try add(TensorNames.output, from: "lm_head.weight", stored: vocabulary)
        } else {
            try leaveOut("lm_head.weight", copyOf: embedding)
            if family.needsOutput { try add(TensorNames.output, from: embedding, stored: vocabulary) }
        }
        try addBias(
            TensorNames.outputBias, "lm_head.bias", size: sizes.vocabularySize,
            isNeeded: family.needsOutput && family.biases == .all)
        try addNorm(
            TensorNames.outputNorm,
            from: family.hasGPT2Names
                ? "ln_f" : family.architecture == "phi2" ? "model.final_layernorm" : "model.norm",
            size: hidden)
        switch rotary?.scaling {
        case .factors(let factors): add(TensorNames.ropeFactors, values: factors)
        case .long(let short, let long, _, _):
            add(TensorNames.ropeLongFactors, values: long)
            add(TensorNames.ropeShortFactors, values: short)
        case .linear, .yarn, nil, .some(.none): break
        }
        for layer in 0..<sizes.layerCount {
            let names = TensorNames(layer: layer, family)
            try planAttention(names)
            try planFeedForward(names)
        }
        try checkThatAllAreRead()
    }

    private mutating func addNorm(_ name: String, from source: String, size: Int) throws(ConversionError) {
        try add(
            name + ".weight", from: source + ".weight", stored: [size], addend: family.normsLackOne ? 1 : 0)
        if family.normKind == .layer { try add(name + ".bias", from: source + ".bias", stored: [size]) }
    }

    private mutating func planAttention(_ names: TensorNames) throws(ConversionError) {
        let hidden = sizes.hiddenSize
        let (query, key) = (sizes.querySize, sizes.keyValueSize)
        if family.attention == .transposed {
            try addNorm("\(names.block).attn_norm", from: "\(names.layer).ln_1", size: hidden)
            try addTransposed(
                "\(names.block).attn_qkv", "\(names.layer).attn.c_attn", inputs: hidden, outputs: 3 * hidden)
            try addTransposed(
                "\(names.block).attn_output", "\(names.layer).attn.c_proj", inputs: hidden, outputs: hidden)
            return
        }
        let attention = "\(names.layer).self_attn"
        try addNorm("\(names.block).attn_norm", from: "\(names.layer).input_layernorm", size: hidden)
        if family.attention == .fused {
            try add(
                "\(names.block).attn_qkv.weight", from: "\(attention).qkv_proj.weight",
                stored: [query + 2 * key, hidden])
        } else {
            let order: TensorGather.Order =
                family.permutesHeads ? .pairedHeads(headRows: sizes.headSize) : .identity
            let needsBias = family.biases != .none
            try addLinear(
                "\(names.block).attn_q", "\(attention).q_proj", inputs: hidden, outputs: query, order: order,
                needsBias: needsBias)
            try addLinear(
                "\(names.block).attn_k", "\(attention).k_proj", inputs: hidden, outputs: key, order: order,
                needsBias: needsBias)
            try addLinear(
                "\(names.block).attn_v", "\(attention).v_proj", inputs: hidden, outputs: key,
                needsBias: needsBias)
        }
        if family.hasHeadNorms {
            try addNorm("\(names.block).attn_q_norm", from: "\(attention).q_norm", size: sizes.headSize)
            try addNorm("\(names.block).attn_k_norm", from: "\(attention).k_norm", size: sizes.headSize)
        }
        let output = family.architecture == "phi2" ? "dense" : "o_proj"
        try addLinear("\(names.block).attn_output", "\(attention).\(output)", inputs: query, outputs: hidden)
        if family.hasPostNorms {
            try addNorm(
                "\(names.block).post_attention_norm", from: "\(names.layer).post_attention_layernorm",
                size: hidden)
        }
    }

    private mutating func planFeedForward(_ names: TensorNames) throws(ConversionError) {
        let (hidden, inner) = (sizes.hiddenSize, sizes.feedForwardSize)
        let mlp = "\(names.layer).mlp"
        switch family.feedForward {
        case .plain:
            // One norm feeds attention and the MLP.
            try addLinear("\(names.block).ffn_up", "\(mlp).fc1", inputs: hidden, outputs: inner)
            try addLinear("\(names.block).ffn_down", "\(mlp).fc2", inputs: inner, outputs: hidden)
            return
        case .transposed:
            try addNorm("\(names.block).ffn_norm", from: "\(names.layer).ln_2", size: hidden)
            try addTransposed("\(names.block).ffn_up", "\(mlp).c_fc", inputs: hidden, outputs: inner)
            try addTransposed("\(names.block).ffn_down", "\(mlp).c_proj", inputs: inner, outputs: hidden)
            return
        default:
            break
        }
        try addNorm(
            "\(names.block).ffn_norm",
            from: "\(names.layer)."
                + (family.hasPostNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm"),
            size: hidden)
        switch family.feedForward {
        case .gated:
            try addLinear("\(names.block).ffn_gate", "\(mlp).gate_proj", inputs: hidden, outputs: inner)
            try addLinear("\(names.block).ffn_up", "\(mlp).up_proj", inputs: hidden, outputs: inner)
            try addLinear("\(names.block).ffn_down", "\(mlp).down_proj", inputs: inner, outputs: hidden)
        case .fusedGate:
            try addLinear("\(names.block).ffn_up", "\(mlp).gate_up_proj", inputs: hidden, outputs: 2 * inner)
            try addLinear("\(names.block).ffn_down", "\(mlp).down_proj", inputs: inner, outputs: hidden)
        case .mixtralExperts, .qwenExperts:
            try planExperts(names)
        case .plain, .transposed:
            break
        }
        if family.hasPostNorms {
            try addNorm(
                "\(names.block).post_ffw_norm", from: "\(names.layer).post_feedforward_layernorm",
                size: hidden)
        }
    }

    private mutating func planExperts(_ names: TensorNames) throws(ConversionError) {
        guard let experts = sizes.experts else { return }
        let (hidden, inner) = (sizes.hiddenSize, experts.feedForwardSize)
        // Mixtral's older name of the part; transformers 5 calls it mlp, as the others do.
        let old = "\(names.layer).block_sparse_moe"
        let mlp = has("\(old).gate.weight") ? old : "\(names.layer).mlp"
        try add(
            "\(names.block).ffn_gate_inp.weight", from: "\(mlp).gate.weight", stored: [experts.count, hidden])
        let fused = "\(mlp).experts.gate_up_proj"
        if has(fused) {
            // One tensor for all experts, the gate's rows before the others of each.
            for (name, first) in [("ffn_gate_exps", 0), ("ffn_up_exps", inner)] {
                try add(
                    "\(names.block).\(name).weight", from: fused, stored: [experts.count, 2 * inner, hidden],
                    shape: [hidden, inner, experts.count],
                    order: .slices(first: first, count: inner, stride: 2 * inner))
            }
            try add(
                "\(names.block).ffn_down_exps.weight", from: "\(mlp).experts.down_proj",
                stored: [experts.count, hidden, inner])
        } else {
            let isMixtral = has("\(mlp).experts.0.w1.weight")
            for (name, source, inputs, outputs) in [
                ("ffn_gate_exps", isMixtral ? "w1" : "gate_proj", hidden, inner),
                ("ffn_up_exps", isMixtral ? "w3" : "up_proj", hidden, inner),
                ("ffn_down_exps", isMixtral ? "w2" : "down_proj", inner, hidden),
            ] {
                var sources: [String] = []
                for expert in 0..<experts.count {
                    let source = "\(mlp).experts.\(expert).\(source).weight"
                    sources.append(source)
                    guard has(source) else { break }
                }
                try add(
                    "\(names.block).\(name).weight", from: sources, stored: [outputs, inputs],
                    shape: [inputs, outputs, experts.count])
            }
        }
        guard let shared = experts.sharedFeedForwardSize else { return }
        try add(
            "\(names.block).ffn_gate_inp_shexp.weight", from: "\(mlp).shared_expert_gate.weight",
            stored: [1, hidden],
            shape: [hidden])
        let expert = "\(mlp).shared_expert"
        try addLinear("\(names.block).ffn_gate_shexp", "\(expert).gate_proj", inputs: hidden, outputs: shared)
        try addLinear("\(names.block).ffn_up_shexp", "\(expert).up_proj", inputs: hidden, outputs: shared)
        try addLinear("\(names.block).ffn_down_shexp", "\(expert).down_proj", inputs: shared, outputs: hidden)
    }

    /// A matrix, and its bias where there is one or has to be one: in a family with all biases everywhere.
    private mutating func addLinear(
        _ name: String, _ source: String, inputs: Int, outputs: Int, order: TensorGather.Order = .identity,
        needsBias: Bool = false
    ) throws(ConversionError) {
        try add(name + ".weight", from: source + ".weight", stored: [outputs, inputs], order: order)
        try addBias(
            name + ".bias", source + ".bias", size: outputs, order: order,
            isNeeded: needsBias || family.biases == .all)
    }

    private mutating func addBias(
        _ name: String, _ source: String, size: Int, order: TensorGather.Order = .identity, isNeeded: Bool
    ) throws(ConversionError) {
        guard isNeeded || has(source) else { return }
        try add(name, from: source, stored: [size], order: order)
    }

    /// GPT-2's matrices, which are stored by columns, with their biases.
    private mutating func addTransposed(
        _ name: String, _ source: String, inputs: Int, outputs: Int
    ) throws(ConversionError) {
        try add(
            name + ".weight", from: source + ".weight", stored: [inputs, outputs], shape: [inputs, outputs],
            order: .transposed)
        try add(name + ".bias", from: source + ".bias", stored: [outputs])
    }
}
