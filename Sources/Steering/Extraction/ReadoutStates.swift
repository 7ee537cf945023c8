import Terms
import Transformer

/// The hidden states of prompts at their last tokens, or their means over the last tokens, layer by layer.
///
/// Prompts that share a beginning share its computation: each run of prompts is one trie, computed from an
/// empty cache. The passes write the states of last tokens where the directions read them.
struct ReadoutStates: Sendable {
    /// The hidden states at `residualPost` of each layer. Each [prompts, hiddenSize]
    private let store: StateStore

    /// The rows that went through the model.
    let computedTokens: Int

    /// The prompts whose states an earlier run had left.
    let resumedPrompts: Int

    /// The cache is kept to this many tokens, whatever the size of the dataset; a prompt
    /// that is longer has its own.
    private static let rowsPerRun = 4096

    /// Rows a forward pass; small enough for a progress bar to move on a large model, large enough that
    /// decoding the weights anew for each pass does not count.
    private static let rowsPerPass = 576

    /// Runs the prompts through the model with float32 activations. Means are summed in float64.
    ///
    /// - Parameters:
    ///   - spans: Of each prompt the tokens at its end that are averaged; nil for the last one alone.
    ///   - memoryBudget: Bytes of states that are kept in memory; more of them lie in a file.
    ///   - journal: Keeps what has been computed, and gives what an earlier run has left.
    /// - Throws: `promptTooLong`, `TransformerError`, or what `progress` throws.
    init(
        of prompts: SortedPrompts, spans: [Int]? = nil, model: TransformerModel,
        layers: ClosedRange<LayerIndex>, threads: Int,
        rowsPerRun: Int = Self.rowsPerRun, memoryBudget: Int = StateStore.standardBudget,
        journal: StatesJournal? = nil, progress: ProgressReport
    ) throws {
        let configuration = model.configuration
        if let longest = prompts.longest, longest.length > configuration.contextLength {
            throw SteeringError(
                .promptTooLong,
                "a prompt has \(longest.length) tokens; the model's context is \(configuration.contextLength)",
                remedy: "shorten the template, the personas or the suffixes")
        }
        let hooks = layers.map { HookPoint.residualPost($0) }
        let store = try StateStore(
            hooks: hooks, width: configuration.hiddenSize, capacity: prompts.prompts.count,
            memoryBudget: memoryBudget)
        try journal?.restore(into: store)
        resumedPrompts = store.count
        let runs = prompts.runs(ofAtMost: rowsPerRun, from: resumedPrompts)
        let total = runs.reduce(0) { $0 + $1.rowCount }
        let context = try InferenceContext(
            model, capacity: max(runs.map(\.rowCount).max() ?? 1, 1), threads: threads, precision: .exact,
            textLimit: prompts.longest?.length)
        var completed = 0
        try progress(0, total, Self.label)
        for run in runs {
            context.reset()
            var trie = BatchTrie()
            var lastRows: [Int] = []
            for prompt in prompts.prompts[run.prompts] {
                // A prompt sorts before its continuations, so last rows ascend with the prompts.
                lastRows.append(trie.insert(prompt) ?? 0)
            }
            var spanned = SpannedRows(
                trie.rows, lastRows: lastRows, spans: spans.map { Array($0[run.prompts]) })
            for row in spanned.rows { trie.capture(row) }
            try context.forward(
                trie.rows, captures: Set(hooks), lastLayer: layers.upperBound, inPassesOf: Self.rowsPerPass,
                appendingTo: spans == nil ? store : nil
            ) { output, done in
                for (place, layer) in layers.enumerated() {
                    guard let states = output.states[.residualPost(layer)] else { continue }
                    try spanned.add(states, of: layer) { mean in
                        try store.append(rows: 1, at: place) {
                            $0.update(fromContentsOf: mean) == $0.endIndex
                        }
                    }
                }
                spanned.advance(to: done)
                journal?.keep(store)
                for hook in hooks.indices { store.letGo(at: hook) }
                try progress(completed + done, total, Self.label)
            }
            completed += trie.rows.count
        }
        self.store = store
        computedTokens = completed
    }

    private static let label = "hidden states"

    /// The layers that were read, ascending.
    var layers: [LayerIndex] { store.hooks.compactMap(\.layer) }

    /// The states of some prompts at a layer; nil where it was not read. [prompts, hiddenSize]
    func rows(of prompts: [Int], at layer: LayerIndex) -> StateRows? {
        store.hooks.firstIndex(of: .residualPost(layer)).map { StateRows(store, at: $0, places: prompts) }
    }

    /// Says that a layer's states are not read for now.
    func letGo(of layer: LayerIndex) {
        if let hook = store.hooks.firstIndex(of: .residualPost(layer)) { store.letGo(at: hook) }
    }
}
