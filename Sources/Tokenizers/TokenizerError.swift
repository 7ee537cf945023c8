public import Terms

/// Why a tokenizer cannot be built from what a file says.
public enum TokenizerError: ExplainedError, Equatable {
    /// The list of tokens is empty.
    case emptyVocabulary
    /// More tokens or bytes than 31 bits can number.
    case vocabularyTooLarge(count: Int, bytes: Int)
    /// A list that must have one entry for each token has fewer: `field` is `scores` or `types`.
    case shortList(field: String, count: Int, tokens: Int)
    /// A special token's id is not in the vocabulary.
    case tokenOutOfRange(field: String, id: Int, tokens: Int)
    /// Two ids have the same text.
    case duplicateToken(text: String, first: Int, second: Int)
    /// A byte token is not written `<0x00>` … `<0xFF>`.
    case malformedByteToken(id: Int, text: String)
    /// A merge does not have two sides.
    case malformedMerge(index: Int, text: String)
    /// A score is not a number.
    case malformedScore(id: Int)
    /// The pre-tokeniser is not one of those that are built in.
    case unknownPreTokenizer(name: String, known: [String])
    /// The file wants a beginning token and does not name one.
    case missingBeginning
    /// The model needs an unknown token to stand for what it cannot spell, and the file names none.
    case missingUnknown
    /// SentencePiece's table of character replacements contradicts itself.
    case malformedCharacterMap(reason: String)

    /// A stable name for scripts.
    public var code: String {
        switch self {
        case .emptyVocabulary: "emptyVocabulary"
        case .vocabularyTooLarge: "vocabularyTooLarge"
        case .shortList: "shortTokenList"
        case .tokenOutOfRange: "tokenOutOfRange"
        case .duplicateToken: "duplicateToken"
        case .malformedByteToken: "malformedByteToken"
        case .malformedMerge: "malformedMerge"
        case .malformedScore: "malformedScore"
        case .unknownPreTokenizer: "unknownPreTokenizer"
        case .missingBeginning: "missingBeginningToken"
        case .missingUnknown: "missingUnknownToken"
        case .malformedCharacterMap: "malformedCharacterMap"
        }
    }

    /// What was expected, what was found, and in which field.
    public var message: String {
        switch self {
        case .emptyVocabulary:
            "the tokenizer has no tokens"
        case .vocabularyTooLarge(let count, let bytes):
            "the vocabulary is too large: \(count) tokens, \(bytes) bytes"
        case .shortList(let field, let count, let tokens):
            "the tokenizer's \(field) have \(count) entries for \(tokens) tokens"
        case .tokenOutOfRange(let field, let id, let tokens):
            "the tokenizer's \(field) is token \(id), but the vocabulary ends at \(tokens - 1)"
        case .duplicateToken(let text, let first, let second):
            "the tokens \(first) and \(second) are both \(text.debugDescription)"
        case .malformedByteToken(let id, let text):
            "token \(id) is a byte token, but is written \(text.debugDescription) instead of <0x00> … <0xFF>"
        case .malformedMerge(let index, let text):
            "merge \(index) is \(text.debugDescription) instead of two tokens with a space between them"
        case .malformedScore(let id):
            "the score of token \(id) is not a number"
        case .unknownPreTokenizer(let name, let known):
            "the pre-tokeniser \(name.debugDescription) is not known; known are "
                + known.joined(separator: ", ")
        case .missingBeginning:
            "the tokenizer wants a beginning-of-sequence token in front of a text, but names none"
        case .missingUnknown:
            "the tokenizer's model needs an unknown token, but the vocabulary has none"
        case .malformedCharacterMap(let reason):
            "the tokenizer's table of character replacements is damaged: \(reason)"
        }
    }

    /// Another copy of the model: a tokenizer cannot be repaired by hand.
    public var remedy: String? {
        switch self {
        case .unknownPreTokenizer:
            "use a model whose pre-tokeniser is known, or convert this one again with a known name"
        default:
            "fetch the model again, or convert it again from its original files"
        }
    }
}
