import ArgumentParser
import Glibc
import Transformer

/// How much of the machine a command takes.
struct ComputeOptions: ParsableArguments {
    @Option(
        name: [.customShort("t"), .long], parsing: .unconditional,
        help: "Threads that compute (default: as many as this process may use).")
    var threads: Int?

    @Option(
        name: [.customShort("c"), .customLong("ctx-size")], parsing: .unconditional,
        help: ArgumentHelp(
            "Room for so many tokens, prompt and answer together (default: what is needed, up to what the model was trained for).",
            valueName: "tokens"))
    var contextSize: Int?

    /// The threads to compute with.
    var threadCount: Int { threads ?? Self.availableProcessors }

    /// A context with room for a piece of work.
    ///
    /// - Parameter needed: How many tokens the work takes at the most.
    func context(
        for model: TransformerModel, needed: Int, precision: Precision
    ) throws -> InferenceContext {
        try InferenceContext(
            model, capacity: capacity(for: model, needed: needed), threads: threadCount, precision: precision)
    }

    /// What was asked for; else what is needed, but no more than the model was trained for.
    private func capacity(for model: TransformerModel, needed: Int) -> Int {
        let trained = model.configuration.contextLength
        guard let contextSize else { return max(1, min(needed, trained)) }
        if contextSize > trained {
            warn("-c \(contextSize) is more than the \(trained) tokens that the model was trained for")
        }
        return contextSize
    }

    /// The processors that this process may run on, which a container may have narrowed.
    private static var availableProcessors: Int {
        var set = cpu_set_t()
        guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else {
            return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        let count = withUnsafeBytes(of: set) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
        return max(1, count)
    }
}
