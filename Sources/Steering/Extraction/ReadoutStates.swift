import LinearAlgebra
import Terms
import Transformer

/// The hidden states of prompts at their last tokens, or their means over the last tokens, layer by layer.
///
/// Prompts that share a beginning share its computation: each run of prompts is one trie, computed from an empty cache.
struct ReadoutStates: Sendable {
    /// The hidden states at `residualPost`. Each [prompts, hiddenSize]
    let states: [LayerIndex: Matrix]

    /// The rows that went through the model.
    let computedTokens: Int

    /// The prompts whose states an earlier run had left.
    let resumedPrompts: Int

    /// The cache is kept to this many tokens, whatever the size of the dataset; a prompt that is longer has its own.
    private static let rowsPerRun = 4096

    /// Rows a forward pass; small enough for a progress bar to move on a large model, large enough that decoding the weights
    /// anew for each pass does not count.
    private static let rowsPerPass = 576

    /// Runs the prompts through the model with float32 activations. Means are summed in float64.
    ///
    /// - Parameters:
    ///   - spans: Of each prompt the tokens at its end that are averaged; nil for the last one alone.
    ///   - journal: Keeps what has been computed, and gives what an earlier run has left.
    /// - Throws: `promptTooLong`, `TransformerError`, or what `progress` throws.
    init(
        of prompts: SortedPrompts, spans: [Int]? = nil, model: TransformerModel,
        layers: ClosedRange<LayerIndex>, threads: Int,
        rowsPerRun: Int = Self.rowsPerRun, journal: StatesJournal? = nil, progress: ProgressReport
    ) throws {
        let configuration = model.configuration
        if let longest = prompts.longest, longest.length > configuration.contextLength {
            throw SteeringError(
                .promptTooLong,
                "a prompt has \(longest.length) tokens; the model's context is \(configuration.contextLength)",
                remedy: "shorten the template, the personas or the suffixes")
        }
        let size = configuration.hiddenSize
        var collected = [[Float]](repeating: [], count: layers.count)  // each [prompts, hiddenSize]
        for layer in collected.indices { collected[layer].reserveCapacity(prompts.prompts.count * size) }
        if let states = journal?.restore(
            layerCount: layers.count, hiddenSize: size, promptCount: prompts.prompts.count)
        {
            for layer in collected.indices { collected[layer] += states[layer] }
        }
        resumedPrompts = collected[0].count / size
        let runs = prompts.runs(ofAtMost: rowsPerRun, from: resumedPrompts)
        let total = runs.reduce(0) { $0 + $1.rowCount }
        let context = try InferenceContext(
            model, capacity: max(runs.map(\.rowCount).max() ?? 1, 1), threads: threads, precision: .exact)
        let hooks = Set(layers.map { HookPoint.residualPost($0) })
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
                trie.rows, captures: hooks, lastLayer: layers.upperBound, inPassesOf: Self.rowsPerPass
            ) { output, done in
                for (place, layer) in layers.enumerated() {
                    guard let states = output.states[.residualPost(layer)] else { continue }
                    spanned.add(states, of: layer) { collected[place] += $0 }
                }
                spanned.advance(to: done)
                journal?.keep(collected, promptCount: collected[0].count / size, hiddenSize: size)
                try progress(completed + done, total, Self.label)
            }
            completed += trie.rows.count
        }
        var states: [LayerIndex: Matrix] = [:]
        for (place, layer) in layers.enumerated() {
            states[layer] = try Matrix(
                rows: prompts.prompts.count, columns: size, elements: collected[place])
        }
        self.states = states
        computedTokens = completed
    }

    private static let label = "hidden states"

    /// The rows of some prompts, in the order of `places`. [places, hiddenSize]
    static func gather(_ places: [Int], from states: Matrix) -> Matrix {
        Matrix(rows: places.count, columns: states.columns) { target in
            states.elements.withUnsafeBufferPointer { source in
                for (row, place) in places.enumerated() {
                    for column in 0..<states.columns {
                        target[row * states.columns + column] = source[place * states.columns + column]
                    }
                }
            }
        }
    }
}
