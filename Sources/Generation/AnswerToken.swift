public import Terms
public import Transformer

/// A token of an answer that the model has read, with the hidden states that were captured of it.
public struct AnswerToken: Sendable {
    /// The token.
    public let id: TokenID
    /// Its place in the answer, from 0.
    public let index: Int
    /// The text that it completes, whole characters only; empty inside of a character,
    /// and for special tokens.
    public let text: String
    /// Whether the answer is over already, by its length or because nobody wants it any more: what
    /// is decided now does nothing.
    public let isAnswerOver: Bool
    /// What was captured, after interventions.
    private let states: [HookPoint: HiddenStates]
    private let row: Int

    init(
        id: TokenID, index: Int, text: String, isAnswerOver: Bool, states: [HookPoint: HiddenStates], row: Int
    ) {
        self.id = id
        self.index = index
        self.text = text
        self.isAnswerOver = isAnswerOver
        self.states = states
        self.row = row
    }

    /// The hidden state at a hook point, [width]; nil where it was not captured.
    public subscript(hook: HookPoint) -> ArraySlice<Float>? { states[hook]?.row(row) }
}

/// What becomes of an answer after one of its tokens.
public enum AnswerDecision: Sendable, Equatable {
    /// It goes on as it is.
    case goOn
    /// It goes on, with interventions that are in force at all that follows, with full strength and
    /// after those of the request.
    case steer([Intervention])
    /// It ends with this token.
    case end
}
