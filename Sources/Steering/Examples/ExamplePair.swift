public import Terms

/// Two prompts that differ only in the trait. The readout of each is its last token.
public struct ExamplePair: Sendable, Hashable {
    /// The prompt that has the trait.
    public var positive: [TokenID]

    /// The prompt that lacks it.
    public var negative: [TokenID]

    /// What it was made from: the index of its suffix (of its persona where there is only one suffix), or of its
    /// ready-made pair. Pairs of one source are kept
    /// on one side of the split into train and held-out.
    public var source: Int

    /// Keeps the parts.
    public init(positive: [TokenID], negative: [TokenID], source: Int) {
        self.positive = positive
        self.negative = negative
        self.source = source
    }
}
