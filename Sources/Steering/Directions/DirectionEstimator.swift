import LinearAlgebra

/// How the direction of a layer is found in its pair differences.
public enum DirectionEstimator: String, Sendable, CaseIterable, Codable {
    /// The mean of the differences (Marks and Tegmark 2023; Rimsky et al. 2023, CAA).
    case mean

    /// The first principal component of the differences about the origin: the direction along which the pairs differ most.
    case pca

    /// The first principal component about the mean, as repeng's `pca_diff`. The mean difference, which is the
    /// trait, is removed first: for comparison, not for steering.
    case pcaCentered = "pca-centered"

    /// Each pair centred about its midpoint, as repeng's `pca_center` and CAST's `pca_pairwise`. The rows are then +d/2
    /// and −d/2 with mean 0, whose scatter is half of dᵀd: the same direction and the same ratio as `pca`.
    case pcaPairs = "pca-pairs"

    /// The oriented direction of these differences.
    ///
    /// - Throws: `degenerateDirections` when there is no direction in them, an error of LAPACK, or `nonFiniteValue`.
    public func estimate(_ differences: PairDifferences) throws -> EstimatedDirection {
        guard differences.areFinite else {
            throw SteeringError(
                .nonFiniteValue, "the hidden states are not all finite numbers",
                remedy: "check the model's file; a damaged tensor gives such states")
        }
        let unit: [Double]
        let explained: Double?
        switch self {
        case .mean:
            unit = differences.mean
            explained = nil
        case .pca, .pcaPairs:
            (unit, explained) = try Self.firstComponent(differences.weightedRows(about: nil))
        case .pcaCentered:
            (unit, explained) = try Self.firstComponent(differences.weightedRows(about: differences.mean))
        }
        return try EstimatedDirection(
            along: unit, in: differences, explainedVarianceRatio: explained, by: self)
    }

    private static func firstComponent(_ rows: Matrix) throws -> ([Double], Double?) {
        guard rows.rows >= 2, rows.elements.contains(where: { $0 != 0 }) else {
            throw SteeringError(
                .degenerateDirections,
                "\(rows.rows) distinct pairs, whose differences have no principal component",
                remedy: "add pairs that differ, or use --method mean")
        }
        let components = try PrincipalComponents(of: rows, count: 1, about: .origin)
        guard let direction = components.directions.first else {
            throw SteeringError(.degenerateDirections, "the differences have no principal component")
        }
        return (direction, components.explainedVarianceRatios.first)
    }
}
