public import Terms

/// Why a checkpoint cannot be opened as a model, or not be written as one: the file, the field, what was
/// found there, what is allowed, and what to do.
public struct ConversionError: ExplainedError, Equatable {
    /// What is wrong; the raw value is the stable code.
    public enum Kind: String, Sendable, CaseIterable {
        // The folder and its files.
        case notACheckpoint
        case invalidJSON
        case tooDeep
        case tooLarge
        case duplicateKey
        // The configuration.
        case missingField
        case wrongFieldType
        case fieldOutOfRange
        case unknownArchitecture
        case unsupportedFeature
        case quantizedCheckpoint
        // The tensors.
        case missingTensor
        case wrongShape
        case unsupportedTensorType
        case unexpectedTensor
        case ambiguousTensor
        case untiedTensor
        // The tokenizer.
        case missingTokenizer
        case unsupportedTokenizer
        case damagedTokenizer
        // Writing.
        case valueTooLarge
        case notFinite
        // Another room's error: `cause` says more.
        case cause
    }

    /// What is wrong.
    public var kind: Kind
    /// The file or the folder, as the caller named it.
    public var path: String
    /// The field: a key, a tensor, a step of the tokenizer.
    public var field: String
    /// What was found.
    public var found: String
    /// What is allowed there.
    public var allowed: String
    /// What another room found.
    public var cause: Cause?

    /// The words of another room's error.
    public struct Cause: Sendable, Equatable {
        /// Its stable code.
        public var code: String
        /// What is wrong, and where.
        public var message: String
        /// What repairs it.
        public var remedy: String?
        /// What it is to whoever waits for the command.
        public var category: ErrorCategory
    }

    /// Describes a fault.
    public init(_ kind: Kind, path: String, field: String, found: String, allowed: String) {
        self.kind = kind
        self.path = path
        self.field = field
        self.found = found
        self.allowed = allowed
    }

    /// Wraps another room's error.
    public init(_ error: some ExplainedError, path: String) {
        self.init(.cause, path: path, field: "", found: "", allowed: "")
        cause = Cause(
            code: error.code, message: error.message, remedy: error.remedy, category: error.category)
    }

    /// The other room's; a failure where there is none.
    public var category: ErrorCategory { cause?.category ?? .failure }

    /// The kind's name, or the other room's code.
    public var code: String { cause?.code ?? kind.rawValue }

    /// For example `m/config.json: hidden_size: found -1, allowed 1 to 1048576`.
    public var message: String {
        if let cause { return cause.message }
        if kind == .notACheckpoint { return "\(path) is no checkpoint's folder: found \(found)" }
        return "\(path): \(field): found \(found)\(allowed.isEmpty ? "" : ", allowed \(allowed)")"
    }

    /// What repairs it.
    public var remedy: String? {
        if let cause { return cause.remedy }
        return switch kind {
        case .notACheckpoint:
            "give the folder of a checkpoint from Hugging Face with its config.json; a GGUF file needs no conversion"
        case .invalidJSON, .tooDeep, .tooLarge, .duplicateKey, .wrongFieldType, .fieldOutOfRange,
            .damagedTokenizer:
            "the file is damaged or was changed by hand: download it again"
        case .missingField:
            "add the field to the file, as the model's makers have it, or download the file again"
        case .unknownArchitecture:
            "use a model of one of these families, or one that is a GGUF file already"
        case .unsupportedFeature:
            "this model computes something that is not computed here: use another model of the family"
        case .quantizedCheckpoint:
            "use the checkpoint that it was quantised from (mostly the same name without the suffix), and quantise that"
        case .missingTensor, .wrongShape, .ambiguousTensor:
            "config.json and the tensors do not belong together: download both again, from one place"
        case .untiedTensor:
            "set tie_word_embeddings to false to use it, as transformers 5 does, or remove it, as earlier versions do"
        case .unsupportedTensorType:
            "save the checkpoint as float32, float16 or bfloat16"
        case .unexpectedTensor:
            "the model has parts that this family does not have; merge an adapter into its base first"
        case .missingTokenizer:
            "put tokenizer.json (or tokenizer.model) of the model into the folder"
        case .unsupportedTokenizer:
            "use a GGUF file of this model from elsewhere, if there is one"
        case .valueTooLarge:
            "write another type: q8_0 holds up to 8.3e6, bf16 and f32 more than 3.3e38"
        case .notFinite:
            "the weights are damaged: download the checkpoint again"
        case .cause:
            nil
        }
    }
}

/// Runs what another room throws, with this room's error.
func explaining<Value, Failure: ExplainedError>(
    _ path: String, _ body: () throws(Failure) -> Value
) throws(ConversionError) -> Value {
    do throws(Failure) {
        return try body()
    } catch {
        throw ConversionError(error, path: path)
    }
}
