public import ChatTemplates
public import GGUF
public import Terms
public import Tokenizers
public import Transformer

/// A model with what turns text into its tokens and back: everything that one model file holds.
public final class LanguageModel: Sendable {
    /// What it was read from.
    public let file: any ModelSource
    /// The weights.
    public let transformer: TransformerModel
    /// Text to tokens and back.
    public let tokenizer: Tokenizer
    /// How a conversation is written for this model, or why its template cannot be used; nil where the file
    /// has none. Raw text needs no template, so a broken one does not keep the model from opening.
    public let template: Result<ChatTemplate, ChatTemplateError>?

    /// Opens a GGUF file.
    ///
    /// - Throws: `GGUFError`, `TransformerError`, `TokenizerError` or `GenerationError`.
    public convenience init(path: String) throws {
        try self.init(try GGUFFile(path: path))
    }

    /// Reads a model from a source that is open.
    ///
    /// - Throws: `GGUFError`, `TransformerError`, `TokenizerError` or `GenerationError`.
    public init(_ file: any ModelSource) throws {
        self.file = file
        transformer = try TransformerModel(file)
        tokenizer = try Tokenizer(TokenizerDefinition(file))
        template = try file.metadata.stringIfPresent(TokenizerKey.chatTemplate).map { source in
            Result { () throws(ChatTemplateError) in try ChatTemplate(source: source) }
        }
    }

    /// Renders a conversation with the model's own chat template, ready for the assistant's answer.
    ///
    /// - Throws: `GenerationError.noChatTemplate` or `ChatTemplateError`.
    public func render(_ messages: [ChatMessage]) throws -> RenderedPrompt {
        guard let template else { throw GenerationError.noChatTemplate(file: file.path) }
        return try template.get().render(
            messages, addGenerationPrompt: true,
            beginningOfSequence: specialText(tokenizer.beginningOfSequence),
            endOfSequence: specialText(tokenizer.endOfSequence))
    }

    /// The tokens of a rendered conversation: special tokens are recognised in the template's text and never
    /// in what users have written.
    public func tokens(of prompt: RenderedPrompt) -> [TokenID] {
        begun(
            tokenizer.encode(prompt.segments.map { TextSegment($0.text, isTrusted: $0.isTemplateText) }))
    }

    /// The tokens of a text without a chat template, special tokens in it parsed. Without the token that the
    /// model's file wants first, Gemma's hidden states are those of no text that it has learnt.
    ///
    /// - Parameter addsBeginning: Whether that token goes in front, where the file asks for one.
    public func rawTokens(_ text: String, addsBeginning: Bool = true) -> [TokenID] {
        let ids = tokenizer.encode(text, special: .parsed)
        return addsBeginning ? begun(ids) : ids
    }

    /// The tokens behind the one that the file wants first. Most templates, and some texts, write it
    /// themselves; it must not stand twice.
    private func begun(_ ids: [TokenID]) -> [TokenID] {
        guard tokenizer.addsBeginningOfSequence, let beginning = tokenizer.beginningOfSequence,
            ids.first != beginning
        else { return ids }
        return [beginning] + ids
    }

    /// The tokens of one user turn, with an optional system turn before it.
    public func chatTokens(user: String, system: String? = nil) throws -> [TokenID] {
        var messages = [ChatMessage(role: "user", content: user)]
        if let system { messages.insert(ChatMessage(role: "system", content: system), at: 0) }
        return tokens(of: try render(messages))
    }

    private func specialText(_ token: TokenID?) -> String {
        token.map(tokenizer.piece) ?? ""
    }
}
