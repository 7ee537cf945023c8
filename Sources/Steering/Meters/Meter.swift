public import ControlVectors
public import Generation
import LinearAlgebra
public import Terms
public import Transformer

/// How much of a trait a hidden state shows: its projection on the directions of a vector.
///
/// Where the vector says where the sides of its dataset lie, a reading is on their scale: 0 at the mean of
/// the negative side, 1 at that of the positive one. The layers are then averaged with the weights
/// (separation / spread)², the inverse of a normalised projection's variance: a layer that hardly tells the
/// sides apart says hardly anything. Without those numbers, as in vectors of other tools, a reading is the
/// plain mean of the projections on the unit directions.
public struct Meter: Sendable, Equatable {
    /// What readings are counted in.
    public enum Scale: String, Sendable, Codable {
        /// 0 is the negative side of the dataset, 1 the positive one.
        case sides
        /// Lengths along the unit directions.
        case projection
    }

    /// One layer's part.
    private struct Gauge: Sendable, Equatable {
        let layer: LayerIndex
        /// The direction at length 1. [hiddenSize]
        let unit: [Double]
        /// A projection p reads as (p − zero) / unitLength.
        let zero: Double
        let unitLength: Double
        /// The layer's share of the reading; all shares sum to 1.
        var share: Double
    }

    /// What people call it.
    public let name: String
    /// What its readings are counted in.
    public let scale: Scale
    private let gauges: [Gauge]

    /// A meter of a vector.
    ///
    /// - Parameters:
    ///   - layers: Which of the vector's layers are read; nil for all.
    /// - Throws: `vectorDoesNotFit` for another hiddenSize or a layer that the model has not;
    ///   `noSteeredLayer` where no layer is left that has a direction; `ControlVectorError` for a
    ///   selection outside of the model.
    public init(
        _ vector: ControlVector, name: String, layers: LayerSelection? = nil, for model: ModelConfiguration
    ) throws {
        let term = SteeringPlan.Term(vector, strength: 1, layers: layers)
        let read = try SteeringPlan.layers(of: term, for: model)
        let normalized = read.compactMap { Self.gauge(vector, $0, isNormalized: true) }
        self.name = name
        scale = normalized.isEmpty ? .projection : .sides
        var gauges =
            normalized.isEmpty
            ? read.compactMap { Self.gauge(vector, $0, isNormalized: false) } : normalized
        let total = gauges.reduce(0) { $0 + $1.share }
        for index in gauges.indices { gauges[index].share /= total }
        self.gauges = gauges
    }

    /// The layers that it reads, ascending.
    public var layers: [LayerIndex] { gauges.map(\.layer) }

    /// What a forward pass has to capture for it.
    public var hooks: Set<HookPoint> { Set(gauges.map { .residualPost($0.layer) }) }

    /// The share of each layer in a reading; they sum to 1.
    public var shares: [LayerIndex: Double] {
        gauges.reduce(into: [:]) { $0[$1.layer] = $1.share }
    }

    /// The readings of captured rows; a row's is NaN where its state was not captured at
    /// every layer of the meter.
    public func readings(of states: [HookPoint: HiddenStates]) -> [MeterReading] {
        let rowCount = states.values.first?.rowCount ?? 0
        return (0..<rowCount).map { row in
            reading { layer in states[.residualPost(layer)].map { $0.row(row) } }
        }
    }

    /// The reading of one token's hidden states, each [hiddenSize].
    public func reading(_ state: (LayerIndex) -> ArraySlice<Float>?) -> MeterReading {
        let values = gauges.map { gauge in
            guard let state = state(gauge.layer), state.count == gauge.unit.count else { return Double.nan }
            return (dot(state, gauge.unit) - gauge.zero) / gauge.unitLength
        }
        return MeterReading(
            value: zip(values, gauges).reduce(0) { $0 + $1.0 * $1.1.share }, layerValues: values)
    }

    /// The same reading but for float64's rounding, for conditions and holds of a program.
    ///
    /// - Parameter window: Over how many tokens, the last ones, it is averaged.
    public func stateReading(window: Int = 1) -> StateReading {
        StateReading(
            weights: gauges.reduce(into: [:]) { weights, gauge in
                weights[gauge.layer] = gauge.unit.map { $0 * gauge.share / gauge.unitLength }
            },
            offset: -gauges.reduce(0) { $0 + $1.zero * $1.share / $1.unitLength }, window: window)
    }

    /// Nil for a direction of length 0, and where a normalised reading is wanted and the sides are not apart.
    private static func gauge(_ vector: ControlVector, _ layer: LayerIndex, isNormalized: Bool) -> Gauge? {
        guard let direction = vector[layer] else { return nil }
        let length = norm(direction)
        guard length > 0 else { return nil }
        let unit = direction.map { Double($0) / length }
        guard isNormalized else { return Gauge(layer: layer, unit: unit, zero: 0, unitLength: 1, share: 1) }
        guard let sides = vector.extraction?.evidence[layer]?.sides, sides.separation > 0 else { return nil }
        // Sides without any spread, as two pairs may have, must not take all of the weight.
        let spread = max(Double(sides.spread), sides.separation / greatestSeparation)
        let separation = sides.separation / spread
        return Gauge(
            layer: layer, unit: unit, zero: Double(sides.negativeMean), unitLength: sides.separation,
            share: separation * separation)
    }

    /// Sides further apart than so many standard deviations are as good as these.
    private static let greatestSeparation = 10.0
}

/// What a meter says of one token.
public struct MeterReading: Sendable, Equatable {
    /// The weighted mean over the layers; NaN where a hidden state is not a number.
    public let value: Double
    /// The reading of each of the meter's layers, ascending. [layers]
    public let layerValues: [Double]

    /// Keeps both.
    public init(value: Double, layerValues: [Double]) {
        self.value = value
        self.layerValues = layerValues
    }
}
