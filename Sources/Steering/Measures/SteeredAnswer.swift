public import Generation
public import Terms
public import Transformer

/// An answer that is to be measured, with what it took to get it.
public struct SteeredAnswer: Sendable {
    /// The prompt; at least one token.
    public var prompt: [TokenID]

    /// The answer's tokens.
    public var ids: [TokenID]

    /// Whether its length has ended it: its last character may then be a part of one.
    public var isCut: Bool

    /// What steered it; empty for an answer of the model as it is.
    public var interventions: [Intervention]

    /// Text whose scripts the answer may use: the prompt as the user wrote it, and what the
    /// model answers without steering.
    public var reference: String

    /// Keeps the parts.
    public init(
        prompt: [TokenID], ids: [TokenID], isCut: Bool, interventions: [Intervention], reference: String
    ) {
        self.prompt = prompt
        self.ids = ids
        self.isCut = isCut
        self.interventions = interventions
        self.reference = reference
    }

    /// The text whose scripts an answer to a prompt may use, for calibrations and sweeps alike.
    ///
    /// - Parameter unsteered: What the model answers without steering; empty where that is not known.
    static func reference(to prompt: String, unsteered: String) -> String { prompt + "\n" + unsteered }

    /// An answer as it was generated.
    public init(
        _ generation: Generation, to prompt: [TokenID], under interventions: [Intervention], reference: String
    ) {
        self.init(
            prompt: prompt, ids: generation.ids, isCut: generation.finishReason != .stop,
            interventions: interventions, reference: reference)
    }
}
