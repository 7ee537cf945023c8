public import Terms

/// A range of layers, as block numbers or as shares of the model's depth: `9-24`, `9`, `30%-80%`.
///
/// A share p of L layers begins at block ⌈p·L⌉ and ends at ⌊p·L⌋ (at most L − 1), in integers: the default
/// 30%-80% is 9-24 of 30 layers and 15-38 of 48. A single share `50%` is the one block ⌊p·L⌋.
public struct LayerSelection: Sendable, Hashable {
    /// One end of the range.
    public enum Bound: Sendable, Hashable {
        /// A block, from 0.
        case layer(LayerIndex)
        /// Hundredths of a percent of the depth, 0…10000.
        case share(basisPoints: Int)
    }

    /// The first layer.
    public let lower: Bound
    /// The last layer, which belongs to the range.
    public let upper: Bound

    /// ⌈0.3·L⌉ … ⌊0.8·L⌋: the middle of the model, where traits are held.
    public static let standard = LayerSelection(
        lower: .share(basisPoints: 3000), upper: .share(basisPoints: 8000))

    /// The layers of a range, by number.
    public init(_ range: ClosedRange<LayerIndex>) {
        self.init(lower: .layer(range.lowerBound), upper: .layer(range.upperBound))
    }

    init(lower: Bound, upper: Bound) {
        self.lower = lower
        self.upper = upper
    }

    /// The layers of a model with that many.
    ///
    /// - Throws: `layersOutsideModel`, `noLayersSelected` where a range of shares holds no whole layer,
    ///   `reversedLayers` where a mixed range turns out to end before it begins.
    public func resolve(layerCount: Int) throws(ControlVectorError) -> ClosedRange<LayerIndex> {
        guard (1...Self.greatestDepth).contains(layerCount) else {
            throw .layersOutsideModel(selection: description, layerCount: layerCount)
        }
        let last = layerCount - 1
        var first: Int
        var final: Int
        switch lower {
        case .layer(let layer): first = layer.rawValue
        case .share(let points): first = (points * layerCount + 9999) / 10000
        }
        switch upper {
        case .layer(let layer): final = layer.rawValue
        case .share(let points): final = min(points * layerCount / 10000, last)
        }
        if lower == upper { first = final }
        // A share above the last block, as in 99%-100% of four layers, holds no layer; a number above it
        // is a mistake.
        for case .layer(let layer) in [lower, upper] where !(0...last).contains(layer.rawValue) {
            throw .layersOutsideModel(selection: description, layerCount: layerCount)
        }
        guard first <= final else {
            switch (lower, upper) {
            case (.share, .share): throw .noLayersSelected(selection: description, layerCount: layerCount)
            default: throw .reversedLayers(selection: description)
            }
        }
        return LayerIndex(first)...LayerIndex(final)
    }

    /// The selection for a model of another depth: shares stay as they are, layers keep their share of the
    /// depth.
    ///
    /// A range a…b of L layers becomes ⌈a·L′/L⌉ … ⌊b·L′/L⌋, so that what came from shares goes where the
    /// shares would; the last layer stays the last. Where that holds no layer, the nearest one to the middle;
    /// what began above block 0, which vector files cannot hold, does not become it.
    ///
    /// - Throws: `layersOutsideModel` where the layers are not those of a model with `oldCount`.
    public func carriedOver(
        from oldCount: Int, to newCount: Int
    ) throws(ControlVectorError) -> LayerSelection {
        guard case .layer(let lower) = lower, case .layer(let upper) = upper else {
            _ = try resolve(layerCount: newCount)
            return self
        }
        _ = try resolve(layerCount: oldCount)
        guard (1...Self.greatestDepth).contains(newCount) else {
            throw .layersOutsideModel(selection: description, layerCount: newCount)
        }
        guard oldCount != newCount else { return self }
        let last = newCount - 1
        let first = min((lower.rawValue * newCount + oldCount - 1) / oldCount, last)
        let final =
            upper.rawValue == oldCount - 1 ? last : min(upper.rawValue * newCount / oldCount, last)
        guard first <= final else {
            // Twice the middle, over twice the old depth, rounded to the nearest.
            let middle = ((lower.rawValue + upper.rawValue) * newCount + oldCount) / (2 * oldCount)
            let nearest = LayerIndex(min(max(middle, min(lower.rawValue, 1)), last))
            return LayerSelection(nearest...nearest)
        }
        return LayerSelection(LayerIndex(first)...LayerIndex(final))
    }

    /// A bound far above every model, below which the products here cannot overflow.
    private static let greatestDepth = 1_000_000
}
