import GGUF

extension WeightReader {
    /// Every weight of a model.
    func weights(_ configuration: ModelConfiguration) throws(TransformerError) -> ModelWeights {
        let hidden = configuration.hiddenSize
        let tokenEmbedding = try matrix(
            TensorName.tokenEmbedding, outputs: configuration.vocabularySize, inputs: hidden)
        var blocks: [ModelWeights.BlockWeights] = []
        for layer in 0..<configuration.layerCount { blocks.append(try block(layer, configuration)) }
        let needsBias = configuration.traits.biases == .all && configuration.traits.isParallel
        let output =
            has(TensorName.output + ".weight")
            ? try projection(
                TensorName.output, outputs: configuration.vocabularySize, inputs: hidden, needsBias: needsBias
            )
            : ModelWeights.Projection(matrix: tokenEmbedding)
        return ModelWeights(
            tokenEmbedding: tokenEmbedding, positionEmbedding: try positionEmbedding(configuration),
            blocks: blocks, outputNorm: try norm(TensorName.outputNorm, configuration), output: output,
            vectors: vectors)
    }

    private func positionEmbedding(
        _ configuration: ModelConfiguration
    ) throws(TransformerError) -> WeightMatrix? {
        guard case .learned(let count) = configuration.positions else { return nil }
        return try matrix(TensorName.positionEmbedding, outputs: count, inputs: configuration.hiddenSize)
    }

