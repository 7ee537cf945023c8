public import ControlVectors
import LinearAlgebra
public import Terms
public import Transformer

/// How far hidden states lie along a vector's directions: the trait that a text has, as
/// the unsteered model reads it.
///
/// In each layer h·d / ‖d‖², so that a state moved by strength × d moves by strength; then the mean over
/// layers. Where 0 lies depends on the model: only differences say something.
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
        Self.means(layerValues(states))
    }

    /// The projection of each captured row in each layer. [layers, rows]
    func layerValues(_ states: [HookPoint: HiddenStates]) -> [[Float]] {
        readers.sorted { $0.key < $1.key }.compactMap { layer, reader in
            states[.residualPost(layer)].map { read in
                (0..<read.rowCount).map { Float(dot(read.row($0), reader)) }
            }
        }
    }

    /// The mean over layers. [rows]
    static func means(_ values: [[Float]]) -> [Float] {
        guard let first = values.first else { return [] }
        return first.indices.map { row in
            Float(values.reduce(0.0) { $0 + Double($1[row]) } / Double(values.count))
        }
    }
}
