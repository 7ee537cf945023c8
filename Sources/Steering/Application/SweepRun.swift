public import Generation
public import Terms

/// One answer of a sweep.
public struct SweepRun: Sendable, Equatable, Encodable {
    /// The strength that the vector had.
    public let strength: Double

    /// The prompt as the user wrote it.
    public let prompt: String

    /// The answer; empty where there is none.
    public let text: String

    /// The answer's tokens.
    public let ids: [TokenID]

    /// Why the answer ended; nil where there is none.
    public let finishReason: FinishReason?

    /// The answer's perplexity under the model without steering; nil for an empty answer.
    public let perplexity: Double?

    /// How often the dataset's marker words occur in the answer; nil without marker words.
    public let markers: MarkerCount?

    /// Why there is no answer.
    public let failure: String?

    init(
        strength: Double, prompt: String, outcome: Generation?, failure: String?, perplexity: Perplexity?,
        markers: Markers
    ) {
        self.strength = strength
        self.prompt = prompt
        self.failure = failure
        text = outcome?.text ?? ""
        ids = outcome?.ids ?? []
        finishReason = outcome?.finishReason
        self.perplexity = perplexity.map(\.value).flatMap { $0.isFinite ? $0 : nil }
        self.markers = markers == Markers() ? nil : MarkerCount(markers, in: text)
    }

    enum CodingKeys: CodingKey {
        case strength, prompt, text, ids, finishReason, perplexity, markers, failure
    }

    /// Numbers that are not known are null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(strength, forKey: .strength)
        try container.encode(prompt, forKey: .prompt)
        try container.encode(text, forKey: .text)
        try container.encode(ids, forKey: .ids)
        try container.encode(finishReason, forKey: .finishReason)
        try container.encode(perplexity, forKey: .perplexity)
        try container.encodeIfPresent(markers, forKey: .markers)
        try container.encodeIfPresent(failure, forKey: .failure)
    }
}
