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

    /// The file or folder behind the option, and what is to be said of it: asked once, and opened by
    /// `open(_:)` where it is needed itself.
    func path() throws -> String { try ModelStore.find(model) }

    /// Opens what the model is stored in, and says what a person should know of it.
    func open() throws -> any ModelSource { try Self.open(path()) }

    /// The same of a file or folder.
    static func open(_ path: String) throws -> any ModelSource {
        let source = try openModel(path: path)
        if let checkpoint = source as? CheckpointSource, !checkpoint.hasTokenizer {
            warn("\(checkpoint.path) has no tokenizer.json and no tokenizer.model: it knows no text")
        }
        return source
    }

    /// Opens the model.
    func load() throws -> LanguageModel { try Self.load(try open()) }

    /// The model in a source that has been opened, whose files a command may have to know first.
    static func load(_ source: any ModelSource) throws -> LanguageModel {
        let progress = Progress("loading \(source.path)")
        defer { progress.finish() }
        return try LanguageModel(source)
    }
}
