public import ControlVectors

/// What an extraction did and what it found, as `extract --json` prints it.
public struct ExtractionReport: Sendable, Equatable, Encodable {
    /// The method that was asked for.
    public var method: ExtractionMethod

    /// All prompts, repetitions included.
    public var prompts: Int

    /// The tokens of all prompts.
    public var tokens: Int

    /// The tokens that went through the model.
    public var computedTokens: Int

    /// All pairs.
    public var pairs: Int

    /// The pairs that differ from each other.
    public var distinctPairs: Int

    /// The pairs whose separation was measured by directions that had not seen them.
    public var heldOutPairs: Int

    /// How long it took.
    public var seconds: Double

    /// Each layer's evidence, ascending.
    public var layers: [DirectionEvidence]

    /// What became of the model's own answers; nil for datasets that bring theirs.
    public var answers: String?

    /// What a judge said of them; nil where there was none.
    public var judgement: Judgement?

    /// The verdict on the whole vector.
    public var assessment: Assessment?

    enum CodingKeys: CodingKey {
        case method, prompts, tokens, computedTokens, pairs, distinctPairs, heldOutPairs, seconds, layers,
            answers, judgement,
            verdict, reason
    }

    /// As `extract --json` prints it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(method, forKey: .method)
        try container.encode(prompts, forKey: .prompts)
        try container.encode(tokens, forKey: .tokens)
        try container.encode(computedTokens, forKey: .computedTokens)
        try container.encode(pairs, forKey: .pairs)
        try container.encode(distinctPairs, forKey: .distinctPairs)
        try container.encode(heldOutPairs, forKey: .heldOutPairs)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(layers, forKey: .layers)
        try container.encodeIfPresent(answers, forKey: .answers)
        try container.encodeIfPresent(judgement, forKey: .judgement)
        try container.encodeIfPresent(assessment?.verdict, forKey: .verdict)
        try container.encodeIfPresent(assessment?.reason, forKey: .reason)
    }
}
