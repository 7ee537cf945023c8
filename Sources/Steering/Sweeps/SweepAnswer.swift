public import Generation
public import Terms

/// What a prompt was answered with, wherever it stands in a sweep: this is what is kept for other runs.
public struct AnswerOutcome: Sendable, Equatable, Codable {
    /// The answer; empty where there is none.
    public var text: String

    /// The answer's tokens.
    public var ids: [TokenID]

    /// The text of each token; together they are the answer.
    public var pieces: [String] = []

    /// Why the answer ended; nil where there is none.
    public var finishReason: FinishReason?

    /// Why there is no answer.
    public var failure: String?

    /// What was measured of it; nil until it has been.
    public var measures: AnswerMeasures?

    /// An answer.
    public init(_ generation: Generation) {
        text = generation.text
        ids = generation.ids
        pieces = generation.pieces
        finishReason = generation.finishReason
    }

    /// No answer, and why.
    public init(failure: String) {
        text = ""
        ids = []
        self.failure = failure
    }
}

/// One answer of a sweep.
public struct SweepAnswer: Sendable, Equatable, Codable {
    /// Where it stands.
    public var cell: SweepCell

    /// The answer; nil where the sweep has not come to it.
    public var outcome: AnswerOutcome?

    /// An answer at its place.
    public init(_ cell: SweepCell, outcome: AnswerOutcome?) {
        self.cell = cell
        self.outcome = outcome
    }
}
