/// One layer's direction, oriented so that the positive side projects higher.
public struct EstimatedDirection: Sendable, Equatable {
    /// What found it.
    public let estimator: DirectionEstimator

    /// The direction at length 1. [hiddenSize]
    public let unit: [Double]

    /// The mean of (positive − negative) · unit: the natural scale.
    public let separation: Double

    /// The share of the differences' variance along the direction: about the origin, or for
    /// `pca-centered` about the mean.
    public let explainedVarianceRatio: Double

    /// The cosine to the mean difference; 0 when that is zero.
    public let cosineToMean: Double

    /// The share of each component that was asked for, the first included; empty for other methods.
    public let componentShares: [Double]

    /// The further principal components that were asked for: unit vectors, orthogonal to `unit` and to each
    /// other, by falling share. Their largest element is positive. [components − 1, hiddenSize]
    public let furtherComponents: [[Double]]

    /// σ₁² / σ₂² of the principal components that it is the first of; nil for other methods.
    public let componentGap: Double?

    /// Normalises and orients a vector in the space of these differences.
    ///
    /// The sign makes the mean projection positive. Where that is zero, as after centring it can be, the
    /// majority of pairs decides; a tie keeps the sign that the largest element is positive, so that
    /// equal input gives equal output.
    init(
        along vector: [Double], in differences: PairDifferences, shares: [Double] = [],
        further: [[Double]] = [], gap: Double? = nil, by estimator: DirectionEstimator,
        isOriented: Bool = true
    ) throws(SteeringError) {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length.isFinite, length > 0 else {
            throw SteeringError(
                .degenerateDirections,
                "not steerable: \(differences.counted) without a direction in common (length \(length))",
                remedy: "check that the positive and negative prompts differ in the trait")
        }
        var unit = vector.map { $0 / length }
        let projections = differences.projections(on: unit)
        let sign = isOriented ? Self.orientation(projections, differences.weights, unit) : 1
        if sign < 0 { unit = unit.map { -$0 } }

        var sum = 0.0
        var square = 0.0
        for (projection, weight) in zip(projections, differences.weights) {
            sum += weight * projection
            square += weight * projection * projection
        }
        let meanLength = differences.meanLength
        self.estimator = estimator
        self.unit = unit
        separation = sign * sum / differences.totalWeight
        explainedVarianceRatio = shares.first ?? square / differences.totalSquare
        componentShares = shares
        furtherComponents = further
        componentGap = gap
        cosineToMean = meanLength > 0 ? min(max(separation / meanLength, -1), 1) : 0
    }

    /// 1 or −1.
    private static func orientation(
        _ projections: [Double], _ weights: [Double], _ unit: [Double]
    ) -> Double {
        var mean = 0.0
        var size = 0.0
        var majority = 0.0
        for (projection, weight) in zip(projections, weights) {
            mean += weight * projection
            size += weight * abs(projection)
            majority += weight * (projection > 0 ? 1 : projection < 0 ? -1 : 0)
        }
        // Within rounding of zero the sum's sign says nothing.
        if abs(mean) > 1e-12 * size { return mean > 0 ? 1 : -1 }
        if majority != 0 { return majority > 0 ? 1 : -1 }
        let largest = unit.max { abs($0) < abs($1) } ?? 1
        return largest < 0 ? -1 : 1
    }
}
