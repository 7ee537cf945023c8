public import Terms

/// What became of one row's hidden state at one steered block, beside what was meant: the proof that steering
/// reached the model.
public struct LayerChange: Sendable, Equatable {
    /// The block whose output was to change.
    public let layer: LayerIndex
    /// ‖meant − before‖, the length of the change that was to be made.
    public let meant: Double
    /// ‖after − meant‖. As large as `meant` where nothing has moved.
    public let error: Double
    /// What an error may be where nothing need be changed, as by a clamp within its bounds or additions that
    /// cancel; nil where something must, as by one addition.
    public let tolerance: Double?

    /// Whether the hidden state has moved as it was meant, up to rounding.
    ///
    /// A change far below what float32 can add to the hidden state is absorbed, wholly or in part; half of it
    /// must arrive. Hidden states that are no longer numbers prove nothing either way: what is sampled from
    /// them is an error of its own.
    public var isSteered: Bool {
        !error.isFinite || (meant > 0 && error <= meant / 2) || (tolerance.map { error <= $0 } ?? false)
    }
}

/// Compares, for a few rows of a batch, the residual stream before and after the place
/// where a block is steered.
///
/// It does not trust the hooks that it checks: what was meant comes from the batch and from the operations'
/// definitions (`Operation.meant`), and what has changed is read from the residual stream itself, before the
/// hooks are called and as the next block will read it.
final class ChangeProbe {
    /// For each proved row what is to be done at each block, in its order.
    private let operations: [[Int: [Intervention.Operation]]]
    /// The rows before the hooks. [proved rows, hiddenSize]
    private let before: FloatBuffer
    private let hiddenSize: Int
    private var found: [[Int: LayerChange]]

    /// Nil where no proved row has an intervention at the output of a block.
    init?(_ batch: Batch, hiddenSize: Int) throws(TransformerError) {
        guard !batch.provedRows.isEmpty else { return nil }
        operations = batch.provedRows.map { Self.operations(of: $0, in: batch) }
        found = operations.map { _ in [:] }
        self.hiddenSize = hiddenSize
        before = try FloatBuffer(count: batch.provedRows.count, hiddenSize)
        if operations.allSatisfy(\.isEmpty) { return nil }
    }

    private static func operations(of row: Int, in batch: Batch) -> [Int: [Intervention.Operation]] {
        guard batch.rows.indices.contains(row), let plan = batch.rows[row].plan,
            batch.plans.indices.contains(plan)
        else { return [:] }
        var operations: [Int: [Intervention.Operation]] = [:]
        for intervention in batch.plans[plan] {
            guard case .residualPost(let layer) = intervention.hook else { continue }
            operations[layer.rawValue, default: []].append(intervention.operation)
        }
        return operations
    }

    /// Whether any proved row is steered at a block.
    func isSteered(_ layer: Int) -> Bool { operations.contains { $0[layer] != nil } }

    /// Keeps some columns of a row as they are before steering; workers keep theirs at the
    /// same time. `row`: [hiddenSize]
    func keep(_ row: UnsafePointer<Float>, of index: Int, columns: Range<Int>) {
        (before.pointer + index * hiddenSize + columns.lowerBound)
            .update(from: row + columns.lowerBound, count: columns.count)
    }

    /// Compares it with what it has become. `row`: [hiddenSize]
    func compare(_ row: UnsafePointer<Float>, of index: Int, layer: Int) {
        guard let operations = operations[index][layer] else { return }
        if let vectors = Self.additions(operations) {
            compare(row, of: index, layer: layer, adding: vectors)
            return
        }
        let before = (0..<hiddenSize).map { Double(self.before.pointer[index * hiddenSize + $0]) }
        let meant = operations.reduce(before) { $1.meant($0) }
        let after = (0..<hiddenSize).map { Double(row[$0]) }
        found[index][layer] = LayerChange(
            layer: LayerIndex(layer), meant: Self.distance(meant, before),
            error: Self.distance(after, meant),
            tolerance: Self.resolution * Self.distance(before, before.map { _ in 0 }))
    }

    /// The same for additions alone, which are nearly all there is, without arrays on the way.
    private func compare(
        _ row: UnsafePointer<Float>, of index: Int, layer: Int, adding vectors: [[Float]]
    ) {
        let before = before.pointer + index * hiddenSize
        var (meant, missed, length) = (0.0, 0.0, 0.0)
        for place in 0..<hiddenSize {
            length += Double(before[place]) * Double(before[place])
            var change = 0.0
            for vector in vectors { change += Double(vector[place]) }
            let gap = Double(row[place]) - Double(before[place]) - change
            meant += change * change
            missed += gap * gap
        }
        found[index][layer] = LayerChange(
            layer: LayerIndex(layer), meant: meant.squareRoot(), error: missed.squareRoot(),
            tolerance: vectors.count > 1 ? Self.resolution * length.squareRoot() : nil)
    }

    /// The vectors of operations that are all additions; nil where one is not.
    private static func additions(_ operations: [Intervention.Operation]) -> [[Float]]? {
        var vectors: [[Float]] = []
        for operation in operations {
            guard case .add(let vector) = operation else { return nil }
            vectors.append(vector)
        }
        return vectors
    }

    /// What rounding may do to a hidden state, as a share of its length.
    private static let resolution = 1e-5

    private static func distance(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }

    /// What was found of each proved row, layers ascending; a block that was never reached has not moved.
    var changes: [[LayerChange]] {
        zip(operations, found).map { operations, found in
            operations.keys.sorted().map { layer in
                found[layer] ?? LayerChange(layer: LayerIndex(layer), meant: 0, error: 0, tolerance: nil)
            }
        }
    }
}
