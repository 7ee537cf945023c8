import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Steering
import Terms
import Transformer

/// `tiller chat`
struct ChatCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "Talk with a model, and turn the dials while you do.",
        discussion: """
            Type a line to say it, /help for the commands: /strength, /vector, /preset, /meter, /compare, /again, \
            /undo, /history, /system, /reset, /save. Ctrl-C ends an answer, Ctrl-D the chat. Lines may come from a pipe; \
            the status is then 1 where one of them failed. With --json the whole conversation is printed at the end. Repetition is \
            held back at --temp 0, too.
            """)

    @OptionGroup var model: ModelOptions

    @Option(parsing: .unconditional, help: "The system turn, instead of the chat template's own.")
    var system: String?

    @OptionGroup var vectors: VectorArguments
    @OptionGroup var rules: PresetArguments
    @OptionGroup var watching: WatchArguments
    @OptionGroup var length: LengthOptions
    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Float32 activations everywhere: slower, for comparing.")
    var exact = false

    @OptionGroup var output: OutputOptions

    /// Room for the conversation where nobody says; its keys and values stay within some hundred megabytes.
    private static let standardContext = 4096

    func run() throws {
        let definitions = try watching.definitions()
        let definition = try rules.definition()
        let options = try sampling.options(keepsWhole: true)
        let paths = try vectors.paths()
        let model = try model.load()
        let loaded = try vectors.load(for: model, answering: .chat(system: system))
        let preset = try rules.load(
            definition, after: loaded, for: model, forced: vectors.force, answering: .chat(system: system))
        let watchers = try watching.load(
            definitions, for: model, forced: vectors.force, refusing: paths + rules.files(of: definition))
        let longest = try compute.longestText(for: model.transformer)
        let size = compute.contextSize == nil ? min(longest, Self.standardContext) : longest
        // Beside the conversation there is room for an answer without the vectors, so that
        // /compare does not empty the cache.
        let context = try compute.context(
            for: model.transformer, needed: min(size + size / 2, ComputeOptions.mostTokens), longest: size,
            precision: exact ? .exact : .fast)
        let session = try ChatSession(
            model, in: context, contextSize: size, system: system, sampling: options,
            maximumTokens: length.maximum(default: ChatSession.standardLength, room: size))
        session.vectors = loaded.named
        let files =
            model.file.files + paths + definitions.map(\.vector) + watching.files
            + [watching.audit].compactMap { $0 } + KeptRuns.files
        let chat = try ChatLoop(
            session, layers: try vectors.use.selection(), preset: preset, watchers: watchers, inputs: files,
            forced: vectors.force, drawsSeeds: sampling.seed == -1, output: output)
        try chat.run()
    }
}
