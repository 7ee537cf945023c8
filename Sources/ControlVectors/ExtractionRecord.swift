public import Terms

/// How long the stored directions are.
public enum ScaleConvention: String, Sendable, Codable, CaseIterable {
    /// The mean separation of the pairs along the direction: strength 1 adds one positive-minus-negative
    /// difference.
    case natural
    /// 1, for numbers comparable with repeng's.
    case unit
}

/// How the directions of a vector were found, and what was measured of each.
public struct ExtractionRecord: Sendable, Equatable {
    /// The version of the tool that extracted them.
    public var toolVersion: String
    /// What was asked for: `auto`, `pca`, `mean`…; what was chosen for a layer is in its evidence.
    public var method: String
    /// Which token's hidden state was kept.
    public var readout: String
    /// How long the stored directions are.
    public var scale: ScaleConvention
    /// The layers that were asked for.
    public var layers: LayerSelection
    /// What was measured of each layer.
    public var evidence: [LayerIndex: LayerEvidence]
    /// A JSON text with the dataset and every choice, from which the vector can be extracted again.
    public var recipe: String?

    /// Records an extraction.
    public init(
        toolVersion: String, method: String, readout: String, scale: ScaleConvention, layers: LayerSelection,
        evidence: [LayerIndex: LayerEvidence] = [:], recipe: String? = nil
    ) {
        self.toolVersion = toolVersion
        self.method = method
        self.readout = readout
        self.scale = scale
        self.layers = layers
        self.evidence = evidence
        self.recipe = recipe
    }
}

/// What was measured of one layer's direction. A number that is unknown or was not finite is nil; files
/// hold NaN in its place.
public struct LayerEvidence: Sendable, Equatable {
    /// The estimator that gave the direction: `pca`, `mean`…
    public let estimator: String?
    /// The mean separation of the pairs along the unit direction.
    public let scale: Float?
    /// The length of the stored direction.
    public let norm: Float?
    /// The share of the pair differences' squared sum that lies along the direction, 0…1.
    public let explainedVarianceRatio: Float?
    /// The share of held-out pairs whose positive side projects higher, 0…1.
    public let pairAccuracy: Float?
    /// The cosine to the mean difference, −1…1.
    public let cosineToMean: Float?
    /// The stored direction's length over the median length of the hidden states at this layer.
    public let dose: Float?

    /// Rounds measurements to float32, which is what files hold, and drops those that are not finite.
    public init(
        estimator: String? = nil, scale: Double? = nil, norm: Double? = nil,
        explainedVarianceRatio: Double? = nil, pairAccuracy: Double? = nil, cosineToMean: Double? = nil,
        dose: Double? = nil
    ) {
        func kept(_ value: Double?) -> Float? {
            value.map { Float($0) }.flatMap { $0.isFinite ? $0 : nil }
        }
        self.estimator = estimator.flatMap { $0.isEmpty ? nil : $0 }
        self.scale = kept(scale)
        self.norm = kept(norm)
        self.explainedVarianceRatio = kept(explainedVarianceRatio)
        self.pairAccuracy = kept(pairAccuracy)
        self.cosineToMean = kept(cosineToMean)
        self.dose = kept(dose)
    }
}

/// The strongest strengths that keep the model fluent, one each way.
public struct CalibratedStrengths: Sendable, Equatable {
    /// Against the trait: below 0.
    public var negative: Float
    /// With the trait: above 0.
    public var positive: Float

    /// Keeps a pair of strengths.
    public init(negative: Float, positive: Float) {
        self.negative = negative
        self.positive = positive
    }
}
