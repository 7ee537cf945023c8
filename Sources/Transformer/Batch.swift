public import Terms

/// One place in the KV cache: the keys and values of one token that has been computed.
///
/// Cells form a tree. A row sees its parent, its parent's parent and so on to the root, and nothing else, so
/// a prompt is a chain, a fork of a conversation is two children of one cell, and a set of prompts that share
/// prefixes is a trie.
public struct Cell: Hashable, Sendable {
    let index: Int32

    init(_ index: Int) {
        self.index = Int32(index)
    }
}

/// The rows of one forward pass.
///
/// Prefill, decode, the branches of a sweep and the prompt trie of an extraction are four ways to fill this.
public struct Batch: Sendable {
    /// One token to compute.
    public struct Row: Sendable {
        /// The token whose embedding enters block 0.
        public var token: TokenID
        /// The row that comes directly before; its depth gives this row's position.
        public var parent: Parent
        /// Which of the batch's plans of interventions applies to this row; nil for none.
        public var plan: Int?
        /// Whether the logits of this row are computed.
        public var wantsLogits: Bool
        /// Whether the batch's captures read this row.
        public var isCaptured: Bool

        /// A token that follows `parent`.
        public init(
            _ token: TokenID, after parent: Parent, plan: Int? = nil, wantsLogits: Bool = false,
            isCaptured: Bool = false
        ) {
            self.token = token
            self.parent = parent
            self.plan = plan
            self.wantsLogits = wantsLogits
            self.isCaptured = isCaptured
        }
    }

    /// What comes directly before a row.
    public enum Parent: Hashable, Sendable {
        /// Nothing: the row is at position 0.
        case root
        /// A row of an earlier batch.
        case cell(Cell)
        /// An earlier row of this batch, by its index.
        case row(Int)
    }

    /// The rows; each comes after its parent.
    public var rows: [Row]
    /// Lists of interventions that rows refer to.
    public var plans: [[Intervention]]
    /// Where hidden states are read, for the rows with `isCaptured`.
    public var captures: Set<HookPoint>
    /// The last block that is computed, for all rows alike; nil for all blocks and the logits.
    ///
    /// Rows that follow need every block of the rows that they see, so this is the caller's promise about all
    /// batches of a text: extraction stops at the highest layer that it reads.
    public var lastLayer: LayerIndex?
    /// Rows, by their index, of which the output says whether their additions at the outputs of blocks have
    /// arrived (`BatchOutput.changes`). It costs a comparison of each of these rows at each steered block.
    public var provedRows: [Int]
    /// The tokens whose logits are wanted, where not all are: the others may be −∞, the wanted ones are the
    /// same bits as without. One row that wants logits then reads half or a third of some output matrices.
    public var likeliestOnly: LikeliestTokens?
    /// How many cells to keep free behind each new branch, so that its continuation stays
    /// contiguous in memory.
    public var reservedContinuation: Int

    /// A batch of rows.
    public init(
        rows: [Row] = [], plans: [[Intervention]] = [], captures: Set<HookPoint> = [],
        lastLayer: LayerIndex? = nil, provedRows: [Int] = [], likeliestOnly: LikeliestTokens? = nil,
        reservedContinuation: Int = 0
    ) {
        self.rows = rows
        self.plans = plans
        self.captures = captures
        self.lastLayer = lastLayer
        self.provedRows = provedRows
        self.likeliestOnly = likeliestOnly
        self.reservedContinuation = reservedContinuation
    }

    /// A chain of tokens: each row follows the one before, the first follows `parent`.
    public static func chain(
        _ tokens: some Collection<TokenID>, after parent: Parent = .root, interventions: [Intervention] = [],
        logits: LogitsWanted = .last, captures: Set<HookPoint> = []
    ) -> Batch {
        let plan = interventions.isEmpty ? nil : 0
        var rows: [Row] = []
        rows.reserveCapacity(tokens.count)
        for (index, token) in tokens.enumerated() {
            let isLast = index == tokens.count - 1
            rows.append(
                Row(
                    token, after: index == 0 ? parent : .row(index - 1), plan: plan,
                    wantsLogits: logits == .all || (logits == .last && isLast),
                    isCaptured: !captures.isEmpty))
        }
        return Batch(rows: rows, plans: interventions.isEmpty ? [] : [interventions], captures: captures)
    }

    /// Which rows of a chain have their logits computed.
    public enum LogitsWanted: Sendable {
        /// None: the output matrix is not read.
        case none
        /// The last row's, to choose the next token.
        case last
        /// Every row's, to measure a text.
        case all
    }
}
