public import ControlVectors
import Foundation
public import Generation

/// How strongly a vector may act each way on one model, and all that was measured to find out.
public struct Calibration: Sendable, Equatable {
    /// Against the trait.
    public let negative: StrengthBand

    /// With the trait.
    public let positive: StrengthBand

    /// Every strength that the search has tried, 0 among them, ascending.
    public let probes: [StrengthMeasures]

    /// Every strength that was to be proved with further draws, ascending. Of one that has broken an answer
    /// only the faults are known.
    public let proofs: [StrengthMeasures]

    /// What the model does without steering in the further draws, which the numbers of `proofs` are compared
    /// with; nil where nothing was to be proved.
    public let proofBaseline: StrengthMeasures?

    /// The damage that was allowed.
    public let budget: DamageBudget

    /// How many prompts were answered at each strength.
    public let promptCount: Int

    /// How the search drew its answers.
    public let sampling: SamplingOptions

    /// The ways in which each prompt was answered again for a proof.
    public let provingSamplings: [SamplingOptions]

    /// Prompts that were left out, because the model's own answer to them is broken.
    public let leftOut: [String]

    /// The sides on which strengths within the budget do not move the answers that way;
    /// their strong strength is 0.
    public let unmovedSides: [Side]

    /// A side of a trait.
    public enum Side: String, Sendable, CaseIterable {
        /// Against it.
        case negative
        /// With it.
        case positive
    }

    /// How far the meter moves from the strongest strength against the trait to the strongest with it, both
    /// within the budget; nil where one of them was not measured.
    public var swing: Double? {
        // What was proved was measured on more answers.
        func shift(_ strength: Float) -> Double? {
            (proofs + probes).first { Float($0.strength) == strength }?.meterShift
        }
        guard let low = shift(negative.strong), let high = shift(positive.strong) else { return nil }
        return high - low
    }

    /// What a vector file keeps of it.
    ///
    /// - Parameter form: How the prompts were put.
    public func strengths(
        on model: ModelFingerprint, puttingPromptsAs form: PromptForm
    ) -> CalibratedStrengths {
        CalibratedStrengths(
            negative: negative, positive: positive, modelDigest: model.digest,
            computationDigest: model.computationDigest, modelName: model.name, budget: budget.words,
            promptCount: promptCount, promptForm: form, isCarried: false)
    }
}

extension StrengthBand {
    /// What the strongest strength keeps of the greatest effect, at least: beyond that,
    /// more of it only does damage.
    private static let fullEffect = 0.95

    /// The bands that a finished search has found.
    ///
    /// - Parameters:
    ///   - sign: +1 or −1.
    ///   - shift: How far a size moved the meter; nil where that is not known.
    init(_ search: StrengthSearch, sign: Double, shift: (Double) -> Double? = { _ in nil }) {
        let finite = search.tried.filter { $0.share.isFinite }
        let damage = search.kept.isEmpty ? nil : StrengthCurves.Damage(finite)
        // What a curve knows of the budget it does not know of answers that break.
        let firstBroken =
            search.tried.first { $0.size > search.strong && !$0.share.isFinite }?.size ?? .infinity
        let whole = finite.last { $0.size < firstBroken }?.size ?? 0
        let limit = damage.map { min($0.limit, whole) } ?? search.strong
        let moved = finite.compactMap { point in
            shift(point.size).map { (size: point.size, effect: sign * $0) }
        }
        let strong = StrengthCurves.strongest(upTo: limit, keeping: Self.fullEffect, of: moved)
        // Without a curve it is the last that was seen to take so little.
        let safe =
            damage?.size(at: 0.5) ?? finite.last { $0.size <= strong && $0.share <= 0.5 }?.size ?? 0
        self.init(
            strong: Float(sign * strong), safe: Float(sign * min(strong, safe)),
            breaking: search.tried.first { $0.size > strong && $0.share > 1 }.map { Float(sign * $0.size) })
    }

    /// Whether strengths up to the strong one do not move the meter their way: the slope of its shift over
    /// strength, by all that was measured of them, each strength weighing by its answers. One draw of a dozen
    /// answers tells a base model's shift to half a unit.
    func isUnmoved(by measured: some Sequence<StrengthMeasures>) -> Bool {
        let own = measured.filter {
            $0.strength * Double(strong) > 0 && Float($0.strength).magnitude <= strong.magnitude
        }
        let moments = own.compactMap { measures in
            measures.meterShift.map { $0 * measures.strength * Double(measures.answerCount) }
        }
        return !moments.isEmpty && moments.reduce(0, +) <= 0
    }
}
