/// How the next token is chosen from the logits. Names are llama.cpp's.
public struct SamplingOptions: Sendable, Codable, Equatable {
    /// Divides the logits before the draw; 0 takes the likeliest token (greedy).
    public var temperature: Float = 0.8
    /// Keeps the k likeliest tokens; 0 keeps all.
    public var topK: Int = 40
    /// Keeps the smallest set of likeliest tokens whose probabilities reach this sum; 1 keeps all.
    public var topP: Float = 0.95
    /// Keeps tokens at least this share as likely as the likeliest; 0 keeps all.
    public var minP: Float = 0.05
    /// Makes recent tokens less likely: positive logits are divided by it, negative ones
    /// multiplied; 1 does nothing.
    public var repeatPenalty: Float = 1
    /// How many of the last tokens, those of the prompt included, count as recent.
    public var repeatLastN: Int = 64
    /// Makes tokens less likely that would go on with a stretch which the answer has had before (DRY, "don't
    /// repeat yourself"): the logit of one after a stretch of n tokens goes down by dryMultiplier ×
    /// dryBase^(n − dryAllowedLength); 0 does nothing.
    ///
    /// llama.cpp counts the prompt too, and stops at line ends, colons, quotation marks and asterisks. Here
    /// the answer alone counts, so that quoting the prompt is free, and all of it, because answers go round
    /// in circles of lines and asterisks as well.
    public var dryMultiplier: Float = 0
    /// How much more each further token of the stretch takes away.
    public var dryBase: Float = 1.75
    /// Stretches shorter than this may come again freely.
    public var dryAllowedLength: Int = 2
    /// Whether an answer may end before it has said anything but white space, as models do now and then;
    /// where it may not, such an end is drawn again as if it had no logit.
    public var allowsEmpty = true
    /// Whether letters of a script that neither the prompt nor the answer has had yet are drawn only where
    /// such tokens are together as likely as all others, so that the model changes its script and chance does
    /// not; other draws of them are refused. Latin letters may always come.
    public var keepsScript = false
    /// Where the draws start; the same seed gives the same text.
    public var seed: UInt64 = 0

    /// llama.cpp's defaults, with seed 0: nothing holds an answer back from going round in circles.
    public init() {}

    /// What commands draw with where nothing else is asked for, and strengths are calibrated
    /// with: llama.cpp's defaults with a light penalty on repetition and DRY, in the script of
    /// the prompt, and never empty.
    ///
    /// Without these, small models go round in circles at one strength and not at the next, stray into
    /// another script, and say nothing at all now and then, steered or not (docs/calibration.md has figures).
    public static var standard: SamplingOptions {
        var options = SamplingOptions()
        options.repeatPenalty = 1.1
        options.dryMultiplier = 0.8
        options.allowsEmpty = false
        options.keepsScript = true
        return options
    }

    /// Always the likeliest token.
    public static var greedy: SamplingOptions {
        var options = SamplingOptions()
        options.temperature = 0
        return options
    }

    /// How many times a token that is refused is drawn again before the likeliest allowed one comes.
    static let mostRefused = 8

    /// Reads what was kept. What is older than DRY, than answers that may not be empty and than scripts that
    /// are kept says nothing of them.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        temperature = try values.decode(Float.self, forKey: .temperature)
        topK = try values.decode(Int.self, forKey: .topK)
        topP = try values.decode(Float.self, forKey: .topP)
        minP = try values.decode(Float.self, forKey: .minP)
        repeatPenalty = try values.decode(Float.self, forKey: .repeatPenalty)
        repeatLastN = try values.decode(Int.self, forKey: .repeatLastN)
        seed = try values.decode(UInt64.self, forKey: .seed)
        allowsEmpty = try values.decodeIfPresent(Bool.self, forKey: .allowsEmpty) ?? allowsEmpty
        keepsScript = try values.decodeIfPresent(Bool.self, forKey: .keepsScript) ?? keepsScript
        dryMultiplier = try values.decodeIfPresent(Float.self, forKey: .dryMultiplier) ?? dryMultiplier
        dryBase = try values.decodeIfPresent(Float.self, forKey: .dryBase) ?? dryBase
        dryAllowedLength = try values.decodeIfPresent(Int.self, forKey: .dryAllowedLength) ?? dryAllowedLength
    }

    /// One of the settings that have a range; the raw value is its name in errors.
    public enum Setting: String, Sendable, CaseIterable {
        case temperature
        case topK = "top-k"
        case topP = "top-p"
        case minP = "min-p"
        case repeatPenalty = "repeat penalty"
        case repeatLastN = "repeat-last-n"
        case dryMultiplier = "DRY multiplier"
        case dryBase = "DRY base"
        case dryAllowedLength = "DRY allowed length"
    }

    /// A setting that is outside of its range.
    public struct Fault: Sendable, Equatable {
        /// Which it is.
        public let setting: Setting
        /// What it is.
        public let found: String
        /// What it may be.
        public let expected: String
    }

    /// The first setting that cannot be sampled with; nil where all can.
    public var fault: Fault? {
        var faults: [Fault] = []
        func require(
            _ isSound: Bool, _ setting: Setting, _ found: some CustomStringConvertible, _ expected: String
        ) {
            if isSound { return }
            faults.append(Fault(setting: setting, found: found.description, expected: expected))
        }
        let numbers: [(Setting, Float)] = [
            (.temperature, temperature), (.repeatPenalty, repeatPenalty), (.dryMultiplier, dryMultiplier),
            (.dryBase, dryBase),
        ]
        for (setting, number) in numbers {
            require(number.isFinite, setting, number, "a finite number, up to 3.4e38")
        }
        require(temperature >= 0, .temperature, temperature, "0 or more")
        require(topK >= 0, .topK, topK, "0 or more")
        require(topP > 0 && topP <= 1, .topP, topP, "more than 0, and 1 at the most")
        require(minP >= 0 && minP <= 1, .minP, minP, "0 to 1")
        require(repeatPenalty > 0, .repeatPenalty, repeatPenalty, "more than 0")
        require(repeatLastN >= 0, .repeatLastN, repeatLastN, "0 or more")
        require(dryMultiplier >= 0, .dryMultiplier, dryMultiplier, "0 or more")
        require(dryBase >= 1, .dryBase, dryBase, "1 or more")
        require(dryAllowedLength >= 1, .dryAllowedLength, dryAllowedLength, "1 or more")
        return faults.first
    }

    /// Refuses what cannot be sampled with.
    func check() throws(GenerationError) {
        guard let fault else { return }
        throw .invalidSetting(name: fault.setting.rawValue, found: fault.found, expected: fault.expected)
    }
}
