public import Terms

/// What turns the texts of a dataset into tokens: a model's chat template and tokenizer.
///
/// A protocol, so that pairs can be built, counted and tested without a model.
public protocol PromptEncoder {
    /// The tokens of a chat with these turns and the model's generation prompt; special tokens that stand in
    /// the texts are text.
    func chatPrompt(user: String, system: String?) throws -> [TokenID]

    /// The tokens of a text with its special tokens parsed and no chat template.
    func rawPrompt(_ text: String) throws -> [TokenID]

    /// The tokens of the start of an answer; special tokens that stand in it are text.
    func answerTokens(_ text: String) throws -> [TokenID]
}
