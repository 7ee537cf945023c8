import ControlVectors

/// What a vector file says about the strengths that it bears.
struct CalibrationFacts {
    private let strengths: CalibratedStrengths
    /// Whether they are those of another model, carried over.
    private let isEstimate: Bool

    /// - Parameter model: The one that the vector belongs to; nil where it is not known.
    init(_ strengths: CalibratedStrengths, of model: ModelFingerprint?) {
        self.strengths = strengths
        isEstimate = model.map(strengths.isEstimate) ?? false
    }

    /// `-0.42 to +0.38`, and where it is from if that is another model.
    var words: String {
        let range =
            "\(Self.rounded(strengths.negative.strong)) to \(Self.rounded(strengths.positive.strong))"
        let remarks = [
            isEstimate ? "estimated from \(strengths.modelName ?? "another model")" : nil,
            strengths.promptForm == .raw ? "on raw prompts" : nil,
            strengths.promptForm?.system.map { "under the system turn “\(TextInput.beginning(of: $0))”" },
        ].compactMap { $0 }
        return remarks.isEmpty ? range : "\(range) (\(remarks.joined(separator: ", ")))"
    }

    /// For scripts.
    var json: JSONValue {
        [
            "negative": .single(strengths.negative.strong), "positive": .single(strengths.positive.strong),
            "bands": ["negative": Self.json(strengths.negative), "positive": Self.json(strengths.positive)],
            "modelDigest": .string(strengths.modelDigest), "modelName": .string(strengths.modelName),
            "isEstimate": .bool(isEstimate), "budget": .string(strengths.budget),
            "prompts": .optional(strengths.promptCount, JSONValue.integer),
            "raw": .optional(strengths.promptForm.map { $0 == .raw }, JSONValue.bool),
            "system": .string(strengths.promptForm?.system),
        ]
    }

    func add(to facts: inout Facts) {
        facts.add("calibration", json, "calibrated", words)
        for (name, band) in [("with the trait", strengths.positive), ("against it", strengths.negative)] {
            if let words = Self.words(band) { facts.explain(name, words) }
        }
    }

    /// `safe to +0.3, strong to +0.44, breaking from +0.47`; nil where there are no bands.
    static func words(_ band: StrengthBand) -> String? {
        guard let safe = band.safe else { return nil }
        let breaking = band.breaking.map { "breaking from \(rounded($0))" } ?? "nothing broke it"
        return "safe to \(rounded(safe)), strong to \(rounded(band.strong)), \(breaking)"
    }

    /// One side for scripts.
    static func json(_ band: StrengthBand) -> JSONValue {
        [
            "safe": .optional(band.safe, JSONValue.single), "strong": .single(band.strong),
            "breaking": .optional(band.breaking, JSONValue.single),
        ]
    }

    /// A strength to three digits, as far as it is worth reading.
    static func rounded(_ strength: Float) -> String {
        guard strength != 0, strength.isFinite else { return Quantity.strength(strength) }
        var places = 2
        var size = strength.magnitude
        while size < 0.1, places < 8 {
            size *= 10
            places += 1
        }
        let text = Quantity.decimal(Double(strength), size >= 10 ? 1 : places)
        return strength > 0 ? "+" + text : text
    }
}

extension PromptForm {
    /// The system turn that stands in the place of the chat template's own, if there is one.
    var system: String? {
        guard case .chat(let system) = self else { return nil }
        return system
    }
}
