public import GGUF
import Synchronization

/// A model's weights, ready to be run: nothing is copied but the small float vectors.
///
/// `@unchecked Sendable`: everything is immutable after `init`, and the mapped file
/// outlives the pointers into it.
public final class TransformerModel: @unchecked Sendable {
    /// The model's hyperparameters.
    public let configuration: ModelConfiguration
    /// The weights as they lie in the file.
    let weights: ModelWeights
    /// What divides the rotary frequencies, where the file brings factors.
    let rotaryFactors: RotaryFactors
    private let file: any ModelSource

    private let interleaved = Mutex<InterleavedWeights?>(nil)
    private let boundedSaving: Int?

    /// How many bytes of an output matrix bounds leave unread at least, for the likeliest tokens to be found
    /// by them: a smaller one is read so quickly that a search beside it saves nothing. (Q6_K, by turns: 0.95
    /// of the speed at 9 MB, 1.03 at 12, 1.08 at 25; Q8_0 as fast at 14.)
    private static let leastSaving = 12_000_000
    /// And what share of all that a token reads: the bits that bounds cost are not worth less. (A hundredth
    /// of a 22B model's, for 49 MB.)
    private static let leastSavedShare = 0.02

    /// Finds every weight in the file and checks its shape against the hyperparameters.
    public convenience init(_ file: any ModelSource) throws(TransformerError) {
        try self.init(file, boundedSaving: nil)
    }

    /// - Parameter boundedSaving: How many bytes bounds leave unread at least, for the likeliest tokens to be
    ///   found by them; nil for what is worth it.
    init(_ file: any ModelSource, boundedSaving: Int?) throws(TransformerError) {
        self.file = file
        self.boundedSaving = boundedSaving
        let configuration = try ModelConfiguration(file)
        self.configuration = configuration
        let reader = WeightReader(file: file)
        weights = try reader.weights(configuration)
        rotaryFactors = try reader.rotaryFactors(configuration)
        try reader.checkThatAllBlocksAreRead()
    }

    /// The weights repacked for fast products; made once, by the workers of whoever asks first.
    func interleavedWeights(_ pool: WorkerPool) -> InterleavedWeights {
        interleaved.withLock { made in
            if let made { return made }
            let read = weights.byteCount(expertCount: configuration.experts?.usedCount ?? 0) {
                $0.outputs * $0.rowByteCount
            }
            let new = InterleavedWeights(
                weights, from: file,
                boundedSaving: boundedSaving
                    ?? max(Self.leastSaving, Int(Self.leastSavedShare * Double(read))),
                pool: pool)
            made = new
            return new
        }
    }

    /// Says that the token embedding will not be read as a whole.
    func letGoOfEmbedding() {
        let embedding = weights.tokenEmbedding
        file.letGo(
            UnsafeRawBufferPointer(start: embedding.bytes, count: embedding.outputs * embedding.rowByteCount))
    }

    /// The longest row that any product reads.
    var widestInput: Int {
        max(
            configuration.hiddenSize, configuration.querySize, configuration.feedForwardSize,
            configuration.experts?.feedForwardSize ?? 0)
    }

    /// The width of a hook point.
    func width(of hook: HookPoint) -> Int {
        hook == .logits ? configuration.vocabularySize : configuration.hiddenSize
    }
}
