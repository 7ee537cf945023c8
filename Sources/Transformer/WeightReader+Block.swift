import GGUF

extension WeightReader {
    /// The weights of one transformer block; which there are follows from the architecture.
    func block(
        _ layer: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.BlockWeights {
        let hidden = configuration.hiddenSize
        let feedForward = configuration.feedForwardSize
        let traits = configuration.traits
        return ModelWeights.BlockWeights(
            attentionNorm: try vector(TensorName.attentionNorm(layer), count: hidden),
            query: try matrix(TensorName.query(layer), outputs: configuration.querySize, inputs: hidden),
            key: try matrix(TensorName.key(layer), outputs: configuration.keyValueSize, inputs: hidden),
            value: try matrix(TensorName.value(layer), outputs: configuration.keyValueSize, inputs: hidden),
            biases: try biases(layer, configuration),
            headNorms: traits.hasHeadNorms ? try headNorms(layer, configuration) : nil,
            attentionOutput: try matrix(
                TensorName.attentionOutput(layer), outputs: hidden, inputs: configuration.querySize),
            attentionPostNorm: traits.hasPostNorms
                ? try vector(TensorName.attentionPostNorm(layer), count: hidden) : nil,
            feedForwardNorm: try vector(TensorName.feedForwardNorm(layer), count: hidden),
            gate: try matrix(TensorName.gate(layer), outputs: feedForward, inputs: hidden),
            up: try matrix(TensorName.up(layer), outputs: feedForward, inputs: hidden),
            down: try matrix(TensorName.down(layer), outputs: hidden, inputs: feedForward),
            feedForwardPostNorm: traits.hasPostNorms
                ? try vector(TensorName.feedForwardPostNorm(layer), count: hidden) : nil)
    }

    private func biases(
        _ layer: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.BlockWeights.ProjectionBiases? {
        // Some llama files have them too.
        guard configuration.traits.hasProjectionBiases || file.tensor(TensorName.queryBias(layer)) != nil
        else { return nil }
        return ModelWeights.BlockWeights.ProjectionBiases(
            query: try vector(TensorName.queryBias(layer), count: configuration.querySize),
            key: try vector(TensorName.keyBias(layer), count: configuration.keyValueSize),
            value: try vector(TensorName.valueBias(layer), count: configuration.keyValueSize))
    }

    private func headNorms(
        _ layer: Int, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> ModelWeights.BlockWeights.HeadNorms {
        ModelWeights.BlockWeights.HeadNorms(
            query: try vector(TensorName.queryNorm(layer), count: configuration.headSize),
            key: try vector(TensorName.keyNorm(layer), count: configuration.headSize))
    }
}
