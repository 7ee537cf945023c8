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
    /// The inner width of the MLP.
    public let feedForwardSize: Int
    /// How many tokens the vocabulary has.
    public let vocabularySize: Int
    /// The longest text, in tokens, that the model was trained for.
    public let contextLength: Int
    /// Added to the mean square before the root in every norm.
    public let normEpsilon: Float
    /// How many values of a head the rotary embedding turns.
    public let rotaryDimensionCount: Int
    /// The base of the rotary embedding's frequencies.
    public let rotaryBase: Double
    /// What linear scaling multiplies the rotary frequencies by.
    public let rotaryScale: Double
    /// The base of the rotary embedding in blocks that see only a sliding window.
    public let localRotaryBase: Double
    /// How many tokens a block with a sliding window sees, the row itself included; nil where all blocks see everything.
    public let slidingWindow: Int?
    /// What the product of a query and a key is multiplied by.
    let attentionScale: Float
    /// What distinguishes the family.
    let traits: Architecture

    /// The width of the query projection.
    var querySize: Int { headCount * headSize }
    /// The width of the key projection and of the value projection.
    var keyValueSize: Int { keyValueHeadCount * headSize }
}
