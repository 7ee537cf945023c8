import ControlVectors
import Terms

/// What can go wrong in the command line itself: names, options, downloads, standard output.
enum TillerError: ExplainedError, Equatable {
    /// An option's value cannot be what it must be.
    case badUsage(message: String, remedy: String?)
    /// There is no file and no known model of that name.
    case unknownModel(name: String, suggestion: String?, known: [String])
    /// `pull` cannot fetch what it is asked for.
    case cannotPull(name: String, reason: String, remedy: String)
    /// A known model has not been fetched yet.
    case modelNotPulled(name: String, isDefault: Bool)
    /// The environment says neither where the cache is nor where home is.
    case noHome
    /// The model's own download failed.
    case download(DownloadProblem, model: String)
    /// A model in Ollama's store cannot be opened.
    case ollama(OllamaProblem, model: String)
    /// A judge gave no reply.
    case judge(JudgeProblem, address: String)
    /// A picture could not be drawn.
    case picture(PictureProblem, path: String)
    /// What follows `hf:` or `ollama:` cannot be a model's name.
    case badReference(text: String, reason: String)
    /// A file or folder of the cache could not be read or written.
    case cacheFailure(path: String, operation: String, reason: String)
    /// Standard output no longer takes what is written.
    case cannotWriteOutput(reason: String)
    /// Standard output is a pipe that nobody reads any more. It ends the command without words:
    /// nobody is told what to do.
    case outputClosed
    /// An input could not be read.
    case cannotReadInput(path: String, reason: String)
    /// An input could be read, and is not what it has to be.
    case unusableInput(path: String, reason: String, remedy: String)
    /// A text is longer than the positions that the model has learned.
    case noFurtherPositions(tokens: Int, positions: Int)
    /// `inspect` does not know what a file is.
    case unknownFileKind(path: String, found: String)
    /// A file holds no tensor of that name.
    case unknownTensor(name: String, path: String, suggestion: String?)
}

extension TillerError {
    /// Whether nothing more can be written to standard output.
    var isOutputGone: Bool {
        switch self {
        case .cannotWriteOutput, .outputClosed: true
        default: false
        }
    }

    /// A stable name for scripts.
    var code: String {
        switch self {
        case .badUsage: "badUsage"
        case .unknownModel, .cannotPull: "unknownModel"
        case .modelNotPulled: "modelNotPulled"
        case .noHome: "noHome"
        case .download(let problem, _): problem.code
        case .ollama(let problem, _): problem.code
        case .judge(let problem, _): problem.code
        case .picture(let problem, _): problem.code
        case .badReference: "badReference"
        case .cacheFailure: "cacheFailure"
        case .cannotWriteOutput: "cannotWriteOutput"
        case .outputClosed: "outputClosed"
        case .cannotReadInput, .unusableInput: "cannotReadInput"
        case .noFurtherPositions: "contextOverflow"
        case .unknownFileKind: "unknownFileKind"
        case .unknownTensor: "unknownTensor"
        }
    }

    /// An option's value, or a name that no model to fetch has, is bad usage; a name behind -m may be that
    /// of a file that is missing.
    var category: ErrorCategory {
        switch self {
        case .badUsage, .badReference, .cannotPull: .usage
        default: .failure
        }
    }

    /// What was expected, what was found, and where.
    var message: String {
        switch self {
        case .badUsage(let message, _): message
        case .unknownModel("", _, _): "the name of the model is empty"
        case .unknownModel(let name, _, _): "\(name): there is no such file, and no known model of that name"
        case .cannotPull(let name, let reason, _): "\(name) cannot be pulled: \(reason)"
        case .modelNotPulled(let name, let isDefault):
            isDefault
                ? "no model was given with -m, and the default, \(name), has not been fetched yet"
                : "the model \(name) has not been fetched yet"
        case .noHome: "neither TILLER_HOME nor HOME is set, so there is no place for models"
        case .download(let problem, let model): "\(model) could not be fetched: \(problem.message)"
        case .ollama(let problem, let model): "ollama:\(model): \(problem.message)"
        case .judge(let problem, let address): "the judge at \(address): \(problem.message)"
        case .picture(let problem, let path): "\(path): \(problem.message)"
        case .badReference(let text, let reason): "\(text): \(reason)"
        case .cacheFailure(let path, let operation, let reason): "\(path): \(operation) failed: \(reason)"
        case .cannotWriteOutput(let reason): "standard output could not be written: \(reason)"
        case .outputClosed: "standard output is a pipe that nobody reads any more"
        case .cannotReadInput(let path, let reason): "\(path): could not be read: \(reason)"
        case .unusableInput(let path, let reason, _): "\(path): \(reason)"
        case .noFurtherPositions(let tokens, let positions):
            "the text has \(tokens) tokens; the model has learned \(positions) positions, for prompt and answer together"
        case .unknownFileKind(let path, let found): "\(path): \(found)"
        case .unknownTensor(let name, let path, _): "\(path): there is no tensor \(name)"
        }
    }

    /// What repairs it, where there is something to do.
    var remedy: String? {
        switch self {
        case .badUsage(_, let remedy): remedy
        case .unknownModel(_, let suggestion?, _): "did you mean \(suggestion)?"
        case .unknownModel(_, nil, let known):
            "pass the path of a GGUF file, hf:OWNER/REPO/FILE, or one of: \(known.joined(separator: ", "))"
        case .cannotPull(_, _, let remedy): remedy
        case .modelNotPulled(let name, _): "tiller pull \(name)"
        case .noHome: "export TILLER_HOME=/a/folder/with/room"
        case .download(let problem, _): problem.remedy
        case .ollama(let problem, let model): problem.remedy(for: model)
        case .judge(let problem, _): problem.remedy
        case .picture(let problem, let path): problem.remedy(for: path)
        case .badReference(let text, _) where text.hasPrefix(HubReference.prefix):
            "name a model as hf:OWNER/REPO/FILE or hf:OWNER/REPO, without .. in it"
        case .badReference: "name a model as ollama:NAME:TAG, without .. in it"
        case .cacheFailure:
            "check that the folder exists and can be written, or set TILLER_HOME to another one"
        case .cannotWriteOutput: "check the disk"
        case .outputClosed: nil
        case .cannotReadInput: "check the path and its permissions"
        case .unusableInput(_, _, let remedy): remedy
        case .noFurtherPositions: "shorten it, or use a model that reads longer texts: -c adds no positions"
        case .unknownFileKind:
            "pass a GGUF model or vector, a safetensors file, or a dataset, preset or heads in JSON"
        case .unknownTensor(_, let path, let suggestion):
            suggestion.map { "did you mean \($0)?" }
                ?? "tiller inspect \(ShellCommand.quoted(path)) --tensors lists them"
        }
    }
}
