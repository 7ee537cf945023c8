public import Terms

/// Two vectors of one width, layer by layer.
public struct VectorComparison: Sendable, Equatable {
    /// One layer that both have.
    public struct Layer: Sendable, Equatable {
        /// The layer.
        public let layer: LayerIndex
        /// The cosine of the angle between both directions, −1…1; nil where one of them is zero.
        public let cosine: Double?
        /// The length of the first vector's direction.
        public let leftNorm: Double
        /// The length of the second vector's direction.
        public let rightNorm: Double
    }

    /// The layers that both have, ascending.
    public let layers: [Layer]
    /// The layers that only the first has, ascending.
    public let onlyLeft: [LayerIndex]
    /// The layers that only the second has, ascending.
    public let onlyRight: [LayerIndex]

    /// Compares two vectors; sums are in float64.
    ///
    /// - Throws: `differentHiddenSizes`, `noCommonLayer`.
    public init(_ left: ControlVector, _ right: ControlVector) throws(ControlVectorError) {
        guard left.hiddenSize == right.hiddenSize else {
            throw .differentHiddenSizes(left.hiddenSize, right.hiddenSize)
        }
        var layers: [Layer] = []
        for layer in left.layers {
            guard let first = left[layer], let second = right[layer] else { continue }
            var product = 0.0
            var squares = (0.0, 0.0)
            for (x, y) in zip(first, second) {
                product += Double(x) * Double(y)
                squares.0 += Double(x) * Double(x)
                squares.1 += Double(y) * Double(y)
            }
            let norms = (squares.0.squareRoot(), squares.1.squareRoot())
            // Of the product the root is exact where both are the same: a vector's cosine to itself is 1.
            let length = (squares.0 * squares.1).squareRoot()
            layers.append(
                Layer(
                    layer: layer, cosine: length > 0 ? max(-1, min(1, product / length)) : nil,
                    leftNorm: norms.0, rightNorm: norms.1))
        }
        guard !layers.isEmpty else { throw .noCommonLayer(left.layers, right.layers) }
        self.layers = layers
        onlyLeft = left.layers.filter { right[$0] == nil }
        onlyRight = right.layers.filter { left[$0] == nil }
    }

    /// The mean cosine of the layers that have one.
    public var meanCosine: Double? {
        let cosines = layers.compactMap(\.cosine)
        return cosines.isEmpty ? nil : cosines.reduce(0, +) / Double(cosines.count)
    }

    /// The smallest cosine.
    public var leastCosine: Double? { layers.compactMap(\.cosine).min() }
}
