import ArgumentParser
import Transformer

/// How many processors a command takes.
struct ThreadOptions: ParsableArguments {
    @Option(
        name: [.customShort("t"), .customLong("threads")], parsing: .unconditional,
        help: "Threads that compute (default: as many as this process may use).")
    var given: Int?

    /// Refuses a number that no engine can compute with.
    ///
    /// Not in `validate()`: the parser hides whose error it was, and with it the code that scripts know.
    func check() throws(TransformerError) {
        if let given { try InferenceContext.checkThreads(given, name: "--threads") }
    }

    /// The threads to compute with.
    var count: Int { given ?? min(ComputeOptions.availableProcessors, InferenceContext.highestThreadCount) }
}

/// A command with threads. Their number is refused before it opens or writes anything.
protocol ComputingCommand: ParsableCommand {
    var threads: ThreadOptions { get }
}
