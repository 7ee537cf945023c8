public import ControlVectors
import Foundation

/// How strongly a vector may act each way on one model, and all that was measured to find out.
public struct Calibration: Sendable, Equatable {
    /// Against the trait.
    public let negative: StrengthBand

    /// With the trait.
    public let positive: StrengthBand

    /// Every strength that was tried, 0 among them, ascending.
    public let probes: [StrengthMeasures]

    /// The damage that was allowed.
    public let budget: DamageBudget

    /// How many prompts were answered at each strength.
    public let promptCount: Int

    /// Prompts that were left out, because the model's own answer to them is broken.
    public let leftOut: [String]

    /// How far the meter moves from the strongest strength against the trait to the strongest with it, both within the budget; nil
    /// where one of them was not measured.
    public var swing: Double? {
        func shift(_ strength: Float) -> Double? {
            probes.first { Float($0.strength) == strength }?.meterShift
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
    /// The bands that a finished search has found.
    ///
    /// - Parameters:
    ///   - sign: +1 or −1.
    ///   - share: Of a size that was tried the share of the budget that it took.
    init(_ search: StrengthSearch, sign: Double, share: (Double) -> Double) {
        var points = [(size: 0.0, share: 0.0)]
        points += search.kept.map { ($0, share($0)) }
        self.init(
            strong: Float(sign * search.strong),
            safe: Float(sign * Self.crossing(of: 0.5, points)),
            breaking: search.breaking.map { Float(sign * $0) })
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
