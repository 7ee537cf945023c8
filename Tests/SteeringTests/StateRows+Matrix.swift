import ControlVectors
import LinearAlgebra
import Terms
import Transformer

@testable import Steering

extension StateStore {
    /// A store whose hook point is that of layer 0, with the rows of a matrix.
    static func holding(_ matrix: Matrix) -> StateStore {
        do {
            let store = try StateStore(
                hooks: [.residualPost(0)], width: matrix.columns, capacity: matrix.rows)
            for row in 0..<matrix.rows {
                try store.append(rows: 1, at: 0) {
                    $0.update(fromContentsOf: matrix[row: row]) == $0.endIndex
                }
            }
            return store
        } catch {
            fatalError("a test's states do not fit: \(error)")
        }
    }
}

extension StateRows {
    /// All rows of a matrix.
    init(_ matrix: Matrix) {
        self.init(.holding(matrix), at: 0, places: Array(0..<matrix.rows))
    }
}

extension PairDifferences {
    init(positive: Matrix, negative: Matrix, weights: [Double]? = nil) {
        self.init(positive: StateRows(positive), negative: StateRows(negative), weights: weights)
    }

    /// positive − negative. [pairs][hiddenSize]
    var differences: [[Float]] {
        var differences: [[Float]] = []
        forEach { _, difference in differences.append(Array(difference)) }
        return differences
    }
}

extension LayerDirection {
    init(
        layer: LayerIndex, positive: Matrix, negative: Matrix, pairs: [ExampleSet.Pair],
        method: ExtractionMethod, scale: ScaleConvention
    ) throws {
        try self.init(
            layer: layer, positive: StateRows(positive), negative: StateRows(negative), pairs: pairs,
            method: method, scale: scale)
    }
}

extension ReadoutStates {
    /// The state of one prompt at a layer. [hiddenSize]
    func row(_ prompt: Int, at layer: LayerIndex) -> [Float]? {
        rows(of: [prompt], at: layer).map { rows in rows.withRow(0) { Array($0) } }
    }
}
