public import Terms

/// What became of one row's hidden state at one steered block, beside what was meant: the proof that steering
/// reached the model.
public struct LayerChange: Sendable, Equatable {
    /// The block whose output was to change.
    public let layer: LayerIndex
    /// ‖meant‖, the length of what was to be added.
    public let meant: Double
    /// ‖(after − before) − meant‖. As large as `meant` where nothing has moved.
    public let error: Double

    /// Whether the hidden state has moved as it was meant, up to rounding.
    ///
    /// A change far below what float32 can add to the hidden state is absorbed, wholly or in part; half of it must
    /// arrive. Hidden states that are no longer numbers prove nothing either way: what is sampled from them is
    /// an error of its own.
    public var isSteered: Bool { !error.isFinite || (meant > 0 && error <= meant / 2) }
}

/// Compares, for a few rows of a batch, the residual stream before and after the place where a block is steered.
///
/// It does not trust the hooks that it checks: what was meant comes from the batch, and what has changed is read from
/// the residual stream itself, before the hooks are called and as the next block will read it.
final class ChangeProbe {
    /// For each proved row what is to be added at each block. Each [hiddenSize]
    private let meant: [[Int: [Float]]]
    /// The rows before the hooks. [proved rows, hiddenSize]
    private let before: FloatBuffer
    private let hiddenSize: Int
    private var errors: [[Int: Double]]

    /// Nil where no proved row has an addition at the output of a block.
    init?(_ batch: Batch, hiddenSize: Int) throws(TransformerError) {
        guard !batch.provedRows.isEmpty else { return nil }
        meant = batch.provedRows.map { Self.meant(of: $0, in: batch, hiddenSize: hiddenSize) }
        errors = meant.map { _ in [:] }
        self.hiddenSize = hiddenSize
        before = try FloatBuffer(count: batch.provedRows.count, hiddenSize)
        if meant.allSatisfy(\.isEmpty) { return nil }
    }

    private static func meant(of row: Int, in batch: Batch, hiddenSize: Int) -> [Int: [Float]] {
        guard batch.rows.indices.contains(row), let plan = batch.rows[row].plan,
            batch.plans.indices.contains(plan)
        else { return [:] }
        var sums: [Int: [Float]] = [:]
        for intervention in batch.plans[plan] {
            guard case .residualPost(let layer) = intervention.hook,
                case .add(let vector) = intervention.operation,
                vector.count == hiddenSize
            else { continue }
            sums[layer.rawValue] = sums[layer.rawValue].map { zip($0, vector).map(+) } ?? vector
        }
        return sums
    }

    /// Whether any proved row is steered at a block.
    func isSteered(_ layer: Int) -> Bool { meant.contains { $0[layer] != nil } }

    /// Keeps some columns of a row as they are before steering; workers keep theirs at the same time. `row`: [hiddenSize]
    func keep(_ row: UnsafePointer<Float>, of index: Int, columns: Range<Int>) {
        (before.pointer + index * hiddenSize + columns.lowerBound)
            .update(from: row + columns.lowerBound, count: columns.count)
    }

    /// Compares it with what it has become. `row`: [hiddenSize]
    func compare(_ row: UnsafePointer<Float>, of index: Int, layer: Int) {
        guard let meant = meant[index][layer] else { return }
        let before = before.pointer + index * hiddenSize
        var sum = 0.0
        for place in 0..<hiddenSize {
            let missed = Double(row[place]) - Double(before[place]) - Double(meant[place])
            sum += missed * missed
        }
        errors[index][layer] = sum.squareRoot()
    }

    /// What was found of each proved row, layers ascending; a block that was never reached has not moved.
    var changes: [[LayerChange]] {
        zip(meant, errors).map { meant, errors in
            meant.sorted { $0.key < $1.key }.map { layer, vector in
                let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
                return LayerChange(layer: LayerIndex(layer), meant: length, error: errors[layer] ?? length)
            }
        }
    }
}
