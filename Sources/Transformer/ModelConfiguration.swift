/// A model's hyperparameters.
public struct ModelConfiguration: Sendable, Equatable {
    /// The family, as `general.architecture` has it.
    public let architecture: String
    /// The model's own name, where the file has one.
    public let name: String?
    /// How many transformer blocks there are.
    public let layerCount: Int
    /// The width of the residual stream.
    public let hiddenSize: Int
    /// How many query heads a block has.
    public let headCount: Int
    /// How many key and value heads a block has; each serves headCount / keyValueHeadCount query heads.
    public let keyValueHeadCount: Int
    /// The width of one head.
    public let headSize: Int
    /// The inner width of the MLP; with experts that of the expert which all tokens
    /// share, 0 where there is none.
    public let feedForwardSize: Int
    /// The experts of the MLP; nil where it is one.
    public let experts: ExpertConfiguration?
    /// How many tokens the vocabulary has.
    public let vocabularySize: Int
    /// The longest text, in tokens, that the model was trained for.
    public let contextLength: Int
    /// Added to the mean square before the root in every norm.
    public let normEpsilon: Float
    /// How positions enter the attention.
    public let positions: Positions
    /// How many tokens a block with a sliding window sees, the row itself included; nil where
    /// all blocks see everything.
    public let slidingWindow: Int?
    /// Whether a block sees only the sliding window. [layerCount]
    let isLocal: [Bool]
    /// What the product of a query and a key is multiplied by.
    let attentionScale: Float
    /// c in c · tanh(x / c), through which the scores of attention go.
    let attentionSoftCap: Float?
    /// The same for the logits.
    let logitSoftCap: Float?
    /// What distinguishes the family.
    let traits: Architecture

    /// How positions enter the attention.
    public enum Positions: Sendable, Equatable {
        /// Queries and keys are turned; blocks with a sliding window may turn theirs in another way.
        case rotary(RotarySettings, local: RotarySettings)
        /// A learned vector for each of this many positions is added to the embedding.
        case learned(count: Int)

        /// How many tokens a text can have at all; nil where nothing but the training bounds it.
        public var count: Int? {
            if case .learned(let count) = self { count } else { nil }
        }

        /// Whether texts of up to `textLength` tokens are turned by the factors for long ones, where a
        /// model has two sets (Phi-3).
        public func takesLongFactors(textLength: Int) -> Bool {
            guard case .rotary(let settings, _) = self, case .long(let original, _) = settings.scaling else {
                return false
            }
            return textLength > original
        }
    }

    /// A mixture of experts.
    public struct ExpertConfiguration: Sendable, Equatable {
        /// How many there are.
        public let count: Int
        /// How many of them a token meets.
        public let usedCount: Int
        /// The inner width of each.
        public let feedForwardSize: Int
        /// Whether the weights of those that are used are made to sum to 1.
        public let normalizesWeights: Bool
    }

    /// The width of the query projection.
    var querySize: Int { headCount * headSize }
    /// The width of the key projection and of the value projection.
    var keyValueSize: Int { keyValueHeadCount * headSize }

    /// How many cells a block's rows see; nil for all.
    func window(layer: Int) -> Int? {
        isLocal[layer] ? slidingWindow : nil
    }
}
