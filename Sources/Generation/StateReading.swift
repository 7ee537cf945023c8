public import Terms
import Transformer

/// A number that is read off the hidden states of a token: Σ over layers of weights · h, and an offset; and its mean over the
/// last tokens.
///
/// What it means is not known here: `Steering` makes one of a meter.
public struct StateReading: Sendable, Codable, Equatable {
    /// What multiplies the output of each block that is read. Each [hiddenSize]
    public var weights: [LayerIndex: [Float]]
    /// What is added.
    public var offset: Double
    /// Over how many tokens, the last ones, it is averaged.
    public var window: Int

    /// A reading of some layers.
    public init(weights: [LayerIndex: [Float]], offset: Double = 0, window: Int = 1) {
        self.weights = weights
        self.offset = offset
        self.window = window
    }

    /// What a pass has to capture for it.
    var hooks: Set<HookPoint> { Set(weights.keys.map { .residualPost($0) }) }

    /// The reading of one row; not a number where a hidden state is missing. `row`: its place among the captured rows
    func value(of states: [HookPoint: HiddenStates], row: Int) -> Double {
        weights.reduce(offset) { sum, part in
            guard let state = states[.residualPost(part.key)]?.row(row), state.count == part.value.count
            else { return .nan }
            return zip(state, part.value).reduce(sum) { $0 + Double($1.0) * Double($1.1) }
        }
    }

    /// Refuses a reading that the model cannot give.
    func check(_ model: TransformerModel) throws {
        guard !weights.isEmpty, (1...Self.greatestWindow).contains(window), offset.isFinite,
            weights.values.allSatisfy({ $0.allSatisfy(\.isFinite) && $0.contains { $0 != 0 } })
        else {
            throw GenerationError.invalidSetting(
                name: "a reading of hidden states",
                found: "\(weights.count) layers over \(window) tokens",
                expected: "layers with finite weights, over 1-\(Self.greatestWindow) tokens")
        }
        for (layer, vector) in weights {
            try model.check(Intervention(at: .residualPost(layer), .add(vector)))
        }
    }

    private static let greatestWindow = 4096
}
