import ControlVectors
public import Terms

/// Two vectors that pull against each other where both of them steer.
public struct VectorConflict: Sendable, Equatable {
    /// The place of the one in the list of terms.
    public let first: Int
    /// The place of the other.
    public let second: Int
    /// The layers that both of them steer, ascending.
    public let layers: [LayerIndex]
    /// The mean cosine there of what they add, strengths and their signs included.
    public let cosine: Double

    /// Below this mean cosine two vectors fight: half of each, and more, is undone by the other.
    public static let greatestCosine = -0.5

    /// The pairs of terms that pull against each other.
    ///
    /// - Throws: `differentHiddenSizes`, and `ControlVectorError` for a selection outside of the model.
    public static func find(among terms: [SteeringPlan.Term], layerCount: Int) throws -> [VectorConflict] {
        var conflicts: [VectorConflict] = []
        for (first, left) in terms.enumerated() where left.strength != 0 {
            for (second, right) in terms.enumerated().dropFirst(first + 1) where right.strength != 0 {
                let places = try [left, right].map { term in
                    let range = try term.layers?.resolve(layerCount: layerCount)
                    return Set(term.vector.layers.filter { range?.contains($0) ?? true })
                }
                let shared = places[0].intersection(places[1])
                guard !shared.isEmpty else { continue }
                let cosines = try VectorComparison(left.vector, right.vector).layers
                    .filter { shared.contains($0.layer) }.compactMap(\.cosine)
                guard !cosines.isEmpty else { continue }
                let sign = (left.strength < 0) == (right.strength < 0) ? 1.0 : -1
                let mean = sign * cosines.reduce(0, +) / Double(cosines.count)
                if mean < greatestCosine {
                    conflicts.append(
                        VectorConflict(first: first, second: second, layers: shared.sorted(), cosine: mean))
                }
            }
        }
        return conflicts
    }
}
