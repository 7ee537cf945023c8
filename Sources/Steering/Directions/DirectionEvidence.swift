public import ControlVectors
public import Terms

/// What is known about one layer's direction: how it was found, and how well it separates unseen pairs.
public struct DirectionEvidence: Sendable, Equatable {
    /// The block whose output it was measured at.
    public var layer: LayerIndex

    /// What found it; under `auto` the choice.
    public var estimator: DirectionEstimator

    /// The share of the pair differences' variance along the direction.
    public var explainedVarianceRatio: Double

    /// The share of held-out pairs whose positive side projects higher on the direction as fitted to the
    /// train pairs alone. Without held-out pairs, of the pairs it was fitted to.
    public var pairAccuracy: Double

    /// How many pairs that is the share of, repetitions included; 0 when nothing could be held out.
    public var heldOutPairs: Int

    /// The cosine to the mean difference.
    public var cosineToMean: Double

    /// The mean separation of the pairs along the direction: the length at natural scale.
    public var scale: Double

    /// The length of the stored direction.
    public var norm: Double

    /// The length of the stored direction against the median length of a hidden state at this layer.
    public var dose: Double

    /// What a user should know.
    public var notes: [LayerNote]

    /// The 95 % interval of `pairAccuracy`, by bootstrap.
    public var accuracyInterval: ClosedRange<Double>

    /// The chance that a positive state of the same pairs projects higher than a negative one.
    public var auc: Double

    /// The 95 % interval of `auc`, by bootstrap.
    public var aucInterval: ClosedRange<Double>

    /// The share of each persona's pairs that the mean difference of the other personas
    /// separates; nil with fewer than two.
    public var personaAccuracy: Double?

    /// The spread of the differences along their first component over that along their second;
    /// nil where there is no second.
    public var componentGap: Double?

    /// The share of each component that was asked for; empty for methods without.
    public var componentShares: [Double]

    /// The cosine to the direction of the layer before; nil for the first.
    public var cosineToPrevious: Double?

    /// Where the sides of all pairs lie along the direction, at unit length; nil where that is not a number.
    public var sides: SideProjections?
}

/// A remark on one layer's direction.
public enum LayerNote: Sendable, Equatable {
    /// The principal component is nearly orthogonal to the mean difference: it follows
    /// something else than the trait.
    case nuisanceComponent(cosineToMean: Double)

    /// `auto` took the mean difference because it separates held-out pairs better.
    case weakerComponent(accuracy: Double, meanAccuracy: Double)

    /// The direction separates pairs hardly better than a coin.
    case nearChance(accuracy: Double)

    /// There were too few pairs to keep some aside: the accuracy is that of the pairs themselves.
    case notHeldOut

    /// One line for a person.
    public var text: String {
        switch self {
        case .nuisanceComponent(let cosine):
            "PC1 is a nuisance direction here (cosine to the mean difference \(EvidenceNumber.hundredths(cosine)))"
        case .weakerComponent(let accuracy, let meanAccuracy):
            "PC1 separates \(EvidenceNumber.percent(accuracy)) of held-out pairs, the mean difference \(EvidenceNumber.percent(meanAccuracy))"
        case .nearChance(let accuracy):
            "it separates only \(EvidenceNumber.percent(accuracy)) of the pairs"
        case .notHeldOut:
            "too few pairs to hold some out: the accuracy is that of the pairs themselves"
        }
    }
}

extension DirectionEvidence {
    /// Below this |cosine| to the mean difference a principal component follows something else
    /// than the trait. On SmolLM2's happy pairs the components of good layers lie at 0.84-0.997,
    /// the nuisances at 0.004-0.47.
    static let nuisanceCosine = 0.5

    /// Below this share of pairs a direction is hardly better than a coin.
    static let chanceAccuracy = 0.6
}

extension DirectionEvidence {
    /// The numbers that the vector's file keeps.
    public var record: LayerEvidence {
        LayerEvidence(
            estimator: estimator.rawValue, scale: scale, norm: norm,
            explainedVarianceRatio: explainedVarianceRatio, pairAccuracy: pairAccuracy,
            cosineToMean: cosineToMean, dose: dose, componentGap: componentGap,
            accuracyInterval: accuracyInterval, auc: auc, aucInterval: aucInterval,
            personaAccuracy: personaAccuracy, cosineToPrevious: cosineToPrevious,
            heldOutPairs: Double(heldOutPairs), sides: sides)
    }

    /// Whether the direction is good for steering, by the rules of `Verdict`.
    public var assessment: Assessment {
        record.assessment ?? Assessment(verdict: .not, reason: "its accuracy is not a number")
    }
}

extension DirectionEvidence: Encodable {
    enum CodingKeys: CodingKey {
        case layer, estimator, explainedVarianceRatio, pairAccuracy, heldOutPairs, cosineToMean, scale, norm,
            dose, notes, accuracyInterval, auc, aucInterval, personaAccuracy, componentGap, componentShares,
            cosineToPrevious, sides, verdict, reason
    }

    /// Numbers that are not finite are null; notes are their texts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func encode(_ number: Double, forKey key: CodingKeys) throws {
            try container.encode(number.isFinite ? number : nil, forKey: key)
        }
        try container.encode(layer, forKey: .layer)
        try container.encode(estimator, forKey: .estimator)
        try encode(explainedVarianceRatio, forKey: .explainedVarianceRatio)
        try encode(pairAccuracy, forKey: .pairAccuracy)
        try container.encode(heldOutPairs, forKey: .heldOutPairs)
        try encode(cosineToMean, forKey: .cosineToMean)
        try encode(scale, forKey: .scale)
        try encode(norm, forKey: .norm)
        try encode(dose, forKey: .dose)
        try container.encode(notes.map(\.text), forKey: .notes)
        try container.encode(
            [accuracyInterval.lowerBound, accuracyInterval.upperBound], forKey: .accuracyInterval)
        try encode(auc, forKey: .auc)
        try container.encode([aucInterval.lowerBound, aucInterval.upperBound], forKey: .aucInterval)
        try encode(personaAccuracy ?? .nan, forKey: .personaAccuracy)
        try encode(componentGap ?? .nan, forKey: .componentGap)
        try container.encode(componentShares, forKey: .componentShares)
        try encode(cosineToPrevious ?? .nan, forKey: .cosineToPrevious)
        try container.encode(sides, forKey: .sides)
        try container.encode(assessment.verdict, forKey: .verdict)
        try container.encode(assessment.reason, forKey: .reason)
    }
}
