import Foundation

/// Damage as a power of strength, and the effect as a parabola through the origin, fitted to all that a
/// search has measured on one side.
///
/// A dozen answers tell the perplexity ratio of a strength to a tenth, so that the first strength that
/// measures above the budget lies well below the one that is, now and then: a curve through all of them knows
/// the limit better than any one does.
enum StrengthCurves {
    /// Where `share` reaches a level, in the sizes' unit: share = level at `limit` · level^(1 / power).
    struct Damage {
        /// The size that takes all of the budget.
        let limit: Double
        private let power: Double

        /// Shares outside are noise about nothing, or beyond what a power describes.
        private static let fitted = 0.05...2.0
        private static let leastPower = 0.3

        /// Least squares in logarithms, where an error of a share weighs by the share: shares
        /// are about equally uncertain.
        ///
        /// - Parameter points: Sizes above 0 and the shares of the budget that they took.
        /// - Returns: nil where they do not grow, or are fewer than two.
        init?(_ points: [(size: Double, share: Double)]) {
            let points = points.filter { $0.size > 0 && Self.fitted.contains($0.share) }
            let weight = points.reduce(0) { $0 + $1.share * $1.share }
            guard points.count > 1 else { return nil }
            func mean(_ value: ((size: Double, share: Double)) -> Double) -> Double {
                points.reduce(0) { $0 + $1.share * $1.share * value($1) } / weight
            }
            let (size, share) = (mean { log($0.size) }, mean { log($0.share) })
            let spread = mean { pow(log($0.size) - size, 2) }
            guard spread > 0 else { return nil }
            power = mean { (log($0.size) - size) * (log($0.share) - share) } / spread
            guard power > Self.leastPower else { return nil }
            limit = exp(size - share / power)
            guard limit.isFinite else { return nil }
        }

        /// The size that takes a share of the budget.
        func size(at share: Double) -> Double { limit * pow(share, 1 / power) }
    }

    /// The greatest size up to `limit` of which the effect is at least a share of the greatest there, by a
    /// parabola through the origin and the points.
    static func strongest(
        upTo limit: Double, keeping share: Double, of points: [(size: Double, effect: Double)]
    ) -> Double {
        func sum(_ term: ((size: Double, effect: Double)) -> Double) -> Double {
            points.reduce(0) { $0 + term($1) }
        }
        let (s2, s3, s4) = (sum { pow($0.size, 2) }, sum { pow($0.size, 3) }, sum { pow($0.size, 4) })
        let (e1, e2) = (sum { $0.size * $0.effect }, sum { $0.size * $0.size * $0.effect })
        let determinant = s2 * s4 - s3 * s3
        guard points.count > 2, determinant > 1e-9 * s2 * s4 else { return limit }
        let slope = (e1 * s4 - e2 * s3) / determinant
        let bend = (s2 * e2 - s3 * e1) / determinant
        guard slope > 0, bend < 0 else { return limit }
        // Beyond its top a parabola is within 1 − x² of it, x being the distance in units
        // of where the top is.
        return min(limit, -slope / (2 * bend) * (1 + (1 - share).squareRoot()))
    }
}
