public import Terms

/// Rows of a batch in which tokens that share their whole past, and their plan, are one row.
///
/// A causal model gives the hidden state of every prefix of a text in one pass, so prompts that begin alike
/// need their beginning only once.
public struct BatchTrie: Sendable {
    /// The distinct rows, each after its parent.
    public private(set) var rows: [Batch.Row] = []
    private var places: [Key: Int] = [:]

    private struct Key: Hashable {
        let parent: Int
        let token: TokenID
        let plan: Int?
    }

    /// A trie without rows.
    public init() {}

    /// Makes sure that a text has its rows, and gives the row of its last token; nil for an empty text.
    public mutating func insert(_ tokens: some Collection<TokenID>, plan: Int? = nil) -> Int? {
        var parent = -1
        for token in tokens {
            let key = Key(parent: parent, token: token, plan: plan)
            if let known = places[key] {
                parent = known
                continue
            }
            places[key] = rows.count
            rows.append(Batch.Row(token, after: parent < 0 ? .root : .row(parent), plan: plan))
            parent = rows.count - 1
        }
        return parent < 0 ? nil : parent
    }

    /// Has the batch's captures read a row.
    public mutating func capture(_ row: Int) {
        rows[row].isCaptured = true
    }
}
