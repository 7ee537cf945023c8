public import GGUF

/// A model's weights, ready to be run: nothing is copied but the small float vectors.
///
/// `@unchecked Sendable`: everything is immutable after `init`, and the mapped file outlives the pointers into it.
public final class TransformerModel: @unchecked Sendable {
    /// The model's hyperparameters.
    public let configuration: ModelConfiguration
    /// [vocabularySize, hiddenSize]
    let tokenEmbedding: WeightMatrix
    let blocks: [BlockWeights]
    /// [hiddenSize]
    let outputNorm: FloatBuffer
    /// The output matrix; the token embedding itself where the two are tied. [vocabularySize, hiddenSize]
    let output: WeightMatrix
    /// What divides each rotary frequency, where the file brings factors. [rotaryDimensionCount / 2]
    let rotaryFactors: [Float]?
    private let file: GGUFFile

    /// The weights of one transformer block, in the order of their use.
    struct BlockWeights {
        let attentionNorm: FloatBuffer  // [hiddenSize]
        let query: WeightMatrix  // [headCount × headSize, hiddenSize]
        let key: WeightMatrix  // [keyValueHeadCount × headSize, hiddenSize]
        let value: WeightMatrix  // [keyValueHeadCount × headSize, hiddenSize]
        let attentionOutput: WeightMatrix  // [hiddenSize, headCount × headSize]
        let feedForwardNorm: FloatBuffer  // [hiddenSize]
        let gate: WeightMatrix  // [feedForwardSize, hiddenSize]
        let up: WeightMatrix  // [feedForwardSize, hiddenSize]
        let down: WeightMatrix  // [hiddenSize, feedForwardSize]
    }

    /// Finds every weight in the file and checks its shape against the hyperparameters.
    public init(_ file: GGUFFile) throws(TransformerError) {
        self.file = file
        let configuration = try ModelConfiguration(file)
        self.configuration = configuration
        let weights = WeightReader(file: file)
        let hidden = configuration.hiddenSize
        let feedForward = configuration.feedForwardSize
        tokenEmbedding = try weights.matrix(
            TensorName.tokenEmbedding, outputs: configuration.vocabularySize, inputs: hidden)
        var blocks: [BlockWeights] = []
        for layer in 0..<configuration.layerCount {
            blocks.append(
                BlockWeights(
                    attentionNorm: try weights.vector(TensorName.attentionNorm(layer), count: hidden),
                    query: try weights.matrix(
                        TensorName.query(layer), outputs: configuration.querySize, inputs: hidden),
                    key: try weights.matrix(
                        TensorName.key(layer), outputs: configuration.keyValueSize, inputs: hidden),
                    value: try weights.matrix(
                        TensorName.value(layer), outputs: configuration.keyValueSize, inputs: hidden),
                    attentionOutput: try weights.matrix(
                        TensorName.attentionOutput(layer), outputs: hidden, inputs: configuration.querySize),
                    feedForwardNorm: try weights.vector(TensorName.feedForwardNorm(layer), count: hidden),
                    gate: try weights.matrix(TensorName.gate(layer), outputs: feedForward, inputs: hidden),
                    up: try weights.matrix(TensorName.up(layer), outputs: feedForward, inputs: hidden),
                    down: try weights.matrix(TensorName.down(layer), outputs: hidden, inputs: feedForward)))
        }
        self.blocks = blocks
        outputNorm = try weights.vector(TensorName.outputNorm, count: hidden)
        output =
            file.tensor(TensorName.output) == nil
            ? tokenEmbedding
            : try weights.matrix(
                TensorName.output, outputs: configuration.vocabularySize, inputs: hidden)
        rotaryFactors =
            file.tensor(TensorName.ropeFactors) == nil
            ? nil
            : try weights.values(TensorName.ropeFactors, count: configuration.rotaryDimensionCount / 2)
    }

    /// The longest row that any product reads.
    var widestInput: Int {
        max(configuration.hiddenSize, configuration.querySize, configuration.feedForwardSize)
    }

    /// The width of a hook point.
    func width(of hook: HookPoint) -> Int {
        hook == .logits ? configuration.vocabularySize : configuration.hiddenSize
    }
}
