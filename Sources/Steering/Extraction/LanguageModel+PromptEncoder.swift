public import Generation
public import Terms
import Tokenizers
import Transformer

extension LanguageModel: PromptEncoder {
    /// The tokens of a chat through the model's own template, with its generation prompt.
    public func chatPrompt(user: String, system: String?) throws -> [TokenID] {
        try chatTokens(user: user, system: system)
    }

    /// The tokens of a text with its special tokens parsed, after the token that the model's file
    /// wants texts to begin with.
    public func rawPrompt(_ text: String) throws -> [TokenID] {
        rawTokens(text)
    }

    /// The tokens that the model was trained for.
    public var contextLength: Int? { transformer.configuration.contextLength }

    /// Whether the tokenizer calls it a control token.
    public func isSpecial(_ token: TokenID) -> Bool {
        tokenizer.isSpecial(token)
    }
}
