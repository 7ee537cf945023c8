import ArgumentParser

/// How long an answer may be.
struct LengthOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .customLong("predict")], parsing: .unconditional,
        help: ArgumentHelp(
            "Tokens of an answer at the most (default: 128, in a sweep 40); -1 goes on until the model stops or the context is full.",
            valueName: "tokens"))
    var count: Int?

    /// The answer's tokens at the most, given what the context has left behind the prompt.
    func maximum(default standard: Int, room: Int) throws -> Int {
        let count = count ?? standard
        guard count >= -1 else {
            throw TillerError.badUsage(message: "-n is \(count), expected 0 or more, or -1", remedy: nil)
        }
        return count == -1 ? max(0, room) : min(count, max(0, room))
    }
}
