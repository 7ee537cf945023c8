/// How much a vector moves each of some prompts: the slope of the log-odds of a forced choice over strength.
///
/// Tan et al. 2024 ("Analysing the generalisation and reliability of steering vectors"): a prompt whose slope
/// is below 0 moves against the vector, and a mean over prompts hides it.
public struct Steerability: Sendable, Equatable, Codable {
    /// The least-squares slope of each prompt, in nats a unit of strength; nil where fewer
    /// than two strengths are known.
    public let slopes: [Double?]

    /// The mean of those that are known.
    public let meanSlope: Double?

    /// The share of them that are below 0: the anti-steerable prompts.
    public let antiSteerableShare: Double?

    /// Fits a line to each prompt.
    ///
    /// - Parameter propensities: For each prompt its log-odds at each strength, nil where it is
    ///   unknown. [prompts, strengths]
    public init(strengths: [Double], propensities: [[Double?]]) {
        slopes = propensities.map { row in
            Self.slope(zip(strengths, row).compactMap { strength, value in value.map { (strength, $0) } })
        }
        let known = slopes.compactMap { $0 }
        meanSlope = known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        antiSteerableShare =
            known.isEmpty ? nil : Double(known.count { $0 < 0 }) / Double(known.count)
    }

    /// Σ (x − x̄)(y − ȳ) / Σ (x − x̄)²; nil where all x are equal.
    private static func slope(_ points: [(x: Double, y: Double)]) -> Double? {
        guard points.count > 1 else { return nil }
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + $1.x } / count
        let meanY = points.reduce(0) { $0 + $1.y } / count
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard spread > 0 else { return nil }
        return (points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread).finite
    }
}

extension Double {
    /// The number where it is one.
    fileprivate var finite: Double? { isFinite ? self : nil }
}
