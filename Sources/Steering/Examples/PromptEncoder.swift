public import Terms

/// What turns the texts of a dataset into tokens: a model's chat template and tokenizer.
///
/// A protocol, so that pairs can be built, counted and tested without a model.
public protocol PromptEncoder {
    /// The tokens of a chat with these turns and the model's generation prompt; special tokens that stand in
    /// the texts are text.
    func chatPrompt(user: String, system: String?) throws -> [TokenID]

    /// The tokens of a text with its special tokens parsed and no chat template, after the one
    /// that the model wants first.
    func rawPrompt(_ text: String) throws -> [TokenID]

    /// The tokens of the start of an answer behind those of its prompt; special tokens
    /// that stand in it are text.
    func answerTokens(_ text: String, behind prompt: [TokenID]) throws -> [TokenID]

    /// Whether a token is a special one, such as those with which a chat template marks turns.
    func isSpecial(_ token: TokenID) -> Bool

    /// The tokens that a prompt may have; nil for any number.
    var contextLength: Int? { get }
}

extension PromptEncoder {
    /// An encoder that knows of no special tokens has none.
    public func isSpecial(_ token: TokenID) -> Bool { false }

    /// An encoder without a model takes any number of tokens.
    public var contextLength: Int? { nil }
}
