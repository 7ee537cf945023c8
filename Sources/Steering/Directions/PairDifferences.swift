public import LinearAlgebra

/// Hidden states of the positive side minus those of the negative side, one distinct pair a row.
public struct PairDifferences: Sendable {
    /// positive − negative: [pairs, hiddenSize]
    public let differences: Matrix

    /// How often each pair occurs; weight w counts as w equal rows. [pairs]
    public let weights: [Double]

    /// The hidden states of both sides; of their rows, `rows` are those of the pairs. They share the storage of what
    /// was given.
    let positive: Matrix
    let negative: Matrix
    let rows: [Int]  // [pairs]

    /// The weighted mean of the rows. [hiddenSize]
    public let mean: [Double]

    /// Subtracts the sides; pairs of weight 0 are left out.
    ///
    /// `weights` has one element a row, or is nil for 1 each.
    public init(positive: Matrix, negative: Matrix, weights: [Double]? = nil) {
        precondition(positive.rows == negative.rows && positive.columns == negative.columns)
        precondition(weights.map { $0.count == positive.rows } ?? true)
        let columns = positive.columns
        let kept = (0..<positive.rows).filter { (weights?[$0] ?? 1) > 0 }
        self.positive = positive
        self.negative = negative
        rows = kept
        differences = Matrix(rows: kept.count, columns: columns) { elements in
            positive.elements.withUnsafeBufferPointer { positive in
                negative.elements.withUnsafeBufferPointer { negative in
                    for (target, source) in kept.enumerated() {
                        for column in 0..<columns {
                            elements[target * columns + column] =
                                positive[source * columns + column] - negative[source * columns + column]
                        }
                    }
                }
            }
        }
        self.weights = kept.map { weights?[$0] ?? 1 }
        mean = Self.mean(differences, self.weights)
    }

    /// The number of distinct pairs.
    public var count: Int { differences.rows }

    /// The number of pairs, repetitions included.
    public var totalWeight: Double { weights.reduce(0, +) }

    /// The weighted sum of squared lengths: the total variance about the origin times the number of pairs.
    var totalSquare: Double {
        var total = 0.0
        forEachRow { row, weight in
            var square = 0.0
            for value in row { square += Double(value) * Double(value) }
            total += weight * square
        }
        return total
    }

    /// Each row's component along a unit vector. [pairs]
    public func projections(on unit: [Double]) -> [Double] {
        precondition(unit.count == differences.columns)
        var projections: [Double] = []
        projections.reserveCapacity(count)
        forEachRow { row, _ in
            var sum = 0.0
            for index in row.indices { sum += Double(row[index]) * unit[index] }
            projections.append(sum)
        }
        return projections
    }

    /// The share of pairs whose positive side projects higher; the weighted fraction with projection > 0.
    public func accuracy(along unit: [Double]) -> Double {
        var right = 0.0
        for (projection, weight) in zip(projections(on: unit), weights) where projection > 0 {
            right += weight
        }
        return right / totalWeight
    }

    /// Rows minus `center`, times √weight: their scatter matrix is that of the repeated rows. [pairs, hiddenSize]
    func weightedRows(about center: [Double]?) -> Matrix {
        let columns = differences.columns
        return Matrix(rows: count, columns: columns) { elements in
            var row = 0
            forEachRow { source, weight in
                let factor = weight.squareRoot()
                for column in 0..<columns {
                    let value = Double(source[column]) - (center?[column] ?? 0)
                    elements[row * columns + column] = Float(value * factor)
                }
                row += 1
            }
        }
    }

    private static func mean(_ differences: Matrix, _ weights: [Double]) -> [Double] {
        var sum = [Double](repeating: 0, count: differences.columns)
        forEachRow(differences, weights) { row, weight in
            for column in sum.indices { sum[column] += weight * Double(row[column]) }
        }
        let total = weights.reduce(0, +)
        return total > 0 ? sum.map { $0 / total } : sum
    }

    private func forEachRow(_ body: (_ row: UnsafeBufferPointer<Float>, _ weight: Double) -> Void) {
        Self.forEachRow(differences, weights, body)
    }

    private static func forEachRow(
        _ differences: Matrix, _ weights: [Double],
        _ body: (_ row: UnsafeBufferPointer<Float>, _ weight: Double) -> Void
    ) {
        differences.elements.withUnsafeBufferPointer { elements in
            for (row, weight) in weights.enumerated() {
                let start = row * differences.columns
                body(
                    UnsafeBufferPointer(rebasing: elements[start..<start + differences.columns]), weight)
            }
        }
    }
}
