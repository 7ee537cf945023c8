import ArgumentParser
import Generation
import Steering

/// How tokens are chosen. Names are llama.cpp's, and so are the defaults but for the seed and for what keeps
/// answers whole: repetition is held back, chance brings no new script in, and no answer is empty.
struct SamplingArguments: ParsableArguments {
    private static let standard = SamplingOptions.standard

    @Option(
        name: [.customLong("temp"), .customLong("temperature")], parsing: .unconditional,
        help: "Randomness; 0 takes the likeliest token, after what makes repetition less likely.")
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
        help:
            "Make recent tokens less likely; 1 does nothing, less than that, from 0.01, makes them likelier. (default: 1.1; 1 at --temp 0, except in chat and with a strength of auto)"
    )
    var repeatPenalty: Float?

    @Option(
        name: .customLong("repeat-last-n"), parsing: .unconditional,
        help: "How many of the last tokens count as recent.")
    var repeatLastN: Int = standard.repeatLastN

    @Option(
        name: .customLong("dry-multiplier"), parsing: .unconditional,
        help:
            "Make tokens less likely that go on with what the answer has said before; 0 does nothing. (default: 0.8; 0 at --temp 0, except in chat and with a strength of auto)"
    )
    var dryMultiplier: Float?

    @Option(
        name: .customLong("dry-base"), parsing: .unconditional,
        help: "How many times less with each further token that is said again.")
    var dryBase: Float = standard.dryBase

    @Option(
        name: .customLong("dry-allowed-length"), parsing: .unconditional,
        help: "So many tokens, less one, may be said again freely.")
    var dryAllowedLength: Int = standard.dryAllowedLength

    @Flag(
        name: .customLong("allow-empty"), inversion: .prefixedNo,
        help:
            "Whether an answer may end before it has said anything. (default: it may not; it may at --temp 0, except in chat and with a strength of auto)"
    )
    var allowsEmpty: Bool?

    @Flag(
        name: .customLong("keep-script"), inversion: .prefixedNo,
        help:
            "Whether letters of a script that neither prompt nor answer has had come only where the model is as likely as not to change it. (default: so; not at --temp 0, except in chat and with a strength of auto)"
    )
    var keepsScript: Bool?

    @Option(
        name: [.customShort("s"), .long], parsing: .unconditional,
        help: "Where the draws start: the same seed gives the same text; -1 takes a new one each time.")
    var seed: Int = 0

    /// Logits are divided by it. Long before they grow beyond float32, nothing but recent tokens is left.
    private static let leastRepeatPenalty: Float = 0.01

    /// A seed that has not been asked for. A chat draws one for each of its answers where `--seed` is −1.
    static func drawnSeed() -> UInt64 { UInt64.random(in: 0...0xFFFF_FFFF) }

    /// The options of one run. A seed of −1 is drawn here, so that all answers of one run share it.
    ///
    /// Temperature 0 is the model's own choice, as other engines make it: what keeps answers whole is left
    /// out there, unless it is asked for. A chat and calibrated strengths ask for it.
    ///
    /// - Parameter keepsWhole: Whether answers are kept whole at temperature 0, too.
    func options(keepsWhole: Bool = false) throws -> SamplingOptions {
        guard seed >= -1 else {
            throw TillerError.badUsage(
                message: "--seed is \(seed), expected 0 or more, or -1",
                remedy: "write 0 or more, or -1 for another seed each time")
        }
        var options = temperature > 0 || keepsWhole ? SamplingOptions.standard : SamplingOptions()
        options.temperature = temperature
        options.topK = topK
        options.topP = topP
        options.minP = minP
        if let repeatPenalty {
            guard repeatPenalty >= Self.leastRepeatPenalty else {
                throw GenerationError.invalidSetting(
                    name: "--repeat-penalty", found: "\(repeatPenalty)",
                    expected: "\(Self.leastRepeatPenalty) or more")
            }
            options.repeatPenalty = repeatPenalty
        }
        options.repeatLastN = repeatLastN
        if let dryMultiplier { options.dryMultiplier = dryMultiplier }
        options.dryBase = dryBase
        options.dryAllowedLength = dryAllowedLength
        if let allowsEmpty { options.allowsEmpty = allowsEmpty }
        if let keepsScript { options.keepsScript = keepsScript }
        options.seed = seed == -1 ? Self.drawnSeed() : UInt64(seed)
        if let fault = options.fault {
            throw GenerationError.invalidSetting(
                name: Self.option(of: fault.setting), found: fault.found, expected: fault.expected)
        }
        return options
    }

    /// What is typed for a setting.
    private static func option(of setting: SamplingOptions.Setting) -> String {
        switch setting {
        case .temperature: "--temp"
        case .topK: "--top-k"
        case .topP: "--top-p"
        case .minP: "--min-p"
        case .repeatPenalty: "--repeat-penalty"
        case .repeatLastN: "--repeat-last-n"
        case .dryMultiplier: "--dry-multiplier"
        case .dryBase: "--dry-base"
        case .dryAllowedLength: "--dry-allowed-length"
        }
    }
}

extension SamplingOptions {
    /// What scripts see of it.
    var json: JSONValue {
        [
            "temperature": .single(temperature), "topK": .integer(topK), "topP": .single(topP),
            "minP": .single(minP), "repeatPenalty": .single(repeatPenalty),
            "repeatLastN": .integer(repeatLastN), "dryMultiplier": .single(dryMultiplier),
            "dryBase": .single(dryBase), "dryAllowedLength": .integer(dryAllowedLength),
            "allowEmpty": .bool(allowsEmpty), "keepScript": .bool(keepsScript),
            "seed": .integer(Int(clamping: seed)),
        ]
    }
}
