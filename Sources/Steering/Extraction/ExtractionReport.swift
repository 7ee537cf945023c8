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
}
