import ArgumentParser
import Generation
import Glibc
import Transformer

/// How much of the machine a command takes.
struct ComputeOptions: ParsableArguments {
    @OptionGroup var threads: ThreadOptions

    @Option(
        name: [.customShort("c"), .customLong("ctx-size")], parsing: .unconditional,
        help: ArgumentHelp(
            "Room for so many tokens, prompt and answer together (default: what the model was trained for, in a chat 4096 at the most).",
            valueName: "tokens"))
    var contextSize: Int?

    /// The largest number of tokens that the engine holds.
    static let mostTokens = 1 << 24

    func validate() throws {
        if let contextSize, !(1...Self.mostTokens).contains(contextSize) {
            throw ValidationError("-c is \(contextSize), expected 1 to \(Self.mostTokens)")
        }
    }

    /// The threads to compute with.
    var threadCount: Int { threads.count }

    /// A context with room for a piece of work.
    ///
    /// - Parameters:
    ///   - needed: How many tokens the work keeps at the most, over all texts that are in work together.
    ///   - longest: Tokens of the longest of these texts.
    func context(
        for model: TransformerModel, needed: Int, longest: Int, precision: Precision
    ) throws -> InferenceContext {
        try InferenceContext(
            model, capacity: max(1, needed), threads: threadCount, precision: precision, textLimit: longest)
    }

    /// How many tokens one text may have: what was asked for, else what the model was trained for; never more
    /// than it has learned positions for.
    func longestText(for model: TransformerModel) throws -> Int {
        let positions = model.configuration.positions.count ?? .max
        let trained = min(model.configuration.contextLength, positions)
        guard let contextSize else { return trained }
        if contextSize > positions {
            warn("-c \(contextSize): the model has learned \(positions) positions, and no text can be longer")
            return positions
        }
        if contextSize > trained {
            warn("-c \(contextSize) is more than the \(trained) tokens that the model was trained for")
        }
        return contextSize
    }

    /// What is wrong with a text that has no room. Where the model has learned no further
    /// positions, no `-c` gives it more.
    static func tooLong(_ tokens: Int, in contextSize: Int, for model: TransformerModel) -> any Error {
        guard let positions = model.configuration.positions.count, contextSize >= positions else {
            return GenerationError.promptTooLong(tokens: tokens, contextSize: contextSize)
        }
        return TillerError.noFurtherPositions(tokens: tokens, positions: positions)
    }

    /// The same of one of several prompts, which is named where they are from a file.
    static func tooLong(
        _ text: String, _ tokens: Int, of path: String?, in contextSize: Int, for model: TransformerModel
    ) -> any Error {
        let error = tooLong(tokens, in: contextSize, for: model)
        guard let path else { return error }
        let failure = Failure(error)
        return TillerError.unusableInput(
            path: TextInput.name(of: path), reason: "“\(TextInput.beginning(of: text))”: \(failure.message)",
            remedy: failure.fix ?? "shorten it")
    }

    /// The processors that this process may run on, which `taskset` or a container may have narrowed.
    static var availableProcessors: Int {
        allowedProcessors(inStatus: ProcessStatus.text()) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Counts the bits of `Cpus_allowed`, a mask in hexadecimal; nil where there is no such line.
    static func allowedProcessors(inStatus status: String) -> Int? {
        guard let mask = ProcessStatus.field("Cpus_allowed", in: status) else { return nil }
        let count = mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        return count > 0 ? count : nil
    }
}

/// A command that runs a model in a context.
protocol ContextCommand: ComputingCommand {
    var compute: ComputeOptions { get }
}

extension ContextCommand {
    var threads: ThreadOptions { compute.threads }
}
