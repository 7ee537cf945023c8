public import Terms

/// What can go wrong between a prompt and its answer, beside the errors of the model and the tokenizer.
public enum GenerationError: ExplainedError, Equatable {
    /// The model brings no chat template, and one was needed.
    case noChatTemplate(file: String)
    /// The file's tokenizer is of a kind that is not known.
    case unknownTokenizer(file: String, found: String)
    /// The prompt has no tokens.
    case emptyPrompt
    /// The prompt alone fills the context, so that nothing could be answered.
    case promptTooLong(tokens: Int, contextSize: Int)
    /// A sampling setting is outside of its range.
    case invalidSetting(name: String, found: String, expected: String)
    /// The model gave logits that are not numbers, as steering that is far too strong does.
    case notFinite(afterTokens: Int, isSteered: Bool, isExact: Bool)
    /// Layers did not move as the interventions say, so that the text would not be what was asked for.
    case notSteered(unmoved: [LayerIndex], steeredCount: Int)
}

extension GenerationError {
    /// A stable name for scripts.
    public var code: String {
        switch self {
        case .noChatTemplate: "noChatTemplate"
        case .unknownTokenizer: "unknownTokenizer"
        case .emptyPrompt: "emptyPrompt"
        case .promptTooLong: "contextOverflow"
        case .invalidSetting: "invalidSetting"
        case .notFinite: "notFinite"
        case .notSteered: "notSteered"
        }
    }

    /// A setting outside of its range, and a prompt without a token, were typed by someone.
    public var category: ErrorCategory {
        switch self {
        case .invalidSetting, .emptyPrompt: .usage
        default: .failure
        }
    }

    /// What was expected, what was found, and where.
    public var message: String {
        switch self {
        case .noChatTemplate(let file): "\(file): the model has no chat template (tokenizer.chat_template)"
        case .unknownTokenizer(let file, let found):
            "\(file): tokenizer.ggml.model is \"\(found)\", expected gpt2, llama or t5"
        case .emptyPrompt: "the prompt is empty"
        case .promptTooLong(let tokens, let contextSize):
            "the prompt has \(tokens) tokens; the context holds \(contextSize), with at least one for the answer"
        case .invalidSetting(let name, let found, let expected):
            "\(name) is \(found), expected \(expected)"
        case .notFinite(let tokens, _, _):
            "the model's output stopped being numbers after \(tokens) tokens of the answer"
        case .notSteered(let unmoved, let count):
            "\(count) of \(count + unmoved.count) layers were steered: the hidden state did not move "
                + "as it should have at the output of \(unmoved.count == 1 ? "layer" : "layers") \(unmoved.runs)"
        }
    }

    /// What repairs it.
    public var remedy: String? {
        switch self {
        case .noChatTemplate: "pass --raw to take texts as they are, without a chat template"
        case .unknownTokenizer: "use a model with one of these tokenizers"
        case .emptyPrompt:
            "pass a text with -p; --raw begins from nothing where the model's file has a beginning"
        case .promptTooLong: "shorten the prompt, or raise the context size with -c"
        case .invalidSetting(_, _, let expected): "write \(expected)"
        case .notFinite(_, isSteered: true, _): "lower the strength of the vector"
        case .notFinite(_, isSteered: false, isExact: true):
            "a tensor of the model's file is damaged: fetch it again"
        case .notFinite(_, isSteered: false, isExact: false):
            "try --exact, where the command has it, whose keys and values may be larger than 65,504; where that gives the same, a tensor of the "
                + "model's file is damaged: fetch it again"
        case .notSteered:
            "raise the strength: at this one the change is lost in float32's rounding; where it is not small, "
                + "tiller validate VECTOR -m MODEL --proof tests the engine"
        }
    }
}
