import ArgumentParser
import Conversion
import GGUF
import Generation

/// Which model a command works on.
struct ModelOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp(
            "A GGUF file, a checkpoint's folder, or the name of a fetched model (default: \(Catalogue.defaultName)).",
            valueName: "model"))
    var model: String?

    /// The file or folder behind the option.
    func path() throws -> String { try ModelStore.standard().resolve(model) }

    /// The files that are read, none of which a command may write over.
    func inputs() throws -> [String] { Self.inputs(of: try path()) }

    /// The files of a model that is a file or a folder.
    static func inputs(of path: String) -> [String] {
        FileSystem.isFolder(path) ? FileSystem.names(in: path).map { "\(path)/\($0)" } : [path]
    }

    /// Opens what the model is stored in, and says what a person should know of it.
    func open() throws -> any ModelSource {
        let source = try openModel(path: try path())
        if let checkpoint = source as? CheckpointSource, !checkpoint.hasTokenizer {
            warn("\(checkpoint.path) has no tokenizer.json and no tokenizer.model: it knows no text")
        }
        return source
    }

    /// Opens the model.
    func load() throws -> LanguageModel {
        let progress = Progress("loading \(try path())")
        defer { progress.finish() }
        return try LanguageModel(try open())
    }
}
