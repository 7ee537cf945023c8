public import ControlVectors
import LinearAlgebra
import Terms

extension ControlVector {
    /// The control of a sweep: a vector of the same layers, each direction as long as this
    /// one's, and drawn by the seed.
    ///
    /// - Throws: `ControlVectorError` for what no vector can be made of.
    public func randomTwin(seed: UInt64) throws(ControlVectorError) -> ControlVector {
        var directions: [LayerIndex: [Float]] = [:]
        for layer in layers {
            let direction = self[layer] ?? []
            // A source of its own for each layer: leaving out a layer changes no other.
            var source = RandomSource(seed: seed &+ UInt64(bitPattern: Int64(layer.rawValue)) &* 0x9E37_79B9)
            // Independent normal numbers: no direction is preferred.
            let drawn = direction.map { _ in source.nextNormal() }
            let scale = norm(direction) / max(norm(drawn), .leastNormalMagnitude)
            directions[layer] = drawn.map { Float($0 * scale) }
        }
        return try ControlVector(directions: directions, modelHint: modelHint)
    }
}
