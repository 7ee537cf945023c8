public import ControlVectors
import Foundation

/// How strongly a vector may act each way on one model, and all that was measured to find out.
public struct Calibration: Sendable, Equatable {
    /// Against the trait.
    public let negative: StrengthBand

    /// With the trait.
    public let positive: StrengthBand

    /// Every strength that the search has tried, 0 among them, ascending.
    public let probes: [StrengthMeasures]

    /// Every strength that was to be proved with further draws, ascending. Of one that has broken an answer only the faults are known.
    public let proofs: [StrengthMeasures]

    /// The damage that was allowed.
    public let budget: DamageBudget

    /// How many prompts were answered at each strength.
    public let promptCount: Int

    /// In how many ways each of them was answered again for a proof.
    public let proofDraws: Int

    /// Prompts that were left out, because the model's own answer to them is broken.
    public let leftOut: [String]

    /// The sides on which strengths within the budget do not move the answers that way; their strong strength is 0.
    public let unmovedSides: [Side]

    /// A side of a trait.
    public enum Side: String, Sendable, CaseIterable {
        /// Against it.
        case negative
        /// With it.
        case positive
    }

    /// How far the meter moves from the strongest strength against the trait to the strongest with it, both within the budget; nil
    /// where one of them was not measured.
    public var swing: Double? {
        // What was proved was measured on more answers.
        func shift(_ strength: Float) -> Double? {
            (proofs + probes).first { Float($0.strength) == strength }?.meterShift
        }
        guard let low = shift(negative.strong), let high = shift(positive.strong) else { return nil }
        return high - low
    }

    /// What a vector file keeps of it.
    public func strengths(on model: ModelFingerprint) -> CalibratedStrengths {
        CalibratedStrengths(
            negative: negative, positive: positive, modelDigest: model.digest, modelName: model.name,
            budget: budget.words, promptCount: promptCount)
    }
}

extension StrengthBand {
    /// A weaker strength that moves the answers as far, but for this share, is as good as the strongest, and does less damage.
    private static let fullEffect = 0.95

    /// The bands that a finished search has found.
    ///
    /// - Parameters:
    ///   - sign: +1 or −1.
    ///   - share: Of a size that was tried the share of the budget that it took.
    ///   - shift: How far it moved the meter; nil where that is not known.
    init(
        _ search: StrengthSearch, sign: Double, share: (Double) -> Double,
        shift: (Double) -> Double? = { _ in nil }
    ) {
        var points = [(size: 0.0, share: 0.0)]
        points += search.kept.map { ($0, share($0)) }
        let strong = Self.strong(search) { size in shift(size).map { sign * $0 } }
        self.init(
            strong: Float(sign * strong),
            safe: Float(sign * min(strong, Self.crossing(of: 0.5, points))),
            breaking: search.breaking.map { Float(sign * $0) })
    }

    /// The strongest size that kept the budget and still moves the meter about as far as any; 0 where they move it the other way, by
    /// the slope of a line through the origin.
    private static func strong(_ search: StrengthSearch, movement: (Double) -> Double?) -> Double {
        let moved = search.kept.compactMap { size in movement(size).map { (size: size, movement: $0) } }
        guard let most = moved.map(\.movement).max() else { return search.strong }
        guard moved.reduce(0, { $0 + $1.size * $1.movement }) > 0 else { return 0 }
        return moved.last { $0.movement >= fullEffect * most }?.size ?? 0
    }

    /// Where a line through points first reaches a level; the last point where it does not.
    private static func crossing(of level: Double, _ points: [(size: Double, share: Double)]) -> Double {
        for (before, after) in zip(points, points.dropFirst()) where after.share > level {
            let part = (level - before.share) / (after.share - before.share)
            return before.size + part * (after.size - before.size)
        }
        return points.last?.size ?? 0
    }
}
