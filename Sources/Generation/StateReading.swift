public import Terms
import Transformer

/// A number that is read off the hidden states of a token: Σ over layers of weights · h, and an offset; and
/// its mean over the last tokens.
///
/// What it means is not known here: `Steering` makes one of a meter.
public struct StateReading: Sendable, Codable, Equatable {
    /// What is read of the output of one block.
    public struct Layer: Sendable, Codable, Equatable {
        /// The block.
        public let index: LayerIndex
        /// What multiplies its output. [hiddenSize]
        public let weights: [Double]
    }

    /// The layers that are read, ascending: the order in which they are added up, in every process alike.
    public let layers: [Layer]
    /// What is added.
    public var offset: Double
    /// Over how many tokens, the last ones, it is averaged.
    public var window: Int

    /// A reading of some layers. `weights`: each [hiddenSize]
    public init(weights: [LayerIndex: [Double]], offset: Double = 0, window: Int = 1) {
        layers = weights.sorted { $0.key < $1.key }.map { Layer(index: $0.key, weights: $0.value) }
        self.offset = offset
        self.window = window
    }

    /// What a pass has to capture for it.
    var hooks: Set<HookPoint> { Set(layers.map { .residualPost($0.index) }) }

    /// The reading of one row; not a number where a hidden state is missing. `row`: its
    /// place among the captured rows
    func value(of states: [HookPoint: HiddenStates], row: Int) -> Double {
        layers.reduce(offset) { sum, layer in
            guard let state = states[.residualPost(layer.index)]?.row(row), state.count == layer.weights.count
            else { return .nan }
            return sum + zip(state, layer.weights).reduce(0) { $0 + Double($1.0) * $1.1 }
        }
    }

    /// Refuses a reading that the model cannot give.
    func check(_ model: TransformerModel) throws {
        guard !layers.isEmpty, (1...Self.greatestWindow).contains(window), offset.isFinite,
            layers.allSatisfy({ $0.weights.allSatisfy(\.isFinite) && $0.weights.contains { $0 != 0 } })
        else {
            throw GenerationError.invalidSetting(
                name: "a reading of hidden states",
                found: "\(layers.count) layers over \(window) tokens",
                expected: "layers with finite weights, over 1-\(Self.greatestWindow) tokens")
        }
        for layer in layers {
            try model.check(Intervention(at: .residualPost(layer.index), .add(layer.weights.map(Float.init))))
        }
    }

    private static let greatestWindow = 4096
}
