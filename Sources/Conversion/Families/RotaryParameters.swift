import Glibc

/// How positions turn the queries and keys: `rope_parameters` of transformers 5, or `rope_theta` and
/// `rope_scaling` of the versions before it.
struct RotaryParameters: Sendable {
    let base: Double
    /// The base in blocks that see a sliding window, where it is another.
    let localBase: Double?
    let scaling: Scaling

    /// How the angles change for contexts longer than those of the first training.
    enum Scaling: Sendable {
        case none
        /// All frequencies divided.
        case linear(factor: Double)
        /// Each frequency divided by a factor of its own, the same for every length (Llama 3). [headSize / 2]
        case factors([Float])
        /// YaRN; `attentionFactor` is by how much more than 0.1 ln(factor) + 1 the attention is scaled.
        case yarn(
            factor: Double, originalContextLength: Int, attentionFactor: Double, betaFast: Double?,
            betaSlow: Double?)
        /// One list of factors for short texts, one for long ones (Phi-3). [rotaryDimensionCount / 2] each
        case long(short: [Float], long: [Float], originalContextLength: Int, attentionFactor: Double)
    }

    init(
        _ file: ConfigurationFile, _ family: CheckpointFamily, _ sizes: Hyperparameters
    ) throws(ConversionError) {
        let fields = try RotaryFields(file, family)
        let base = try fields.holder(of: "rope_theta")
            .number("rope_theta", default: family.defaults.rotaryBase)
        self.base = base
        if let fallback = family.defaults.localRotaryBase {
            var theta = try fields.local?.numberIfPresent("rope_theta")
            if theta == nil { theta = try file.numberIfPresent("rope_local_base_freq") }
            localBase = theta ?? fallback
            if let local = fields.local, let type = try local.string("rope_type", "type"), type != "default" {
                throw local.unsupported("rope_type", found: type, allowed: "default")
            }
        } else {
            localBase = nil
        }
        // Gemma 3's fields come from two objects: the newer name of either counts more than the older one.
        var type = try fields.parameters?.string("rope_type")
        if type == nil { type = try fields.parameters?.string("type") }
        guard let scope = fields.parameters, let type else {
            scaling = .none
            return
        }
        scaling = try Self.scaling(type, scope, file, family, sizes, base: base)
    }

    private static func scaling(
        _ type: String, _ scope: ConfigurationFile, _ file: ConfigurationFile, _ family: CheckpointFamily,
        _ sizes: Hyperparameters, base: Double
    ) throws(ConversionError) -> Scaling {
        // The first configurations of Phi-3 call it so.
        let known = type == "su" ? "longrope" : type
        switch family.ropeTypes.contains(known) ? known : nil {
        case "default":
            return .none
        case "linear":
            return .linear(factor: try scope.number("factor"))
        case "llama3":
            return .factors(try llama3(scope, file, sizes, base: base))
        case "yarn":
            return try yarn(scope, file, sizes)
        case "longrope":
            return try long(scope, file, sizes)
        default:
            throw scope.unsupported(
                "rope_type", found: type, allowed: family.ropeTypes.joined(separator: ", "))
        }
    }

    /// The length of the first training's texts: the configuration's own key before that of the
    /// fields, or the context length.
    private static func originalLength(
        _ scope: ConfigurationFile, _ file: ConfigurationFile, _ sizes: Hyperparameters
    ) throws(ConversionError) -> Int {
        let key = "original_max_position_embeddings"
        if let found = try file.integerIfPresent([key], in: 1...(1 << 30)) { return found }
        return try scope.integerIfPresent([key], in: 1...(1 << 30)) ?? sizes.contextLength
    }

    /// Llama 3's factors: short wavelengths keep their frequency, long ones are divided,
    /// those between are interpolated.
    private static func llama3(
        _ scope: ConfigurationFile, _ file: ConfigurationFile, _ sizes: Hyperparameters, base: Double
    ) throws(ConversionError) -> [Float] {
        let factor = try scope.number("factor", default: 8)
        let low = try scope.number("low_freq_factor", default: 1)
        let high = try scope.number("high_freq_factor", default: 4)
        let original = Double(try originalLength(scope, file, sizes))
        guard high > low else { throw scope.unsupported("high_freq_factor", allowed: "more than \(low)") }
        return (0..<sizes.headSize / 2).map { index in
            let frequency = pow(base, -2 * Double(index) / Double(sizes.headSize))
            let wavelength = 2 * Double.pi / frequency
            if wavelength < original / high { return 1 }
            if wavelength > original / low { return Float(factor) }
            let smooth = (original / wavelength - low) / (high - low)
            return Float(1 / ((1 - smooth) / factor + smooth))
        }
    }

    private static func yarn(
        _ scope: ConfigurationFile, _ file: ConfigurationFile, _ sizes: Hyperparameters
    ) throws(ConversionError) -> Scaling {
        let original = try originalLength(scope, file, sizes)
        let factor =
            try scope.numberIfPresent("factor") ?? Double(sizes.contextLength) / Double(original)
        try scope.require("truncate", is: true)
        func scale(_ weight: Double) -> Double { factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1 }
        var attention = try scope.numberIfPresent("attention_factor")
        if attention == nil, let all = try scope.numberIfPresent("mscale_all_dim", above: -1), all != 0,
            let part = try scope.numberIfPresent("mscale", above: -1), part != 0
        {
            attention = scale(part) / scale(all)
        }
        let extra = (attention ?? scale(1)) / scale(1)
        guard extra.isFinite, extra > 0 else {
            throw scope.unsupported("mscale_all_dim", allowed: "what gives an attention factor above 0")
        }
        return .yarn(
            factor: factor, originalContextLength: original, attentionFactor: extra,
            betaFast: try scope.numberIfPresent("beta_fast"), betaSlow: try scope.numberIfPresent("beta_slow")
        )
    }

    private static func long(
        _ scope: ConfigurationFile, _ file: ConfigurationFile, _ sizes: Hyperparameters
    ) throws(ConversionError) -> Scaling {
        let original = try originalLength(scope, file, sizes)
        let factor = try scope.numberIfPresent("factor") ?? Double(sizes.contextLength) / Double(original)
        var attention = 1.0
        if factor > 1 { attention = (1 + log(factor) / log(Double(max(original, 2)))).squareRoot() }
        attention = try scope.numberIfPresent("attention_factor") ?? attention
        func list(_ key: String) throws(ConversionError) -> [Float] {
            guard let list = try scope.numbers(key) else { throw scope.missing([key]) }
            guard list.count == sizes.rotaryDimensionCount / 2 else {
                throw ConversionError(
                    .fieldOutOfRange, path: file.path, field: "rope_parameters.\(key)",
                    found: "\(list.count) numbers",
                    allowed: "\(sizes.rotaryDimensionCount / 2)")
            }
            return list
        }
        return .long(
            short: try list("short_factor"), long: try list("long_factor"), originalContextLength: original,
            attentionFactor: attention)
    }
}
