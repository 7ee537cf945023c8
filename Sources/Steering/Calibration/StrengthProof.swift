import ControlVectors

/// Steps the strong strengths of a search down, an eighth of each at a time, until answers that the search
/// has not seen keep the budget too.
///
/// A search sees one draw of each question, and an answer that goes round in a circle once in fifty times is
/// not among them. What fails is where its side begins to break.
struct StrengthProof {
    private var sides: [Side]

    /// What was measured of every strength that was tried, ascending.
    private(set) var tried: [StrengthMeasures] = []

    /// One side of the trait.
    private struct Side {
        var band: StrengthBand
        /// What the search has found.
        let found: StrengthBand
        /// How much of it is left.
        var eighths = 8
        var isOver: Bool

        init(_ band: StrengthBand) {
            self.band = band
            found = band
            isOver = band.strong == 0
        }

        mutating func take(holds: Bool) {
            guard !holds else {
                isOver = true
                return
            }
            eighths -= 1
            band.breaking = band.strong
            // A search that was too hopeful of the budget was so of its half.
            band.strong = found.strong * Float(eighths) / 8
            band.safe = found.safe.map { $0 * Float(eighths) / 8 }
            isOver = eighths == 0
        }
    }

    init(negative: StrengthBand, positive: StrengthBand) {
        sides = [Side(negative), Side(positive)]
    }

    /// Against the trait, as far as it is known.
    var negative: StrengthBand { sides[0].band }

    /// With the trait, as far as it is known.
    var positive: StrengthBand { sides[1].band }

    /// The strengths that have to hold next, ascending; nothing when the proof is over.
    var next: [Double] { sides.filter { !$0.isOver }.map { Double($0.band.strong) } }

    /// Hears what the strengths of a round did.
    mutating func take(_ round: [StrengthMeasures], within budget: DamageBudget) {
        for measures in round {
            tried.append(measures)
            for index in sides.indices
            where !sides[index].isOver && Double(sides[index].band.strong) == measures.strength {
                sides[index].take(holds: budget.share(of: measures) <= 1)
            }
        }
        tried.sort { $0.strength < $1.strength }
    }
}
