public import Terms

/// What can go wrong when a model is loaded or run.
public enum TransformerError: ExplainedError, Equatable {
    /// The file's architecture is none that this engine computes.
    case unknownArchitecture(file: String, found: String, known: [String])
    /// A hyperparameter is none that a model can have.
    case inconsistentHyperparameters(file: String, key: String, found: String, expected: String)
    /// A hyperparameter is one that models have, and that the forward pass does not compute.
    case hyperparameterNotComputed(file: String, key: String, found: String, computed: String)
    /// The file has no tensor of a name that the architecture needs.
    case missingTensor(file: String, name: String)
    /// A tensor's shape does not follow from the hyperparameters. Shapes as in the file, contiguous first.
    case tensorShape(file: String, name: String, found: [Int], expected: [Int])
    /// A tensor is stored in a type that this engine does not multiply.
    case tensorType(file: String, name: String, found: String)
    /// The file could not be read as GGUF.
    case unreadable(file: String, code: String, message: String, remedy: String?)
    /// A token is not in the vocabulary.
    case unknownToken(TokenID, vocabularySize: Int)
    /// More rows than the context has room for.
    case contextOverflow(needed: Int, capacity: Int)
    /// A text of more tokens than the model has learned positions for.
    case noFurtherPositions(needed: Int, positions: Int)
    /// A row names a parent that is not an earlier row of the batch or a living cell.
    case unknownParent(row: Int)
    /// A row follows one for which fewer blocks were computed than it needs.
    case shallowParent(row: Int, layers: Int, needed: Int)
    /// The system has no memory for a buffer.
    case outOfMemory(bytes: Int)
    /// Hidden states that do not fit into memory have no room in a file either.
    case noRoomForStates(bytes: Int, folder: String, reason: String)
    /// The file holds a weight that the forward pass would leave out.
    case unexpectedTensor(file: String, name: String)
    /// A row names a plan that the batch does not hold.
    case unknownPlan(row: Int, plan: Int, planCount: Int)
    /// An intervention or a capture names a place that the model does not have, or a vector of another width.
    case hookDoesNotFit(hook: HookPoint, found: String, expected: String)
    /// The context cannot be made with these settings.
    case invalidSetting(name: String, found: String, expected: String)
}

extension TransformerError {
    /// A stable name for scripts.
    public var code: String {
        switch self {
        case .unknownArchitecture: "unknownArchitecture"
        case .inconsistentHyperparameters: "inconsistentHyperparameters"
        case .hyperparameterNotComputed: "unsupportedHyperparameter"
        case .missingTensor: "missingTensor"
        case .tensorShape: "shapeMismatch"
        case .tensorType: "unsupportedTensorType"
        case .unreadable(_, let code, _, _): code
        case .unknownToken: "unknownToken"
        case .contextOverflow, .noFurtherPositions: "contextOverflow"
        case .unknownParent: "unknownParent"
        case .shallowParent: "shallowParent"
        case .outOfMemory: "outOfMemory"
        case .noRoomForStates: "noRoomForStates"
        case .unexpectedTensor: "unexpectedTensor"
        case .unknownPlan: "unknownPlan"
        case .hookDoesNotFit: "hookDoesNotFit"
        case .invalidSetting: "invalidSetting"
        }
    }

    /// A setting outside of its range was typed by someone.
    public var category: ErrorCategory {
        if case .invalidSetting = self { .usage } else { .failure }
    }

    /// What was expected, what was found, and where.
    public var message: String {
        switch self {
        case .unknownArchitecture(let file, let found, let known):
            "\(file): general.architecture is \"\(found)\"; known are \(known.joined(separator: ", "))"
        case .inconsistentHyperparameters(let file, let key, let found, let expected):
            "\(file): \(key) is \(found), expected \(expected)"
        case .hyperparameterNotComputed(let file, let key, let found, let computed):
            "\(file): \(key) is \(found); this engine computes \(computed)"
        case .missingTensor(let file, let name):
            "\(file): there is no tensor \(name)"
        case .tensorShape(let file, let name, let found, let expected):
            "\(file): tensor \(name) has shape \(found), expected \(expected)"
        case .tensorType(let file, let name, let found):
            "\(file): tensor \(name) is stored as \(found), which this engine does not multiply"
        case .unreadable(_, _, let message, _):
            message
        case .unknownToken(let token, let vocabularySize):
            "token \(token) is not in the vocabulary (0…\(vocabularySize - 1))"
        case .contextOverflow(let needed, let capacity):
            "\(needed) tokens do not fit into a context of \(capacity)"
        case .noFurtherPositions(let needed, let positions):
            "the text has \(needed) tokens, and the model has learned \(positions) positions"
        case .unknownParent(let row):
            "row \(row) follows a row that does not exist or comes later"
        case .shallowParent(let row, let layers, let needed):
            "row \(row) needs \(needed) blocks of the rows before it, of which \(layers) were computed"
        case .outOfMemory(let bytes):
            "the system has no memory for a buffer of \(bytes) bytes"
        case .noRoomForStates(let bytes, let folder, let reason):
            "\(folder): there is no room for \(bytes) bytes of hidden states (\(reason))"
        case .unexpectedTensor(let file, let name):
            "\(file): this engine does not compute the tensor \(name)"
        case .unknownPlan(let row, let plan, let planCount):
            "row \(row) names plan \(plan), the batch holds \(planCount)"
        case .hookDoesNotFit(let hook, let found, let expected):
            "\(hook.name): found \(found), expected \(expected)"
        case .invalidSetting(let name, let found, let expected):
            "\(name) is \(found), expected \(expected)"
        }
    }

    /// What repairs it, where there is something to do.
    public var remedy: String? {
        switch self {
        case .unknownArchitecture:
            "use a model of one of these architectures"
        case .inconsistentHyperparameters, .missingTensor, .tensorShape:
            "the file is damaged or was made by a converter that is too old: fetch or convert it again"
        case .hyperparameterNotComputed:
            "use another model: files may well say so, and this engine does not compute it"
        case .tensorType:
            "quantise the model again to Q8_0, Q4_K_M or another supported type"
        case .unreadable(_, _, _, let remedy):
            remedy
        case .contextOverflow:
            "shorten the prompt, or raise the context size with -c"
        case .noFurtherPositions:
            "shorten the text: no context size gives this model more positions"
        case .outOfMemory:
            "lower the context size with -c, or the number of tokens with -n"
        case .noRoomForStates:
            "set TMPDIR to a folder with room, or extract fewer layers or prompts"
        case .unexpectedTensor:
            "use another conversion of the model; leaving the weight out would change its output"
        case .unknownToken:
            "the model's tokenizer has tokens that the model does not: leave that text out, or fetch another conversion of it"
        case .invalidSetting(_, _, let expected):
            "write \(expected)"
        case .unknownParent, .shallowParent, .unknownPlan, .hookDoesNotFit:
            nil
        }
    }
}
