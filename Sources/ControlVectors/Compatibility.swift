import Terms

/// How well a vector fits a model, and why it does not fit better.
public struct Compatibility: Sendable, Equatable {
    /// From the best to the worst.
    public enum Grade: String, Sendable, Codable, CaseIterable, Comparable {
        /// The very model: the same tensors, tokenizer and chat template.
        case exact
        /// The same weights, in another quantisation or with another tokenizer or template beside them.
        case sameWeights
        /// Other weights, or weights of which nothing is known, of the same shape.
        case sameShape
        /// Another shape: there is nothing that the directions could be added to.
        case incompatible

        /// A better grade is less than a worse one.
        public static func < (left: Grade, right: Grade) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// How well it fits.
    public let grade: Grade
    /// What keeps it from a better grade, most important first; empty for `exact`.
    public let reasons: [String]
    /// Whether the vector says which model it was made on. Files of other tools do not.
    public let isOriginKnown: Bool

    /// Compares a vector with a model.
    ///
    /// Without a fingerprint only hiddenSize, the layers and the model hint can be looked at: `sameShape` is
    /// the best such a vector gets.
    public init(of vector: ControlVector, with model: ModelFingerprint) {
        guard let fingerprint = vector.fingerprint else {
            self.init(ofUnknownOrigin: vector, with: model)
            return
        }
        var comparison = Compatibility(of: fingerprint, with: model)
        // Arithmetic in memory can make a vector with layers that its own model does not have.
        let misfits = Self.layerMisfits(vector, model)
        if !misfits.isEmpty {
            comparison = Compatibility(.incompatible, comparison.reasons + misfits)
        }
        self = comparison
    }

    /// Compares the model that a vector was made on with another one.
    public init(of origin: ModelFingerprint, with model: ModelFingerprint) {
        var shape: [String] = []
        if origin.layerCount != model.layerCount {
            shape.append("layers differ (\(origin.layerCount) vs \(model.layerCount))")
        }
        if origin.hiddenSize != model.hiddenSize {
            shape.append("hidden sizes differ (\(origin.hiddenSize) vs \(model.hiddenSize))")
        }
        var weights: [String] = []
        if origin.architecture != model.architecture {
            weights.append("architectures differ (\(origin.architecture) vs \(model.architecture))")
        }
        guard shape.isEmpty else {
            self.init(.incompatible, shape + weights)
            return
        }
        if origin.vocabularySize != model.vocabularySize {
            weights.append("vocabulary sizes differ (\(origin.vocabularySize) vs \(model.vocabularySize))")
        }
        let sameTensors = origin.digest == model.digest
        if !sameTensors, origin.normHash == nil || origin.normHash != model.normHash {
            weights.append("other weights (the norm tensors differ)")
        }
        guard weights.isEmpty else {
            self.init(.sameShape, weights)
            return
        }
        var details: [String] = []
        if !sameTensors {
            details.append("the same norm tensors, \(Self.quantisations(origin, model))")
        }
        if origin.tokenizerHash != model.tokenizerHash { details.append("tokenizers differ") }
        if origin.chatTemplateHash != model.chatTemplateHash { details.append("chat templates differ") }
        self.init(details.isEmpty ? .exact : .sameWeights, details)
    }

    /// Whether the vector may be used: `exact` and `sameWeights` always, `incompatible` never. Of the same
    /// shape, one that is known to be of other weights only by force; one of unknown origin with a warning,
    /// because refusing would shut out every file that another tool ever wrote.
    public func isUsable(forced: Bool = false) -> Bool {
        switch grade {
        case .exact, .sameWeights: true
        case .sameShape: forced || !isOriginKnown
        case .incompatible: false
        }
    }

    private init(_ grade: Grade, _ reasons: [String], isOriginKnown: Bool = true) {
        self.grade = grade
        self.reasons = reasons
        self.isOriginKnown = isOriginKnown
    }

    private init(ofUnknownOrigin vector: ControlVector, with model: ModelFingerprint) {
        var misfits: [String] = []
        if vector.hiddenSize != model.hiddenSize {
            misfits.append("hidden sizes differ (\(vector.hiddenSize) vs \(model.hiddenSize))")
        }
        misfits += Self.layerMisfits(vector, model)
        let origin = vector.origin?.summary
        var reasons = misfits + ["unknown origin: the file does not say which model it was made on"]
        if let origin { reasons.append(origin) }
        if let displacement = vector.origin?.displacement { reasons.append(displacement) }
        if let hint = vector.modelHint, vector.hintedArchitecture != model.architecture {
            reasons.append("it hints at \(hint), the model is \(model.architecture)")
        }
        self.init(misfits.isEmpty ? .sameShape : .incompatible, reasons, isOriginKnown: false)
    }

    private static func layerMisfits(_ vector: ControlVector, _ model: ModelFingerprint) -> [String] {
        guard let last = vector.layers.last, last.rawValue >= model.layerCount else { return [] }
        return [
            "it has a direction for layer \(last), the model has \(model.layerCount) layers counted from 0"
        ]
    }

    private static func quantisations(_ origin: ModelFingerprint, _ model: ModelFingerprint) -> String {
        guard let left = origin.fileTypeName, let right = model.fileTypeName else { return "other tensors" }
        return left == right
            ? "another quantisation or a fine-tune (both \(left))"
            : "another quantisation (\(left) vs \(right))"
    }
}
