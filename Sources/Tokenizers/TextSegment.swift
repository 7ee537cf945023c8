/// A part of a prompt with its origin.
public struct TextSegment: Sendable, Equatable {
    /// The text.
    public var text: String
    /// Whether special tokens are recognised in it: true for what a chat template wrote, false for what a
    /// person wrote.
    public var isTrusted: Bool

    /// A part of a prompt with its origin.
    public init(_ text: String, isTrusted: Bool) {
        self.text = text
        self.isTrusted = isTrusted
    }
}

/// What becomes of the names of special tokens (`<|im_start|>`) in a text.
public enum SpecialTokens: Sendable {
    /// They become the tokens: for text from a chat template or from a person who writes templates by hand.
    case parsed
    /// They stay text. Only words that the model's maker added are taken as a whole.
    case asText
}

/// A stretch of a prompt after special tokens have been taken out.
enum Fragment {
    /// Bytes that the model's algorithm encodes; never empty.
    case text(Range<Int>)
    /// A special token.
    case token(Int32)
}
