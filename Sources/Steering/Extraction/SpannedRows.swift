import Terms
import Transformer

/// The rows of a run's trie that prompts read, and the means over several of them.
///
/// A row may belong to the spans of many prompts: to all that share the beginning of an answer. Sums are kept
/// in float64 for the prompts whose span has begun and not ended, and given away in the order of the prompts.
struct SpannedRows {
    /// The rows to capture, ascending.
    let rows: [Int]
    /// Of each captured row the prompts that it counts for.  // [rows]
    private let readers: [[Int]]
    /// Of each prompt its last row and the number of its rows.
    private let lastRows: [Int]
    private let counts: [Int]
    private var sums: [LayerIndex: [Int: [Double]]] = [:]
    /// The first captured row that is still to come.
    private var next = 0

    init(_ trie: [Batch.Row], lastRows: [Int], spans: [Int]?) {
        var readers: [Int: [Int]] = [:]
        var counts: [Int] = []
        for (prompt, last) in lastRows.enumerated() {
            var row = last
            var count = 0
            while true {
                readers[row, default: []].append(prompt)
                count += 1
                guard count < (spans?[prompt] ?? 1), case .row(let parent) = trie[row].parent else { break }
                row = parent
            }
            counts.append(count)
        }
        rows = readers.keys.sorted()
        self.readers = rows.map { readers[$0] ?? [] }
        self.lastRows = lastRows
        self.counts = counts
    }

    /// Takes the captured states of one forward pass; prompts that are complete are given to `body`.
    mutating func add(
        _ states: HiddenStates, of layer: LayerIndex, _ body: (ArraySlice<Float>) throws -> Void
    ) rethrows {
        for index in 0..<states.rowCount {
            let values = states.row(index)
            for prompt in readers[next + index] {
                // A span of one needs no sum.
                if counts[prompt] == 1 {
                    try body(values)
                    continue
                }
                var sum =
                    sums[layer]?.removeValue(forKey: prompt) ?? [Double](repeating: 0, count: values.count)
                for (column, value) in zip(0..., values) { sum[column] += Double(value) }
                if rows[next + index] == lastRows[prompt] {
                    try body(ArraySlice(sum.map { Float($0 / Double(counts[prompt])) }))
                } else {
                    sums[layer, default: [:]][prompt] = sum
                }
            }
        }
    }

    /// After all layers of a pass: `done` rows of the trie are computed.
    mutating func advance(to done: Int) {
        while next < rows.count, rows[next] < done { next += 1 }
    }
}