    /// The weights of one transformer block; which there are follows from the architecture.
    private func block(
        _ layer: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.BlockWeights {
        let traits = configuration.traits
        let (query, key, value) = try queryKeyValue(layer, configuration)
        return ModelWeights.BlockWeights(
            attentionNorm: try norm(TensorName.attentionNorm(layer), configuration),
            query: query, key: key, value: value,
            headNorms: traits.hasHeadNorms ? try headNorms(layer, configuration) : nil,
            attentionOutput: try projection(
                TensorName.attentionOutput(layer), outputs: configuration.hiddenSize,
                inputs: configuration.querySize, needsBias: traits.biases == .all),
            attentionPostNorm: traits.hasPostNorms
                ? try norm(TensorName.attentionPostNorm(layer), configuration) : nil,
            feedForwardNorm: traits.isParallel
                ? nil : try norm(TensorName.feedForwardNorm(layer), configuration),
            feedForward: try feedForward(layer, configuration),
            feedForwardPostNorm: traits.hasPostNorms
                ? try norm(TensorName.feedForwardPostNorm(layer), configuration) : nil)
    }

    // MARK: - Attention

    private func queryKeyValue(
        _ layer: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> (
        query: ModelWeights.Projection, key: ModelWeights.Projection, value: ModelWeights.Projection
    ) {
        let (hidden, querySize) = (configuration.hiddenSize, configuration.querySize)
        let keyValueSize = configuration.keyValueSize
        let needsBias = configuration.traits.biases != .none
        let fused = TensorName.queryKeyValue(layer)
        if has(fused + ".weight") {
            let end = querySize + 2 * keyValueSize
            let all = try projection(fused, outputs: end, inputs: hidden, needsBias: needsBias)
            return (
                rows(0..<querySize, of: all), rows(querySize..<querySize + keyValueSize, of: all),
                rows(querySize + keyValueSize..<end, of: all)
            )
        }
        return (
            try projection(
                TensorName.query(layer), outputs: querySize, inputs: hidden, needsBias: needsBias),
            try projection(
                TensorName.key(layer), outputs: keyValueSize, inputs: hidden, needsBias: needsBias),
            try projection(
                TensorName.value(layer), outputs: keyValueSize, inputs: hidden, needsBias: needsBias)
        )
    }

    private func headNorms(
        _ layer: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.HeadNorms {
        ModelWeights.HeadNorms(
            query: try vector(TensorName.queryNorm(layer) + ".weight", count: configuration.headSize),
            key: try vector(TensorName.keyNorm(layer) + ".weight", count: configuration.headSize))
    }

    // MARK: - MLP

    private func feedForward(
        _ layer: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.FeedForward {
        let (hidden, inner) = (configuration.hiddenSize, configuration.feedForwardSize)
        guard let settings = configuration.experts else {
            return .dense(try mlp(layer, "", inner, configuration))
        }
        let router = try matrix(
            TensorName.router(layer) + ".weight", outputs: settings.count, inputs: hidden)
        return .experts(
            ModelWeights.Experts(
                router: router, experts: try experts(layer, settings, hidden),
                shared: inner == 0
                    ? nil
                    : ModelWeights.SharedExpert(
                        mlp: try mlp(layer, "_shexp", inner, configuration),
                        gate: try vector(TensorName.sharedExpertGate(layer) + ".weight", count: hidden))))
    }

    private func mlp(
        _ layer: Int, _ ending: String, _ inner: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.MLP {
        let hidden = configuration.hiddenSize
        let needsBias = configuration.traits.biases == .all
        func part(
            _ name: String, outputs: Int, inputs: Int
        ) throws(TransformerError) -> ModelWeights.Projection {
            try projection(name, outputs: outputs, inputs: inputs, needsBias: needsBias)
        }
        let down = try part(TensorName.down(layer, ending), outputs: hidden, inputs: inner)
        let upName = TensorName.up(layer, ending)
        guard case .gated = configuration.traits.mlp else {
            return ModelWeights.MLP(
                up: try part(upName, outputs: inner, inputs: hidden), down: down)
        }
        let gateName = TensorName.gate(layer, ending)
        if !has(gateName + ".weight"), let fused = file.tensor(upName + ".weight"),
            fused.shape.last == 2 * inner
        {
            let both = try part(upName, outputs: 2 * inner, inputs: hidden)
            return ModelWeights.MLP(
                gate: rows(0..<inner, of: both), up: rows(inner..<2 * inner, of: both), down: down)
        }
        return ModelWeights.MLP(
            gate: try part(gateName, outputs: inner, inputs: hidden),
            up: try part(upName, outputs: inner, inputs: hidden), down: down)
    }

    /// All experts of a block: each matrix a slice of one tensor, or, in old files, a tensor of its own.
    private func experts(
        _ layer: Int, _ settings: ModelConfiguration.ExpertConfiguration, _ hidden: Int
    ) throws(TransformerError) -> [ModelWeights.MLP] {
        func all(
            _ name: (String) -> String, outputs: Int, inputs: Int
        ) throws(TransformerError) -> [ModelWeights.Projection] {
            if has(name(".0") + ".weight") {
                var parts: [ModelWeights.Projection] = []
                for expert in 0..<settings.count {
                    let matrix = try matrix(
                        name(".\(expert)") + ".weight", outputs: outputs, inputs: inputs)
                    parts.append(ModelWeights.Projection(matrix: matrix))
                }
                return parts
            }
            return try matrices(
                name("_exps") + ".weight", count: settings.count, outputs: outputs, inputs: inputs
            ).map { ModelWeights.Projection(matrix: $0) }
        }
        let inner = settings.feedForwardSize
        let gates = try all({ TensorName.gate(layer, $0) }, outputs: inner, inputs: hidden)
        let ups = try all({ TensorName.up(layer, $0) }, outputs: inner, inputs: hidden)
        let downs = try all({ TensorName.down(layer, $0) }, outputs: hidden, inputs: inner)
        return (0..<settings.count).map {
            ModelWeights.MLP(gate: gates[$0], up: ups[$0], down: downs[$0])
        }
    }

    // MARK: - Parts

    /// A matrix with its bias, where the file has one or the family needs one.
    private func projection(
        _ name: String, outputs: Int, inputs: Int, needsBias: Bool
    ) throws(TransformerError) -> ModelWeights.Projection {
        let bias = name + ".bias"
        return ModelWeights.Projection(
            matrix: try matrix(name + ".weight", outputs: outputs, inputs: inputs),
            bias: needsBias || has(bias) ? try vector(bias, count: outputs) : nil)
    }

    private func rows(
        _ range: Range<Int>, of projection: ModelWeights.Projection
    ) -> ModelWeights.Projection {
        ModelWeights.Projection(
            matrix: projection.matrix.rows(range), bias: projection.bias?.part(range))
    }

    private func norm(
        _ name: String, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.NormWeights {
        ModelWeights.NormWeights(
            gain: try vector(name + ".weight", count: configuration.hiddenSize),
            bias: configuration.traits.norm == .layer
                ? try vector(name + ".bias", count: configuration.hiddenSize) : nil)
    }
}
