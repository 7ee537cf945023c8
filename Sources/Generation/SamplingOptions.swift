/// How the next token is chosen from the logits. Names and defaults are llama.cpp's.
public struct SamplingOptions: Sendable, Codable, Equatable {
    /// Divides the logits before the draw; 0 takes the likeliest token (greedy).
    public var temperature: Float = 0.8
    /// Keeps the k likeliest tokens; 0 keeps all.
    public var topK: Int = 40
    /// Keeps the smallest set of likeliest tokens whose probabilities reach this sum; 1 keeps all.
    public var topP: Float = 0.95
    /// Keeps tokens at least this share as likely as the likeliest; 0 keeps all.
    public var minP: Float = 0.05
    /// Makes recent tokens less likely: positive logits are divided by it, negative ones multiplied; 1 does nothing.
    public var repeatPenalty: Float = 1
    /// How many of the last tokens, those of the prompt included, count as recent.
    public var repeatLastN: Int = 64
    /// Where the draws start; the same seed gives the same text.
    public var seed: UInt64 = 0

    /// llama.cpp's defaults, with seed 0.
    public init() {}

    /// Always the likeliest token.
    public static var greedy: SamplingOptions {
        var options = SamplingOptions()
        options.temperature = 0
        return options
    }

    /// How many times a token that is refused is drawn again before the likeliest allowed one comes.
    static let mostRefused = 8

    /// How many of the likeliest tokens a draw can come to; nil for all.
    ///
    /// Those behind them take the places of tokens that are refused, and of recent ones, which the penalty moves down, and below 1 up.
    public var likeliestNeeded: Int? {
        guard temperature == 0 || topK > 0, repeatPenalty >= 1 else { return nil }
        var needed = temperature == 0 ? 1 : topK
        for more in [Self.mostRefused, repeatPenalty == 1 ? 0 : repeatLastN] {
            let (sum, overflows) = needed.addingReportingOverflow(more)
            if overflows { return nil }
            needed = sum
        }
        return needed
    }

    /// Refuses what cannot be sampled with.
    func check() throws(GenerationError) {
        func require(
            _ isSound: Bool, _ name: String, _ found: some CustomStringConvertible, _ expected: String
        )
            throws(GenerationError)
        {
            guard isSound else {
                throw .invalidSetting(name: name, found: found.description, expected: expected)
            }
        }
        try require(temperature.isFinite && temperature >= 0, "temperature", temperature, "0 or more")
        try require(topK >= 0, "top-k", topK, "0 or more")
        try require(topP > 0 && topP <= 1, "top-p", topP, "above 0, up to 1")
        try require(minP >= 0 && minP <= 1, "min-p", minP, "0-1")
        try require(repeatPenalty.isFinite && repeatPenalty > 0, "repeat penalty", repeatPenalty, "above 0")
        try require(repeatLastN >= 0, "repeat-last-n", repeatLastN, "0 or more")
    }
}
