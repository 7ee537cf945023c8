/// Where a sweep keeps its answers as they are finished, so that nothing is computed twice.
public protocol SweepMemory: AnyObject {
    /// An answer that is kept; nil where there is none.
    func outcome(for key: AnswerKey) throws -> AnswerOutcome?

    /// An answer with this text that was measured with whatever; nil where there is none.
    func text(for key: AnswerKey) throws -> AnswerOutcome?

    /// Keeps answers, all of them or none; one that is there already is replaced.
    func keep(_ answers: [KeptAnswer]) throws
}

/// An answer under the names that it is found by.
public struct KeptAnswer: Sendable {
    /// Names the answer with what it was measured with.
    public var key: AnswerKey
    /// Names its text alone.
    public var textKey: AnswerKey
    /// The answer.
    public var outcome: AnswerOutcome

    /// Names an answer.
    public init(key: AnswerKey, textKey: AnswerKey, outcome: AnswerOutcome) {
        self.key = key
        self.textKey = textKey
        self.outcome = outcome
    }
}
