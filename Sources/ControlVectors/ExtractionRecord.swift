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
    /// What a judge said of the answers; nil where there was none.
    public var judgement: Judgement?

    /// Whether a meter of the vector has a scale: some layer knows where the sides of the dataset lie.
    public var hasMeterScale: Bool { evidence.values.contains { $0.sides != nil } }

    /// Records an extraction.
    public init(
        toolVersion: String, method: String, readout: String, scale: ScaleConvention, layers: LayerSelection,
        evidence: [LayerIndex: LayerEvidence] = [:], recipe: String? = nil, judgement: Judgement? = nil
    ) {
        self.toolVersion = toolVersion
        self.method = method
        self.readout = readout
        self.scale = scale
        self.layers = layers
        self.evidence = evidence
        self.recipe = recipe
        self.judgement = judgement
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
    /// The stored direction's length over the median length of the hidden states at this
    /// layer: the dose of strength 1.
    public let dose: Float?
    /// How many times the differences spread along their first component as along their second: σ₁² / σ₂².
    public let componentGap: Float?
    /// The 95 % interval of `pairAccuracy`.
    public let accuracyInterval: ClosedRange<Float>?
    /// The chance that a positive state of unseen pairs projects higher than a negative one, 0…1.
    public let auc: Float?
    /// The 95 % interval of `auc`.
    public let aucInterval: ClosedRange<Float>?
    /// The share of pairs of each persona that the mean difference of the others separates, 0…1.
    public let personaAccuracy: Float?
    /// The cosine to the direction of the layer before, −1…1; nil where that has none.
    public let cosineToPrevious: Float?
    /// How many pairs the accuracy is the share of; 0 where none were held out and it is
    /// that of the fit itself.
    public let heldOutPairs: Float?
    /// Where the two sides of the dataset lie along the direction: the ends of a meter's scale.
    public let sides: SideProjections?

    /// Whether the accuracy is that of unseen pairs; nil where it is not known.
    public var isHeldOut: Bool? { heldOutPairs.map { $0 > 0 } }

    /// Rounds measurements to float32, which is what files hold, and drops those that are not finite.
    public init(
        estimator: String? = nil, scale: Double? = nil, norm: Double? = nil,
        explainedVarianceRatio: Double? = nil, pairAccuracy: Double? = nil, cosineToMean: Double? = nil,
        dose: Double? = nil, componentGap: Double? = nil, accuracyInterval: ClosedRange<Double>? = nil,
        auc: Double? = nil, aucInterval: ClosedRange<Double>? = nil, personaAccuracy: Double? = nil,
        cosineToPrevious: Double? = nil, heldOutPairs: Double? = nil, sides: SideProjections? = nil
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
        self.componentGap = kept(componentGap)
        self.auc = kept(auc)
        self.personaAccuracy = kept(personaAccuracy)
        self.cosineToPrevious = kept(cosineToPrevious)
        self.heldOutPairs = kept(heldOutPairs)
        self.sides = sides
        func kept(_ range: ClosedRange<Double>?) -> ClosedRange<Float>? {
            guard let lower = kept(range?.lowerBound), let upper = kept(range?.upperBound) else { return nil }
            return lower...upper
        }
        self.accuracyInterval = kept(accuracyInterval)
        self.aucInterval = kept(aucInterval)
    }
}
