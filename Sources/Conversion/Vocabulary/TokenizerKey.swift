/// The metadata keys of a tokenizer, each written once.
///
/// Those that begin with `tiller.` say what GGUF has no key for; other programs step over them.
enum TokenizerKey {
    static let model = "tokenizer.ggml.model"
    static let preTokenizer = "tokenizer.ggml.pre"
    static let tokens = "tokenizer.ggml.tokens"
    static let tokenTypes = "tokenizer.ggml.token_type"
    static let scores = "tokenizer.ggml.scores"
    static let merges = "tokenizer.ggml.merges"
    static let beginning = "tokenizer.ggml.bos_token_id"
    static let end = "tokenizer.ggml.eos_token_id"
    static let endOfTurn = "tokenizer.ggml.eot_token_id"
    static let endOfMessage = "tokenizer.ggml.eom_token_id"
    static let unknown = "tokenizer.ggml.unknown_token_id"
    static let padding = "tokenizer.ggml.padding_token_id"
    static let addsBeginning = "tokenizer.ggml.add_bos_token"
    static let addsEnd = "tokenizer.ggml.add_eos_token"
    static let addsSpacePrefix = "tokenizer.ggml.add_space_prefix"
    static let removesExtraWhitespace = "tokenizer.ggml.remove_extra_whitespaces"
    static let characterMap = "tokenizer.ggml.precompiled_charsmap"
    static let chatTemplate = "tokenizer.chat_template"
    static let chatTemplates = "tokenizer.chat_templates"

    /// `ranked`: pairs merge by the rank of `merges`, not by `scores`.
    static let algorithm = "tiller.tokenizer.algorithm"
    /// Where a space goes in front, if it is neither everywhere nor nowhere.
    static let spacePrefix = "tiller.tokenizer.space_prefix"
    static let splitsAtSpaces = "tiller.tokenizer.splits_at_spaces"
    static let composes = "tiller.tokenizer.composes"
    static let ignoresMerges = "tiller.tokenizer.ignores_merges"
    static let stripsLeft = "tiller.tokenizer.strips_left"
    static let stripsRight = "tiller.tokenizer.strips_right"
    static let endOfGeneration = "tiller.tokenizer.end_of_generation"
}
