import GGUF

extension ModelConfiguration {
    /// Reads the hyperparameters of a model file and checks that the forward pass can compute them.
    init(_ file: any ModelSource) throws(TransformerError) {
        let reader = HyperparameterReader(file: file)
        let family = try reader.architecture()
        let prefix = family.name
        traits = family
        architecture = family.name
        name = try reader.string("general.name")
        layerCount = try reader.count("\(prefix).block_count", atMost: 4096)
        hiddenSize = try reader.count("\(prefix).embedding_length", atMost: 1 << 20)
        feedForwardSize = try reader.count("\(prefix).feed_forward_length", atMost: 1 << 24)
        headCount = try reader.count("\(prefix).attention.head_count", atMost: 1 << 16)
        keyValueHeadCount = try reader.count(
            "\(prefix).attention.head_count_kv", atMost: 1 << 16, default: headCount)
        contextLength = try reader.count("\(prefix).context_length", atMost: 1 << 30)
        if file.metadata["\(prefix).attention.key_length"] == nil {
            try reader.require(
                hiddenSize % headCount == 0, "\(prefix).attention.head_count", headCount,
                "a divisor of \(hiddenSize), the embedding length")
        }
        headSize = try reader.count(
            "\(prefix).attention.key_length", atMost: 1 << 16, default: hiddenSize / headCount)
        try reader.require(
            headCount % keyValueHeadCount == 0, "\(prefix).attention.head_count_kv", keyValueHeadCount,
            "a divisor of \(headCount), the head count")
        rotaryDimensionCount = try reader.count(
            "\(prefix).rope.dimension_count", atMost: 1 << 16, default: headSize)
        try reader.require(
            rotaryDimensionCount <= headSize && rotaryDimensionCount % 2 == 0,
            "\(prefix).rope.dimension_count", rotaryDimensionCount, "an even number up to \(headSize)")
        rotaryBase = try reader.positive("\(prefix).rope.freq_base", default: 10_000)
        rotaryScale = try reader.rotaryScale(prefix)
        localRotaryBase = try reader.positive("\(prefix).rope.freq_base_swa", default: 10_000)
        slidingWindow =
            family.windowPeriod == nil
            ? nil : try reader.count("\(prefix).attention.sliding_window", atMost: 1 << 30)
        normEpsilon = Float(try reader.positive("\(prefix).attention.layer_norm_rms_epsilon", default: nil))
        vocabularySize = try reader.vocabularySize()
        let scaleWidth = family.wideScaleLayerCount == layerCount ? hiddenSize / headCount : headSize
        attentionScale = 1 / Float(scaleWidth).squareRoot()
    }
}

/// Reads hyperparameters and refuses those that no model can have.
private struct HyperparameterReader {
    let file: any ModelSource

    func architecture() throws(TransformerError) -> Architecture {
        let key = "general.architecture"
        guard let found = try string(key) else {
            throw .inconsistentHyperparameters(
                file: file.path, key: key, found: "missing", expected: "the name of a model family")
        }
        guard let family = Architecture.known.first(where: { $0.name == found }) else {
            throw .unknownArchitecture(
                file: file.path, found: found, known: Architecture.known.map(\.name))
        }
        return family
    }

    func string(_ key: String) throws(TransformerError) -> String? {
        try checked { () throws(GGUFError) in try file.metadata.stringIfPresent(key) }
    }

    /// A whole number in 1...highest.
    func count(
        _ key: String, atMost highest: Int, default fallback: Int? = nil
    ) throws(TransformerError) -> Int {
        guard
            let found = try checked({ () throws(GGUFError) in try file.metadata.integerIfPresent(key) })
                ?? fallback
        else {
            throw .inconsistentHyperparameters(
                file: file.path, key: key, found: "missing", expected: "1-\(highest)")
        }
        try require((1...highest).contains(found), key, found, "1-\(highest)")
        return found
    }

    /// A finite number above 0.
    func positive(_ key: String, default fallback: Double?) throws(TransformerError) -> Double {
        guard
            let found = try checked({ () throws(GGUFError) in try file.metadata.numberIfPresent(key) })
                ?? fallback
        else {
            throw .inconsistentHyperparameters(
                file: file.path, key: key, found: "missing", expected: "a number above 0")
        }
        guard found.isFinite, found > 0 else {
            throw .inconsistentHyperparameters(
                file: file.path, key: key, found: String(found), expected: "a number above 0")
        }
        return found
    }

    /// 1 / factor for linear scaling, 1 for none; other kinds are not computed yet and refused by name.
    func rotaryScale(_ prefix: String) throws(TransformerError) -> Double {
        let key = "\(prefix).rope.scaling.type"
        switch try string(key) {
        case nil, "none":
            return 1
        case "linear":
            return 1 / (try positive("\(prefix).rope.scaling.factor", default: 1))
        case .some(let kind):
            throw .inconsistentHyperparameters(
                file: file.path, key: key, found: kind, expected: "none or linear")
        }
    }

    /// The rows of the token embedding, which is what the logits are as many as.
    func vocabularySize() throws(TransformerError) -> Int {
        guard let embedding = file.tensor(TensorName.tokenEmbedding) else {
            throw .missingTensor(file: file.path, name: TensorName.tokenEmbedding)
        }
        guard embedding.shape.count == 2, embedding.shape[1] > 0, embedding.shape[1] <= Int(Int32.max) else {
            throw .tensorShape(
                file: file.path, name: TensorName.tokenEmbedding, found: embedding.shape,
                expected: [embedding.shape.first ?? 0, 1])
        }
        return embedding.shape[1]
    }

    func require(
        _ isSound: Bool, _ key: String, _ found: Int, _ expected: String
    ) throws(TransformerError) {
        guard isSound else {
            throw .inconsistentHyperparameters(
                file: file.path, key: key, found: String(found), expected: expected)
        }
    }

    private func checked<Value>(_ read: () throws(GGUFError) -> Value) throws(TransformerError) -> Value {
        do {
            return try read()
        } catch {
            throw .unreadable(
                file: file.path, code: error.code, message: error.message, remedy: error.remedy)
        }
    }
}
