import ArgumentParser
import Generation

/// Which model a command works on.
struct ModelOptions: ParsableArguments {
    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp(
            "A GGUF file, or the name of a fetched model (default: \(Catalogue.defaultName)).",
            valueName: "model"))
    var model: String?

    /// The file behind the option.
    func path() throws -> String { try ModelStore.standard().resolve(model) }

    /// Opens the model.
    func load() throws -> LanguageModel {
        let path = try path()
        let progress = Progress("loading \(path)")
        defer { progress.finish() }
        return try LanguageModel(path: path)
    }
}
