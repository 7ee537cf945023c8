public import ControlVectors
import Foundation
import Terms

extension ControlVector {
    /// The control of a sweep: a vector of the same layers, each direction as long as this one's, and drawn by the seed.
    ///
    /// - Throws: `ControlVectorError` for what no vector can be made of.
    public func randomTwin(seed: UInt64) throws(ControlVectorError) -> ControlVector {
        var directions: [LayerIndex: [Float]] = [:]
        for layer in layers {
            let direction = self[layer] ?? []
            // A source of its own for each layer: leaving out a layer changes no other.
            var source = RandomSource(seed: seed &+ UInt64(bitPattern: Int64(layer.rawValue)) &* 0x9E37_79B9)
            func uniform() -> Double { (Double(source.next() >> 11) + 0.5) * 0x1p-53 }
            // Independent normal numbers by Box and Muller's method: no direction is preferred.
            let drawn = direction.map { _ in (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
            let length = Self.length(direction.map(Double.init))
            let scale = length / max(Self.length(drawn), .leastNormalMagnitude)
            directions[layer] = drawn.map { Float($0 * scale) }
        }
        return try ControlVector(directions: directions, modelHint: modelHint)
    }

    private static func length(_ values: [Double]) -> Double {
        values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}
