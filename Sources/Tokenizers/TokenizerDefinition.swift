/// What a file says about a tokenizer: plain data, not yet checked. `Tokenizer.init` checks it.
///
/// `nil` means that the file says nothing; then the family of the tokenizer decides, as in llama.cpp.
public struct TokenizerDefinition: Sendable {
    /// How text becomes tokens.
    public enum Model: Sendable, Equatable {
        /// Byte-level byte-pair encoding (GPT-2, Llama 3, Qwen, …) with the pre-tokeniser of that name, as in
        /// `tokenizer.ggml.pre`. Tokens and merges are written in GPT-2's alphabet of printable characters.
        case byteLevel(preTokenizer: String)
        /// SentencePiece's byte-pair encoding: the pair whose concatenation has the highest score merges
        /// first.
        case sentencePiece
        /// SentencePiece's unigram model: the segmentation with the highest sum of scores.
        case unigram
        /// Byte-pair encoding by rank on text whose spaces are U+2581: a SentencePiece model that comes as
        /// `tokenizer.json`.
        case ranked

        var usesByteAlphabet: Bool {
            if case .byteLevel = self { return true }
            return false
        }
    }

    /// How text becomes tokens.
    public var model: Model
    /// The tokens in the order of their ids, as the file writes them.
    public var tokens: ByteStrings
    /// A `TokenType` number for each token; empty if the file says nothing: all are normal.
    public var types: [Int32] = []
    /// A score for each token; empty if the file has none.
    public var scores: [Float] = []
    /// The merges in the order of their rank.
    public var merges = MergeList()

    /// The token that begins a sequence.
    public var beginningOfSequence: Int?
    /// The token that ends a sequence.
    public var endOfSequence: Int?
    /// The token that stands for what the vocabulary cannot spell.
    public var unknown: Int?
    /// The token that fills batches; never produced here.
    public var padding: Int?
    /// More tokens at which generation ends: end of turn, end of message, marks between files of code, the
    /// list of `generation_config.json`.
    public var endOfGeneration: [Int] = []
    /// Tokens that are never to be drawn; those outside the vocabulary are left out.
    public var suppressed: [Int] = []

    /// Whether the file wants the beginning token in front of a text.
    public var addsBeginningOfSequence: Bool?
    /// Where a space is put in front of a text (SentencePiece and its kin); nil means everywhere.
    public var spacePrefix: SpacePrefix?
    /// Whether no token spans two words (`Metaspace` with `split`): each space begins a word.
    public var splitsAtSpaces = false
    /// Whether runs of spaces collapse into one and those at both ends vanish (SentencePiece).
    public var removesExtraWhitespace: Bool?
    /// Whether a piece that is a token as a whole is taken without merging.
    public var ignoresMerges: Bool?
    /// Whether text is brought to Unicode's normal form C first.
    public var composes: Bool?
    /// SentencePiece's compiled table of character replacements; empty if there is none.
    public var characterMap: [UInt8] = []
    /// Special tokens that swallow the white space on their left.
    public var stripsLeft: [Int] = []
    /// Special tokens that swallow the white space on their right.
    public var stripsRight: [Int] = []

    /// A definition with nothing but tokens.
    public init(model: Model, tokens: ByteStrings) {
        self.model = model
        self.tokens = tokens
    }
}

/// Where a space is put in front of text, so that a word has the same tokens at the beginning as inside.
public enum SpacePrefix: Sendable {
    /// Nowhere (`add_space_prefix = false`, Gemma).
    case never
    /// In front of each stretch of text between special tokens (`add_space_prefix = true`, `Prepend`).
    case always
    /// So, but not where one stands already (`Metaspace` with `always`).
    case alwaysUnlessSpace
    /// In front of the whole text, unless it begins with a space or a special token (`Metaspace` with
    /// `first`).
    case firstUnlessSpace
}

/// What a token is for, with the numbers of `tokenizer.ggml.token_type`.
public enum TokenType: Int32, Sendable, BitwiseCopyable {
    /// The file does not say, or says a number that is none of these: text becomes it as if it were
    /// `normal`, and it is not printed.
    case undefined = 0
    /// Text.
    case normal = 1
    /// Stands for what the vocabulary cannot spell.
    case unknown = 2
    /// Steers the model (`<|im_start|>`): recognised in trusted text only.
    case control = 3
    /// A word that the maker added: recognised as a whole in any text.
    case userDefined = 4
    /// A hole in the vocabulary; not printed.
    case unused = 5
    /// A single byte, written `<0x0A>`.
    case byte = 6
}
