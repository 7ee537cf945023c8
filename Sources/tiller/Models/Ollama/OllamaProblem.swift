/// Why a model in Ollama's store cannot be opened.
enum OllamaProblem: Sendable, Equatable {
    /// There is no such model.
    case notThere(folders: [String], known: [String])
    /// The manifest is not what it should be.
    case brokenManifest(path: String, detail: String)
    /// The manifest names a file that is not there.
    case missingBlob(path: String)
    /// The file has another size than the manifest says.
    case wrongBlobSize(path: String, found: Int, expected: Int)
    /// The manifest names no weights, but things of these kinds.
    case noModelLayer(path: String, found: [String])
    /// The manifest names several files of weights.
    case severalModelLayers(path: String, count: Int)
}

extension OllamaProblem {
    var code: String {
        switch self {
        case .notThere: "unknownModel"
        case .brokenManifest: "brokenManifest"
        case .missingBlob: "missingBlob"
        case .wrongBlobSize: "wrongBlobSize"
        case .noModelLayer: "noModelLayer"
        case .severalModelLayers: "severalModelLayers"
        }
    }

    var message: String {
        switch self {
        case .notThere(let folders, _):
            folders.isEmpty
                ? "Ollama has no store here" : "no such model in \(folders.joined(separator: " or "))"
        case .brokenManifest(let path, let detail): "the manifest \(path) \(detail)"
        case .missingBlob(let path): "there is no file \(path), which the manifest names"
        case .wrongBlobSize(let path, let found, let expected):
            "\(path) has \(Quantity.count(found)) bytes, and \(Quantity.count(expected)) by the manifest"
        case .noModelLayer(let path, let found):
            "the manifest \(path) names no weights"
                + (found.isEmpty ? "" : ", but \(found.joined(separator: ", "))")
        case .severalModelLayers(let path, let count):
            "the manifest \(path) names \(count) files of weights, and which is meant nobody can say"
        }
    }

    func remedy(for model: String) -> String? {
        switch self {
        case .notThere(_, let known):
            known.isEmpty
                ? "ollama pull \(model), or set OLLAMA_MODELS to its store"
                : "one of: \(known.joined(separator: ", "))"
        case .brokenManifest, .missingBlob, .wrongBlobSize: "ollama pull \(model) repairs it"
        case .noModelLayer: "choose another tag: a model that runs elsewhere has no weights here"
        case .severalModelLayers: "pass one of the files under blobs/ with -m"
        }
    }
}
