/// How strongly a vector may act one way, in the strengths that users write.
public struct StrengthBand: Sendable, Equatable {
    /// The strongest that keeps damage within the budget: what `V:auto` takes. 0 where no strength does.
    public var strong: Float
    /// Up to here half of the budget is enough; nil where it was not measured.
    public var safe: Float?
    /// The weakest that was seen to break the budget; nil where none was, or it was not measured.
    public var breaking: Float?

    /// Keeps the bounds of the bands.
    public init(strong: Float, safe: Float? = nil, breaking: Float? = nil) {
        self.strong = strong
        self.safe = safe
        self.breaking = breaking
    }

    fileprivate func scaled(by factor: Float) -> StrengthBand {
        StrengthBand(
            strong: strong * factor, safe: safe.map { $0 * factor }, breaking: breaking.map { $0 * factor })
    }

    fileprivate var isFinite: Bool { [strong, safe ?? 0, breaking ?? 0].allSatisfy(\.isFinite) }
}

/// How a prompt is put to a model.
public enum PromptForm: Sendable, Equatable {
    /// In the turns of the chat template, with a system turn of its own where one is given.
    case chat(system: String?)
    /// As it is.
    case raw
}

/// The strengths that keep a model fluent, one band each way, and on what they were measured.
public struct CalibratedStrengths: Sendable, Equatable {
    /// Against the trait: not above 0.
    public var negative: StrengthBand
    /// With the trait: not below 0.
    public var positive: StrengthBand
    /// The digest of the model that they were measured on (`ModelFingerprint.digest`); nil where nobody says.
    public var modelDigest: String?
    /// The digest of what that model computes (`ModelFingerprint.computationDigest`); nil where nobody says.
    public var computationDigest: String?
    /// That model's name.
    public var modelName: String?
    /// The damage that was allowed, in words.
    public var budget: String?
    /// How many prompts were answered at each strength.
    public var promptCount: Int?
    /// How these prompts were put; nil where nobody says, as files of earlier builds do not.
    public var promptForm: PromptForm?
    /// Whether they were measured with another vector, which this one replaces on another model; nil where
    /// nobody says, as files of earlier builds do not.
    public var isCarried: Bool?

    /// Keeps the bands.
    public init(
        negative: StrengthBand, positive: StrengthBand, modelDigest: String? = nil,
        computationDigest: String? = nil, modelName: String? = nil, budget: String? = nil,
        promptCount: Int? = nil, promptForm: PromptForm? = nil, isCarried: Bool? = nil
    ) {
        self.negative = negative
        self.positive = positive
        self.modelDigest = modelDigest
        self.computationDigest = computationDigest
        self.modelName = modelName
        self.budget = budget
        self.promptCount = promptCount
        self.promptForm = promptForm
        self.isCarried = isCarried
    }

    /// Whether they are an estimate for a vector of that model.
    ///
    /// A vector may also have been calibrated on another model than its own, as after a change of its file's
    /// metadata; that is no estimate, though only `isCarried` tells the two apart.
    public func isEstimate(for vectorModel: ModelFingerprint) -> Bool {
        isCarried ?? !isMeasured(on: vectorModel)
    }

    /// Whether they were measured on that model, computing as it does; what is not said is believed.
    public func isMeasured(on model: ModelFingerprint) -> Bool {
        if isCarried == true { return false }
        if let computationDigest, let computation = model.computationDigest {
            return computationDigest == computation
        }
        return modelDigest.map { $0 == model.digest } ?? true
    }
}

extension ControlVector {
    /// The same vector with the calibrated strengths of the one that it replaces on another model,
    /// until they are measured anew.
    ///
    /// A strength becomes the one of the same dose (length of the change over that of the hidden states, the
    /// median over layers). The strengths keep the digests of the model that they were measured on, and are
    /// marked as an estimate, but where that is known to compute as this vector's does and the directions are
    /// the same: then they are what was measured. None where a dose is not known.
    public func carryingCalibration(of old: ControlVector) -> ControlVector {
        guard let measured = old.calibration, let before = old.medianDose, let now = medianDose else {
            return self
        }
        // Equal tensors alone are no proof: the file's metadata may have changed since a vector of an
        // earlier build was calibrated.
        let isOfThisModel =
            measured.computationDigest != nil && fingerprint.map(measured.isMeasured) ?? false
        let isMeasured = isOfThisModel && hasDirections(of: old)
        let factor = isMeasured ? 1 : before / now
        var carried = measured
        carried.negative = measured.negative.scaled(by: factor)
        carried.positive = measured.positive.scaled(by: factor)
        guard carried.negative.isFinite, carried.positive.isFinite else { return self }
        if carried.modelDigest == nil { carried.modelDigest = old.fingerprint?.digest ?? "unknown" }
        carried.isCarried = isMeasured ? measured.isCarried : true
        var vector = self
        vector.calibration = carried
        return vector
    }

    /// Whether it has the same directions as another in the same layers, but for the rounding
    /// in which processors differ.
    private func hasDirections(of other: ControlVector) -> Bool {
        guard layers == other.layers, let comparison = try? VectorComparison(self, other) else {
            return false
        }
        return comparison.layers.allSatisfy {
            ($0.cosine ?? 1) > 1 - 1e-6 && abs($0.leftNorm - $0.rightNorm) <= 1e-3 * $0.rightNorm
        }
    }

    /// The dose of strength 1 in the middle layer; nil where it is not known, or nothing.
    private var medianDose: Float? {
        let doses = layers.compactMap { extraction?.evidence[$0]?.dose }.sorted()
        guard !doses.isEmpty, doses[doses.count / 2] > 0 else { return nil }
        return doses[doses.count / 2]
    }
}
