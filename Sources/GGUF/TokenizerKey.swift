/// The metadata keys of a model's text side, each written once: converted files and model files
/// are read and written by them.
///
/// Those that begin with `tiller.` say what GGUF has no key for; other programs step over them.
public enum TokenizerKey {
    /// The model's name, by which readers guess what a file does not say.
    public static let modelName = "general.name"
    /// The chat template, a text in Jinja.
    public static let chatTemplate = "tokenizer.chat_template"
    /// The names of further chat templates, each under `chatTemplate` and its name.
    public static let chatTemplates = "tokenizer.chat_templates"
    /// `gpt2` (byte-level), `llama` (SentencePiece's pairs), `t5` (unigram) or `none`.
    public static let model = "tokenizer.ggml.model"
    /// The name of the pre-tokeniser.
    public static let preTokenizer = "tokenizer.ggml.pre"
    /// The tokens in the order of their ids.
    public static let tokens = "tokenizer.ggml.tokens"
    /// What each token is for.
    public static let tokenTypes = "tokenizer.ggml.token_type"
    /// A score for each token.
    public static let scores = "tokenizer.ggml.scores"
    /// The merges in the order of their rank.
    public static let merges = "tokenizer.ggml.merges"
    /// The token that begins a text.
    public static let beginningOfSequence = "tokenizer.ggml.bos_token_id"
    /// The token that ends a text.
    public static let endOfSequence = "tokenizer.ggml.eos_token_id"
    /// The token that ends a turn.
    public static let endOfTurn = "tokenizer.ggml.eot_token_id"
    /// The token that ends a message.
    public static let endOfMessage = "tokenizer.ggml.eom_token_id"
    /// The tokens that fill, and that stand between repositories and files, where code is filled in.
    public static let fillInMarks = [
        "tokenizer.ggml.fim_pad_token_id", "tokenizer.ggml.fim_rep_token_id",
        "tokenizer.ggml.fim_sep_token_id",
    ]
    /// The token that stands for what the vocabulary cannot spell.
    public static let unknown = "tokenizer.ggml.unknown_token_id"
    /// The token that fills batches.
    public static let padding = "tokenizer.ggml.padding_token_id"
    /// The tokens that are never to be drawn.
    public static let suppressed = "tokenizer.ggml.suppress_tokens"
    /// Whether a text begins with the beginning token.
    public static let addsBeginning = "tokenizer.ggml.add_bos_token"
    /// Whether a text that is not continued ends with the end token; for other programs,
    /// as prompts here always are.
    public static let addsEnd = "tokenizer.ggml.add_eos_token"
    /// Whether a space is put in front of a text.
    public static let addsSpacePrefix = "tokenizer.ggml.add_space_prefix"
    /// SentencePiece's compiled table of character replacements.
    public static let characterMap = "tokenizer.ggml.precompiled_charsmap"
    /// Whether runs of spaces collapse into one.
    public static let removesExtraWhitespace = "tokenizer.ggml.remove_extra_whitespaces"

    /// What all keys begin with that GGUF has none for.
    public static let extensionPrefix = "tiller.tokenizer."
    /// `ranked`: pairs merge by the rank of `merges`, not by `scores`.
    public static let algorithm = extensionPrefix + "algorithm"
    /// Where a space goes in front, if it is neither everywhere nor nowhere.
    public static let spacePrefix = extensionPrefix + "space_prefix"
    /// Whether no token spans two words.
    public static let splitsAtSpaces = extensionPrefix + "splits_at_spaces"
    /// Whether text is brought to Unicode's normal form C first.
    public static let composes = extensionPrefix + "composes"
    /// Whether a piece that is a token as a whole is taken without merging.
    public static let ignoresMerges = extensionPrefix + "ignores_merges"
    /// The tokens that swallow the white space on their left.
    public static let stripsLeft = extensionPrefix + "strips_left"
    /// The tokens that swallow the white space on their right.
    public static let stripsRight = extensionPrefix + "strips_right"
    /// All tokens at which an answer ends but the main one.
    public static let endOfGeneration = extensionPrefix + "end_of_generation"
}
