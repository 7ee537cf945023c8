public import Generation
public import Terms
import Tokenizers

extension LanguageModel: PromptEncoder {
    /// The tokens of a chat through the model's own template, with its generation prompt.
    public func chatPrompt(user: String, system: String?) throws -> [TokenID] {
        try chatTokens(user: user, system: system)
    }

    /// The tokens of a text with its special tokens parsed; nothing is put before it.
    public func rawPrompt(_ text: String) throws -> [TokenID] {
        tokenizer.encode(text, special: .parsed)
    }

    /// The tokens of the start of an answer, in which special tokens are text.
    public func answerTokens(_ text: String) throws -> [TokenID] {
        tokenizer.encode(text, special: .asText)
    }

    /// Whether the tokenizer calls it a control token.
    public func isSpecial(_ token: TokenID) -> Bool {
        tokenizer.isSpecial(token)
    }
}
