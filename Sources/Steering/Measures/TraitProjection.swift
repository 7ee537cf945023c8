public import ControlVectors
import LinearAlgebra
public import Terms
public import Transformer

/// How far hidden states lie along a vector's directions: the trait that a text has, as the unsteered model reads it.
///
/// In each layer h·d / ‖d‖², so that a state moved by strength × d moves by strength; then the mean over layers. Where 0 lies depends on
/// the model: only differences say something.
public struct TraitProjection: Sendable {
    /// d / ‖d‖² of each layer. [hiddenSize] each
    private let readers: [LayerIndex: [Float]]

    /// The layers that are read.
    public var layers: [LayerIndex] { readers.keys.sorted() }

    /// Where the forward pass reads them.
    public var hooks: Set<HookPoint> { Set(readers.keys.map { .residualPost($0) }) }

    /// Reads along all of a vector's directions; nil where all of them are zero.
    public init?(_ vector: ControlVector) {
        readers = vector.directions.compactMapValues { direction in
            let square = dot(direction, direction)
            guard square > 0 else { return nil }
            let reader = direction.map { Float(Double($0) / square) }
            return reader.allSatisfy(\.isFinite) ? reader : nil
        }
        if readers.isEmpty { return nil }
    }

    /// The projection of each captured row. [rows]
    public func values(_ states: [HookPoint: HiddenStates]) -> [Float] {
        var sums: [Double] = []
        var count = 0
        for (layer, reader) in readers.sorted(by: { $0.key < $1.key }) {
            guard let read = states[.residualPost(layer)] else { continue }
            if sums.isEmpty { sums = [Double](repeating: 0, count: read.rowCount) }
            for row in 0..<min(read.rowCount, sums.count) { sums[row] += dot(read.row(row), reader) }
            count += 1
        }
        return sums.map { Float($0 / Double(max(count, 1))) }
    }
}
