/// A search for the greatest size of strength, one way, of which everything up to it keeps the budget.
///
/// Bisection two steps at a time: each round tries three strengths between the last that kept the budget and the first that broke it, so
/// that answers come in large batches. It begins with four sizes an octave apart, goes up while none of them breaks and down while
/// all do, and ends when the two are a sixteenth apart. What lies above a strength that broke counts as broken.
struct StrengthSearch {
    /// Sizes that were tried and kept the budget, ascending; below `breaking`.
    private(set) var kept: [Double] = []
    /// The least size that broke it.
    private(set) var breaking: Double?
    /// A size that is worth beginning with: strength 1 at natural scale.
    private let unit: Double

    /// How much further than the unit, either way, is still looked.
    private static let reach = 512.0
    private static let resolution = 1.0 / 16

    init(unit: Double) {
        self.unit = unit
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
        return width > Self.resolution * breaking ? [1, 2, 3].map { strong + width * $0 / 4 } : []
    }

    /// Hears what became of a size.
    mutating func take(_ size: Double, keepsBudget: Bool) {
        if keepsBudget {
            if breaking.map({ size < $0 }) ?? true {
                kept.append(size)
                kept.sort()
            }
        } else if breaking.map({ size < $0 }) ?? true {
            breaking = size
            kept.removeAll { $0 > size }
        }
    }
}
