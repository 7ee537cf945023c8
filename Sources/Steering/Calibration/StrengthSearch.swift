import Foundation

/// A search for the greatest size of strength, one way, that keeps the budget.
///
/// Each round tries three strengths between the last that kept the budget and the first that broke it, so
/// that answers come in large batches. Damage grows about as a power of strength, so they stand where it is
/// expected to reach the budget, a sixteenth apart; where that is no help, because an answer broke or the
/// last guess was poor, they quarter what is left. The search begins with four sizes an octave apart, goes up
/// while none of them breaks and down while all do, and ends when the two are a quarter apart: where between
/// them the limit lies, all that was measured together says better than a further round (`StrengthCurves`).
/// What breaks below a strength that keeps the budget did so by chance: the stronger one has more to answer
/// for, and what the search finds has to be proved.
struct StrengthSearch {
    /// Sizes that were tried and kept the budget, ascending.
    private(set) var kept: [Double] = []
    /// The least size above all of them that broke it.
    private(set) var breaking: Double?
    /// A size that is worth beginning with: strength 1 at natural scale.
    private let unit: Double
    /// The share of the budget that each size took.
    private var shares: [Double: Double] = [:]
    /// What was left between the two when the last round was laid out.
    private var widthBefore = Double.infinity

    /// How much further than the unit, either way, is still looked.
    private static let reach = 512.0
    private static let resolution = 1.0 / 4
    private static let guessStep = 1.0 / 16

    init(unit: Double) {
        self.unit = unit
    }

    /// All sizes that were tried and the shares of the budget that they took, ascending;
    /// infinite where an answer broke.
    var tried: [(size: Double, share: Double)] {
        shares.map { (size: $0.key, share: $0.value) }.sorted { $0.size < $1.size }
    }

    /// The greatest size that keeps the budget as far as is known; 0 where none does.
    var strong: Double { kept.last ?? 0 }

    /// What to try next, ascending; nothing when the search is over.
    var next: [Double] {
        guard let breaking else {
            if kept.isEmpty { return [0.125, 0.25, 0.5, 1].map { $0 * unit } }
            return strong < Self.reach * unit ? [2, 4, 8].map { $0 * strong } : []
        }
        if kept.isEmpty {
            return breaking > unit / Self.reach ? [0.125, 0.25, 0.5].map { $0 * breaking } : []
        }
        let width = breaking - strong
        guard width > Self.resolution * breaking else { return [] }
        if width <= widthBefore / 2, let limit = expectedLimit {
            // Just under a sixteenth, so that a good guess leaves no more than that.
            let step = 0.96 * Self.guessStep * limit
            let around = [limit - step, limit, limit + step].filter { strong < $0 && $0 < breaking }
            if !around.isEmpty { return around }
        }
        return [1, 2, 3].map { strong + width * $0 / 4 }
    }

    /// Where the damage of the two reaches the budget if it grows as a power of the size between them.
    private var expectedLimit: Double? {
        guard let breaking, let low = shares[strong], let high = shares[breaking], low > 0, high.isFinite,
            high > low
        else { return nil }
        let power = log(high / low) / log(breaking / strong)
        let limit = strong * pow(low, -1 / power)
        return limit.isFinite ? limit : nil
    }

    /// Hears what share of the budget each size of a round took; above 1 breaks it.
    mutating func take(_ round: [(size: Double, share: Double)]) {
        if let breaking, !kept.isEmpty { widthBefore = breaking - strong }
        for (size, share) in round { shares[size] = share }
        kept = tried.filter { $0.share <= 1 }.map(\.size)
        breaking = tried.first { $0.size > strong && $0.share > 1 }?.size
    }
}
