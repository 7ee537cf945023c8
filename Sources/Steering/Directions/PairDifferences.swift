import LinearAlgebra

/// Hidden states of the positive side minus those of the negative side, one distinct pair a row. They are
/// subtracted where they are needed: what is kept does not grow with the length of a row.
public struct PairDifferences: Sendable {
    /// How often each pair occurs; weight w counts as w equal rows. [pairs]
    public let weights: [Double]

    /// The hidden states of both sides.
    let positive: StateRows  // [pairs, hiddenSize]
    let negative: StateRows  // [pairs, hiddenSize]

    /// The number of each pair among those that were given. [pairs]
    let rows: [Int]

    /// The weighted mean of the differences. [hiddenSize]
    public let mean: [Double]

    /// The pairs of equal rows of two sides; those of weight 0 are left out.
    ///
    /// `weights` has one element a row, or is nil for 1 each.
    init(positive: StateRows, negative: StateRows, weights: [Double]? = nil) {
        precondition(positive.count == negative.count && positive.width == negative.width)
        precondition(weights.map { $0.count == positive.count } ?? true)
        let kept = (0..<positive.count).filter { (weights?[$0] ?? 1) > 0 }
        rows = kept
        self.positive = positive[kept]
        self.negative = negative[kept]
        let keptWeights = kept.map { weights?[$0] ?? 1 }
        self.weights = keptWeights
        var sum = [Double](repeating: 0, count: positive.width)
        var total = 0.0
        Self.forEach(self.positive, self.negative) { index, difference in
            total += keptWeights[index]
            Self.add(difference, times: keptWeights[index], to: &sum)
        }
        mean = total > 0 ? sum.map { $0 / total } : sum
    }

    /// The length of the mean. Summed element by element: `norm` adds in another order, and stored lengths
    /// would change in their last bits.
    var meanLength: Double { mean.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// The number of distinct pairs.
    public var count: Int { rows.count }

    /// The number in words: `1 distinct pair`.
    var counted: String { "\(count) distinct pair\(count == 1 ? "" : "s")" }

    /// The length of a difference.
    var hiddenSize: Int { positive.width }

    /// The number of pairs, repetitions included.
    public var totalWeight: Double { weights.reduce(0, +) }

    /// The weighted sum of squared lengths: the total variance about the origin times the number of pairs.
    var totalSquare: Double {
        var total = 0.0
        forEach { index, difference in total += weights[index] * dot(difference, difference) }
        return total
    }

    /// The same, where the states are numbers: what is measured with others means nothing.
    ///
    /// - Throws: `nonFiniteValue`.
    func finiteTotalSquare() throws(SteeringError) -> Double {
        // No square of a finite float32 number overflows, so a finite sum says that all are finite.
        let total = totalSquare
        guard total.isFinite else {
            throw SteeringError(
                .nonFiniteValue, "the hidden states are not all finite numbers",
                remedy: "check the model's file; a damaged tensor gives such states")
        }
        return total
    }

    /// Each difference's component along a unit vector. [pairs]
    public func projections(on unit: [Double]) -> [Double] {
        precondition(unit.count == hiddenSize)
        var projections: [Double] = []
        projections.reserveCapacity(count)
        forEach { _, difference in projections.append(dot(difference, unit)) }
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

    /// Differences minus `center`, times √weight: their scatter matrix is that of the
    /// repeated rows. [pairs, hiddenSize]
    func weightedRows(about center: [Double]?) -> RowSource {
        RowSource(rows: count, columns: hiddenSize) { range, target in
            forEach(range) { index, difference in
                let factor = weights[index].squareRoot()
                let first = (index - range.lowerBound) * hiddenSize
                guard let center else {
                    for column in 0..<hiddenSize {
                        target[first + column] = factor * Double(difference[column])
                    }
                    return
                }
                for column in 0..<hiddenSize {
                    target[first + column] = factor * (Double(difference[column]) - center[column])
                }
            }
        }
    }

    /// Adds a multiple of a difference to a sum. [hiddenSize]
    static func add(
        _ difference: UnsafeBufferPointer<Float>, times factor: Double, to sum: inout [Double]
    ) {
        sum.withUnsafeMutableBufferPointer { sum in
            for column in sum.indices { sum[column] += factor * Double(difference[column]) }
        }
    }

    /// Calls `body` with each pair's number and its difference. [hiddenSize]
    func forEach(_ range: Range<Int>? = nil, _ body: (Int, UnsafeBufferPointer<Float>) -> Void) {
        Self.forEach(positive, negative, range, body)
    }

    private static func forEach(
        _ positive: StateRows, _ negative: StateRows, _ range: Range<Int>? = nil,
        _ body: (Int, UnsafeBufferPointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: positive.width) { difference in
            for index in range ?? 0..<positive.count {
                positive.withRow(index) { left in
                    negative.withRow(index) { right in
                        for column in difference.indices {
                            difference.initializeElement(at: column, to: left[column] - right[column])
                        }
                    }
                }
                body(index, UnsafeBufferPointer(difference))
            }
        }
    }
}
