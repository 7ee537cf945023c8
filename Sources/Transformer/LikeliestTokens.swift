public import Terms

/// The tokens whose logits are wanted, where not all are.
public struct LikeliestTokens: Sendable, Equatable {
    /// So many of the likeliest, and those that equal the last of them.
    public var count: Int
    /// These, wherever they are. They are none of the `count`.
    public var besides: Set<TokenID>

    /// The `count` likeliest of all tokens but some, and these.
    public init(count: Int, besides: Set<TokenID> = []) {
        self.count = count
        self.besides = besides
    }

    /// What is among either's, or among what either would have without the tokens that the other names.
    public func union(_ other: LikeliestTokens) -> LikeliestTokens {
        LikeliestTokens(count: max(count, other.count), besides: besides.union(other.besides))
    }
}
