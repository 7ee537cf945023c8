import GGUF

extension ModelConfiguration {
    /// Reads the hyperparameters of a model file and checks that the forward pass can compute them.
    init(_ file: any ModelSource) throws(TransformerError) {
        var reader = HyperparameterReader(file: file)
        let family = try reader.architecture()
        reader.prefix = family.name
        traits = family
        architecture = family.name
        name = try reader.modelName()
        let layerCount = try reader.count("block_count", atMost: 4096)
        let hiddenSize = try reader.count("embedding_length", atMost: 1 << 20)
        self.layerCount = layerCount
        self.hiddenSize = hiddenSize
        contextLength = try reader.count("context_length", atMost: 1 << 30)
        headCount = try reader.count("attention.head_count", atMost: 1 << 16)
        keyValueHeadCount =
            try reader.countIfPresent("attention.head_count_kv", atMost: 1 << 16) ?? headCount
        try reader.require(
            headCount % keyValueHeadCount == 0, "attention.head_count_kv", keyValueHeadCount,
            "a divisor of \(headCount), the head count")
        headSize = try reader.headSize(hiddenSize: hiddenSize, headCount: headCount)
        try reader.checkCausality()
        experts = try reader.experts(family)
        feedForwardSize = try reader.feedForwardSize(family, experts: experts)
        positions = try reader.positions(family, headSize: headSize)
        slidingWindow = try reader.slidingWindow(family, contextLength: contextLength)
        isLocal = try reader.localLayers(family, layerCount: layerCount, window: slidingWindow)
        normEpsilon = Float(
            try reader.positive(
                family.norm == .rms ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon"))
        vocabularySize = try reader.vocabularySize()
        let scaleWidth = family.wideScaleLayerCount == layerCount ? hiddenSize / headCount : headSize
        attentionScale =
            try reader.positiveUnlessZero("attention.scale").map { Float($0) }
            ?? 1 / Float(scaleWidth).squareRoot()
        attentionSoftCap = try reader.softCap("attn_logit_softcapping", family.attentionSoftCap)
        logitSoftCap = try reader.softCap("final_logit_softcapping", family.logitSoftCap)
    }
}

extension HyperparameterReader {
    /// Refuses models whose tokens see those behind them.
    fileprivate func checkCausality() throws(TransformerError) {
        let key = "attention.causal"
        if try boolean(key) == false { throw notComputed(key, "false", "true") }
    }

    fileprivate func headSize(hiddenSize: Int, headCount: Int) throws(TransformerError) -> Int {
        let size: Int
        if let given = try countIfPresent("attention.key_length", atMost: 1 << 16) {
            size = given
        } else {
            try require(
                hiddenSize % headCount == 0, "attention.head_count", headCount,
                "a divisor of \(hiddenSize), the embedding length")
            size = hiddenSize / headCount
        }
        let valueSize = try countIfPresent("attention.value_length", atMost: 1 << 16) ?? size
        guard valueSize == size else {
            throw notComputed("attention.value_length", "\(valueSize)", "\(size), as long as the keys")
        }
        return size
    }

    /// 0 where a mixture of experts has none that all tokens share.
    fileprivate func feedForwardSize(
        _ family: Architecture, experts: ModelConfiguration.ExpertConfiguration?
    ) throws(TransformerError) -> Int {
        guard experts != nil else { return try count("feed_forward_length", atMost: 1 << 24) }
        guard file.tensor(TensorName.sharedExpertGate(0) + ".weight") != nil else { return 0 }
        if let shared = try countUnlessZero("expert_shared_feed_forward_length", atMost: 1 << 24) {
            return shared
        }
        return try count("feed_forward_length", atMost: 1 << 24)
    }

    fileprivate func experts(
        _ family: Architecture
    ) throws(TransformerError) -> ModelConfiguration.ExpertConfiguration? {
        if case .whereGiven = family.experts {
            guard value("expert_count").map({ $0.integer != 0 }) ?? false else { return nil }
        }
        let count = try count("expert_count", atMost: 4096)
        let usedCount = try self.count("expert_used_count", atMost: count)
        // 1 is the softmax, which files of these families leave unsaid.
        if let gating = try countUnlessZero("expert_gating_func", atMost: 1 << 16), gating != 1 {
            throw notComputed("expert_gating_func", "\(gating)", "1, the softmax")
        }
        if let scale = try positiveUnlessZero("expert_weights_scale"), scale != 1 {
            throw notComputed("expert_weights_scale", "\(scale)", "1")
        }
        let inner: Int
        if let given = try countUnlessZero("expert_feed_forward_length", atMost: 1 << 24) {
            inner = given
        } else if case .whereGiven = family.experts {
            inner = try self.count("feed_forward_length", atMost: 1 << 24)
        } else {
            inner = try self.count("feed_forward_length", atMost: 1 << 24) / usedCount
        }
        return ModelConfiguration.ExpertConfiguration(
            count: count, usedCount: usedCount, feedForwardSize: inner,
            normalizesWeights: try normalizesExpertWeights(family))
    }

    /// Whether the weights of the experts that are used are made to sum to 1.
    ///
    /// llama.cpp's own writer states `false` in files of every family, beside a scale and a
    /// gating function of 0, which no other writes; and where a family has experts if the file
    /// says so, no reader heeds the key.
    private func normalizesExpertWeights(_ family: Architecture) throws(TransformerError) -> Bool {
        guard case .always(let standard) = family.experts else { return true }
        let isUnsaid = ["expert_weights_scale", "expert_gating_func"].contains { value($0)?.number == 0 }
        return try isUnsaid ? standard : boolean("expert_weights_norm") ?? standard
    }

    fileprivate func softCap(_ key: String, _ cap: Architecture.SoftCap) throws(TransformerError) -> Float? {
        if cap == .none { return nil }
        // Some converters write 0 for "none".
        if let number = value(key)?.number, number == 0 { return nil }
        if let given = try positiveIfPresent(key) { return Float(given) }
        guard case .standard(let limit) = cap else { return nil }
        return Float(limit)
    }

    // MARK: - Windows

    fileprivate func slidingWindow(
        _ family: Architecture, contextLength: Int
    ) throws(TransformerError) -> Int? {
        // 0 stands for "none" in some files.
        let key = "attention.sliding_window"
        if let number = value(key)?.integer, number == 0 { return nil }
        let window = try countIfPresent(key, atMost: 1 << 30) ?? family.standardWindow
        guard family.window == .none, let window else { return window }
        guard window >= contextLength else {
            throw notComputed(key, "\(window)", "no window in this family")
        }
        return nil
    }

    fileprivate func localLayers(
        _ family: Architecture, layerCount: Int, window: Int?
    ) throws(TransformerError) -> [Bool] {
        guard window != nil else { return Array(repeating: false, count: layerCount) }
        let key = "attention.sliding_window_pattern"
        if case .array(let array)? = value(key) {
            guard let pattern = array.booleans() ?? array.integers()?.map({ $0 != 0 }),
                pattern.count == layerCount
            else { throw inconsistent(key, "\(array.count) values", "\(layerCount), one a block") }
            return pattern
        }
        if let period = try countIfPresent(key, atMost: 4096) {
            return (0..<layerCount).map { $0 % period < period - 1 }
        }
        guard case .period(let period) = family.window else {
            return Array(repeating: true, count: layerCount)
        }
        return (0..<layerCount).map { $0 % period < period - 1 }
    }

    // MARK: - Positions

    fileprivate func positions(
        _ family: Architecture, headSize: Int
    ) throws(TransformerError) -> ModelConfiguration.Positions {
        guard family.rotaryPairing != nil else {
            guard let embedding = file.tensor(TensorName.positionEmbedding) else {
                throw .missingTensor(file: file.path, name: TensorName.positionEmbedding)
            }
            guard embedding.shape.count == 2, embedding.shape[1] > 0 else {
                throw .tensorShape(
                    file: file.path, name: TensorName.positionEmbedding, found: embedding.shape,
                    expected: [embedding.shape.first ?? 0, 1])
            }
            return .learned(count: embedding.shape[1])
        }
        let dimensionCount = try countIfPresent("rope.dimension_count", atMost: 1 << 16) ?? headSize
        try require(
            dimensionCount <= headSize && dimensionCount % 2 == 0,
            "rope.dimension_count", dimensionCount, "an even number up to \(headSize)")
        let settings = RotarySettings(
            dimensionCount: dimensionCount, base: try positiveIfPresent("rope.freq_base") ?? 10_000,
            scaling: try rotaryScaling())
        guard family.hasLocalRotary else { return .rotary(settings, local: settings) }
        let localBase = try positiveIfPresent("rope.freq_base_swa") ?? 10_000
        return .rotary(
            settings, local: RotarySettings(dimensionCount: dimensionCount, base: localBase))
    }

    private func rotaryScaling() throws(TransformerError) -> RotarySettings.Scaling {
        let magnitude = try positiveIfPresent("rope.scaling.attn_factor") ?? 1
        if file.tensor(TensorName.longRopeFactors) != nil {
            return .long(originalContextLength: try originalContextLength(), magnitude: magnitude)
        }
        let key = "rope.scaling.type"
        switch try string(key) {
        case "none":
            return .none
        case nil, "linear":
            // Older files bring a factor under its first name, and no type: linear, as llama.cpp
            // reads them, for which 0 is none.
            for name in ["rope.scaling.factor", "rope.scale_linear"] {
                guard let factor = try numberIfPresent(name) else { continue }
                return factor == 0 ? .none : .linear(factor: try positive(name))
            }
            return .none
        case "yarn":
            return .yarn(
                RotarySettings.YaRN(
                    factor: try positive("rope.scaling.factor"),
                    originalContextLength: try originalContextLength(),
                    fastTurns: try positiveIfPresent("rope.scaling.yarn_beta_fast") ?? 32,
                    slowTurns: try positiveIfPresent("rope.scaling.yarn_beta_slow") ?? 1,
                    magnitude: magnitude))
        case .some(let kind):
            throw notComputed(key, kind, "none, linear or yarn")
        }
    }

    /// The context of the first training; the model's where the file says none.
    private func originalContextLength() throws(TransformerError) -> Int {
        let whole = try count("context_length", atMost: 1 << 30)
        return try countIfPresent("rope.scaling.original_context_length", atMost: 1 << 30) ?? whole
    }
}
