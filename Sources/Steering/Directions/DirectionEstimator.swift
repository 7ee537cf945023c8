import LinearAlgebra
import Terms

/// How the direction of a layer is found in the hidden states of its pairs.
public enum DirectionEstimator: String, Sendable, CaseIterable, Codable {
    /// The mean of the differences (Marks and Tegmark 2023; Rimsky et al. 2023, CAA).
    case mean

    /// The first principal component of the differences about the origin: the direction along
    /// which the pairs differ most.
    case pca

    /// The first principal component about the mean, as repeng's `pca_diff`. The mean difference, which is
    /// the trait, is removed first: for comparison, not for steering.
    case pcaCentered = "pca-centered"

    /// Each pair centred about its midpoint, as repeng's `pca_center` and CAST's `pca_pairwise`.
    /// The rows are then +d/2 and −d/2 with mean 0, whose scatter is half of dᵀd: the same
    /// direction and the same ratio as `pca`.
    case pcaPairs = "pca-pairs"

    /// The weights of a logistic regression between the two sides, with an L2 penalty (C = 1 on states whose
    /// root mean square distance from their mean, a column, is 1).
    case logistic

    /// Fisher's discriminant with Ledoit and Wolf's shrunk covariance: the mean difference, whitened by the
    /// spread that both sides share.
    case lda

    /// A direction drawn by the seed, as long as the mean difference: what steering by chance does.
    case random

    /// Whether it gives principal components, of which there may be several.
    public var isPrincipalComponent: Bool {
        switch self {
        case .pca, .pcaCentered, .pcaPairs: true
        case .mean, .logistic, .lda, .random: false
        }
    }

    /// The oriented direction of these differences: a pure function of them and the seed.
    ///
    /// - Parameters:
    ///   - components: How many principal components to find; other methods give one direction.
    ///   - seed: What `random` is drawn by.
    /// - Throws: `degenerateDirections` when there is no direction in them, an error of
    ///   LAPACK, or `nonFiniteValue`.
    public func estimate(
        _ differences: PairDifferences, components: Int = 1, seed: UInt64 = 0
    ) throws -> EstimatedDirection {
        guard try differences.finiteTotalSquare() > 0 else {
            throw SteeringError(
                .degenerateDirections,
                "not steerable: the sides of \(differences.counted) have equal hidden states",
                remedy: "check that the positive and negative prompts differ in the trait")
        }
        switch self {
        case .mean:
            return try EstimatedDirection(along: differences.mean, in: differences, by: self)
        case .logistic:
            return try EstimatedDirection(along: differences.logisticWeights(), in: differences, by: self)
        case .lda:
            return try EstimatedDirection(along: differences.discriminant(), in: differences, by: self)
        case .random:
            let drawn = Self.gaussian(count: differences.hiddenSize, seed: seed)
            return try EstimatedDirection(along: drawn, in: differences, by: self, isOriented: false)
        case .pca, .pcaPairs, .pcaCentered:
            let center = self == .pcaCentered ? differences.mean : nil
            let found = try differences.principalComponents(components, about: center)
            return try EstimatedDirection(
                along: found.directions[0], in: differences, shares: found.explainedVarianceRatios,
                further: Array(found.directions.dropFirst()), gap: found.gap, by: self)
        }
    }

    /// Independent normal numbers: no direction is preferred.
    private static func gaussian(count: Int, seed: UInt64) -> [Double] {
        var generator = RandomSource(seed: seed)
        return (0..<count).map { _ in generator.nextNormal() }
    }
}

extension PairDifferences {
    /// The leading components about a point: as many as were asked for, at least one.
    func principalComponents(_ count: Int, about center: [Double]?) throws -> PrincipalComponents {
        let degenerate = SteeringError(
            .degenerateDirections,
            "\(counted) without a principal component in the differences",
            remedy: "add pairs that differ, or use --method mean")
        guard self.count >= 2 else { throw degenerate }
        do {
            return try PrincipalComponents(of: weightedRows(about: center), count: count)
        } catch .rankZero {
            throw degenerate
        }
    }

    /// How many times the spread along the first component is that along the second, about the origin: σ₁² /
    /// σ₂². Nil where there is no second one.
    func componentGap() -> Double? {
        count >= 2 ? (try? principalComponents(1, about: nil))?.gap : nil
    }

    /// Logistic regression between the two sides, each state a row.
    func logisticWeights() throws -> [Double] {
        func copies(_ side: StateRows) -> [ArraySlice<Float>] {
            (0..<side.count).map { index in side.withRow(index) { ArraySlice($0) } }
        }
        return try LogisticProbe(
            positive: copies(positive), negative: copies(negative), rowWeights: weights + weights
        ).weights
    }

    /// Fisher's discriminant between the two sides.
    func discriminant() throws -> [Double] {
        func moments(_ side: StateRows) -> Moments {
            var moments = Moments(columns: hiddenSize)
            moments.add(count: side.count, weights: weights) { index, body in side.withRow(index, body) }
            return moments
        }
        return try DiscriminantDirection(positive: moments(positive), negative: moments(negative)).direction
    }
}
