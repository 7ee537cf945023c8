public import GGUF
import Synchronization

/// A model's weights, ready to be run: nothing is copied but the small float vectors.
///
/// `@unchecked Sendable`: everything is immutable after `init`, and the mapped file outlives the pointers into it.
public final class TransformerModel: @unchecked Sendable {
    /// The model's hyperparameters.
    public let configuration: ModelConfiguration
    /// The weights as they lie in the file.
    let weights: ModelWeights
    /// What divides each rotary frequency, where the file brings factors. [rotaryDimensionCount / 2]
    let rotaryFactors: [Float]?
    private let file: any ModelSource

    private let interleaved = Mutex<InterleavedWeights?>(nil)

    /// Finds every weight in the file and checks its shape against the hyperparameters.
    public init(_ file: any ModelSource) throws(TransformerError) {
        self.file = file
        let configuration = try ModelConfiguration(file)
        self.configuration = configuration
        let reader = WeightReader(file: file)
        let hidden = configuration.hiddenSize
        let tokenEmbedding = try reader.matrix(
            TensorName.tokenEmbedding, outputs: configuration.vocabularySize, inputs: hidden)
        var blocks: [ModelWeights.BlockWeights] = []
        for layer in 0..<configuration.layerCount {
            blocks.append(try reader.block(layer, configuration))
        }
        let output =
            file.tensor(TensorName.output) == nil
            ? tokenEmbedding
            : try reader.matrix(
                TensorName.output, outputs: configuration.vocabularySize, inputs: hidden)
        weights = ModelWeights(
            tokenEmbedding: tokenEmbedding, blocks: blocks,
            outputNorm: try reader.vector(TensorName.outputNorm, count: hidden), output: output)
        rotaryFactors =
            file.tensor(TensorName.ropeFactors) == nil
            ? nil
            : try reader.values(TensorName.ropeFactors, count: configuration.rotaryDimensionCount / 2)
        try reader.checkThatAllBlocksAreRead()
    }

    /// The weights repacked for fast products; made once, by the workers of whoever asks first.
    func interleavedWeights(_ pool: WorkerPool) -> InterleavedWeights {
        interleaved.withLock { made in
            if let made { return made }
            let new = InterleavedWeights(weights, pool: pool)
            made = new
            return new
        }
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
