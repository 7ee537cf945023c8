/// The sizes of a checkpoint, read from its configuration and checked against each other.
struct Hyperparameters: Sendable {
    let layerCount: Int
    let hiddenSize: Int
    let headCount: Int
    let keyValueHeadCount: Int
    let headSize: Int
    /// The inner width of the MLP; of a model with experts what the configuration says
    /// beside the experts' own.
    let feedForwardSize: Int
    let contextLength: Int
    let normEpsilon: Double
    let vocabularySize: Int
    /// How many values of a head are turned.
    let rotaryDimensionCount: Int
    let isTied: Bool
    var experts: Experts?

    /// The sizes of a mixture of experts.
    struct Experts: Sendable {
        let count: Int
        let usedCount: Int
        /// The inner width of one expert.
        let feedForwardSize: Int
        /// The inner width of the expert that every token takes, where there is one.
        let sharedFeedForwardSize: Int?
        /// Whether the weights of the chosen experts are made to sum to 1.
        let normalizesWeights: Bool
    }

    /// The width of the query projection.
    var querySize: Int { headCount * headSize }
    /// The width of the key projection and of the value projection.
    var keyValueSize: Int { keyValueHeadCount * headSize }

    init(_ file: ConfigurationFile, _ family: CheckpointFamily) throws(ConversionError) {
        let defaults = family.defaults
        layerCount = try file.integer("num_hidden_layers", "n_layer", in: 1...4096)
        hiddenSize = try file.integer("hidden_size", "n_embd", in: 1...(1 << 20))
        headCount = try file.integer(
            "num_attention_heads", "n_head", in: 1...(1 << 16), default: defaults.headCount)
        keyValueHeadCount = try file.integer(
            "num_key_value_heads", in: 1...(1 << 16), default: defaults.keyValueHeadCount ?? headCount)
        guard headCount % keyValueHeadCount == 0 else {
            throw ConversionError(
                .fieldOutOfRange, path: file.path, field: "num_key_value_heads",
                found: "\(keyValueHeadCount)",
                allowed: "a divisor of \(headCount), the number of heads")
        }
        if let found = try file.integerIfPresent(["head_dim"], in: 1...(1 << 16)) ?? defaults.headSize {
            headSize = found
        } else {
            guard hiddenSize % headCount == 0 else {
                throw ConversionError(
                    .fieldOutOfRange, path: file.path, field: "num_attention_heads", found: "\(headCount)",
                    allowed: "a divisor of \(hiddenSize), the hidden size")
            }
            headSize = hiddenSize / headCount
        }
        let isFourfold = family.architecture == "gpt2"
        feedForwardSize = try file.integer(
            "intermediate_size", "n_inner", in: 1...(1 << 24), default: isFourfold ? 4 * hiddenSize : nil)
        contextLength = try file.integer(
            "max_position_embeddings", "n_positions", "n_ctx", in: 1...(1 << 30),
            default: defaults.contextLength)
        normEpsilon = try file.number(
            "rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon", default: defaults.normEpsilon)
        vocabularySize = try file.integer(
            "vocab_size", in: 1...Int(Int32.max), default: family.architecture == "gemma3" ? 262_208 : nil)
        isTied = try file.boolean("tie_word_embeddings", default: family.isTied)
        rotaryDimensionCount = try Self.rotaryDimensionCount(file, family, headSize: headSize)
        experts = try Self.experts(file, family)
    }

    private static func rotaryDimensionCount(
        _ file: ConfigurationFile, _ family: CheckpointFamily, headSize: Int
    ) throws(ConversionError) -> Int {
        let key = "partial_rotary_factor"
        let holder = try RotaryFields(file, family).holder(of: key)
        let part = try holder.number(key, default: family.defaults.partialRotaryFactor)
        guard part <= 1 else { throw holder.unsupported(key, allowed: "at most 1") }
        let isPhi = family.architecture.hasPrefix("phi")
        guard isPhi || part == 1 else { throw holder.unsupported(key, allowed: "1") }
        let count = Int(part * Double(headSize))
        guard !family.hasRotaryPositions || (count > 0 && count % 2 == 0) else {
            throw ConversionError(
                .fieldOutOfRange, path: file.path, field: "head_dim",
                found: "\(count) values of a head that turn",
                allowed: "an even number")
        }
        return count
    }

    private static func experts(
        _ file: ConfigurationFile, _ family: CheckpointFamily
    ) throws(ConversionError) -> Experts? {
        guard family.expertCountKeys != nil else { return nil }
        let count = try file.integer("num_local_experts", "num_experts", in: 1...4096)
        let usedCount = try file.integer("num_experts_per_tok", in: 1...count)
        switch family.feedForward {
        case .qwenExperts(let hasSharedExpert):
            return Experts(
                count: count, usedCount: usedCount,
                feedForwardSize: try file.integer("moe_intermediate_size", in: 1...(1 << 24)),
                sharedFeedForwardSize: hasSharedExpert
                    ? try file.integer("shared_expert_intermediate_size", in: 1...(1 << 24)) : nil,
                normalizesWeights: try file.boolean("norm_topk_prob", default: false))
        default:
            return Experts(
                count: count, usedCount: usedCount,
                feedForwardSize: try file.integer("intermediate_size", in: 1...(1 << 24)),
                sharedFeedForwardSize: nil, normalizesWeights: true)
        }
    }
}
