import ArgumentParser
import Steering

/// How long an answer may be.
struct LengthOptions: ParsableArguments {
    @Option(
        name: [.customShort("n"), .customLong("predict")], parsing: .unconditional,
        help: ArgumentHelp(
            "Tokens of an answer at the most (default: \(AnswerRun.standardLength), in a sweep \(Calibrator.standardLength), in a chat \(ChatSession.standardLength)); -1 goes on until the model stops or the context is full.",
            valueName: "tokens"))
    var count: Int?

    func validate() throws {
        if let count, !(-1...ComputeOptions.mostTokens).contains(count) {
            throw ValidationError("-n is \(count), expected 0 to \(ComputeOptions.mostTokens), or -1")
        }
    }

    /// Whether the context has left less behind the prompt than an answer may have.
    func isBeyond(_ room: Int, default standard: Int) -> Bool {
        let count = count ?? standard
        return count == -1 || count > room
    }

    /// The answer's tokens at the most, given what the context has left behind the prompt.
    func maximum(default standard: Int, room: Int) -> Int {
        let count = count ?? standard
        return count == -1 ? max(0, room) : min(count, max(0, room))
    }
}
