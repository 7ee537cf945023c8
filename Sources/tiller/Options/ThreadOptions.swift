import ArgumentParser

/// How many processors a command takes.
struct ThreadOptions: ParsableArguments {
    @Option(
        name: [.customShort("t"), .customLong("threads")], parsing: .unconditional,
        help: "Threads that compute (default: as many as this process may use).")
    var given: Int?

    /// The threads to compute with.
    var count: Int { given ?? ComputeOptions.availableProcessors }
}
