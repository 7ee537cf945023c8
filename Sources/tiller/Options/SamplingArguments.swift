import ArgumentParser
import Generation

/// How tokens are chosen; names and defaults are llama.cpp's, but for the seed.
struct SamplingArguments: ParsableArguments {
    private static let standard = SamplingOptions()

    @Option(
        name: [.customLong("temp"), .customLong("temperature")], parsing: .unconditional,
        help: "Randomness; 0 always takes the likeliest token.")
    var temperature: Float = standard.temperature

    @Option(
        name: .customLong("top-k"), parsing: .unconditional, help: "Keep the k likeliest tokens; 0 keeps all."
    )
    var topK: Int = standard.topK

    @Option(
        name: .customLong("top-p"), parsing: .unconditional,
        help: "Keep the likeliest tokens whose probabilities reach this sum; 1 keeps all.")
    var topP: Float = standard.topP

    @Option(
        name: .customLong("min-p"), parsing: .unconditional,
        help: "Keep tokens at least this share as likely as the likeliest; 0 keeps all.")
    var minP: Float = standard.minP

    @Option(
        name: .customLong("repeat-penalty"), parsing: .unconditional,
        help: "Make recent tokens less likely; 1 does nothing.")
    var repeatPenalty: Float = standard.repeatPenalty

    @Option(
        name: .customLong("repeat-last-n"), parsing: .unconditional,
        help: "How many of the last tokens count as recent.")
    var repeatLastN: Int = standard.repeatLastN

    @Option(
        name: [.customShort("s"), .long], parsing: .unconditional,
        help: "Where the draws start: the same seed gives the same text; -1 takes a new one each time.")
    var seed: Int = 0

    /// The options of one run. A seed of −1 is drawn here, so that all answers of one run share it.
    func options() throws -> SamplingOptions {
        guard seed >= -1 else {
            throw TillerError.badUsage(message: "--seed is \(seed), expected 0 or more, or -1", remedy: nil)
        }
        var options = SamplingOptions()
        options.temperature = temperature
        options.topK = topK
        options.topP = topP
        options.minP = minP
        options.repeatPenalty = repeatPenalty
        options.repeatLastN = repeatLastN
        options.seed = seed == -1 ? UInt64.random(in: 0...0xFFFF_FFFF) : UInt64(seed)
        return options
    }
}
