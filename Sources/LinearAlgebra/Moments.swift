import COpenBLAS

/// The moments of rows that come one after the other: their weight, sum, products and the powers of their
/// lengths, in float64. What is kept does not grow with the number of rows.
///
/// Rows are taken relative to the first one (`shift`): hidden states have dimensions whose mean is a
/// thousand times their spread, and centring afterwards would lose six digits of the scatter and
/// twelve of its fourth powers.
///
/// Rows are gathered into blocks of 64 and multiplied by `dsyrk` on one thread: the same rows in the
/// same order give the same bits. Between one call and many of the same rows the last bits may
/// differ, as blocks end with calls.
public struct Moments: Sendable {
    /// The length of a row.
    public let columns: Int
    /// The sum of the weights.
    public private(set) var weight = 0.0

    /// The first row.  // [columns]
    private var shift: [Double] = []
    /// Σw·x.  // [columns]
    private var sum: [Double]
    /// Σw·x·xᵀ, the lower triangle.  // [columns, columns]
    private var products: [Double]
    /// Σw·‖x‖²·x, Σw·‖x‖² and Σw·‖x‖⁴.
    private var lengthSum: [Double]  // [columns]
    private var squares = 0.0
    private var fourthPowers = 0.0

    private static let block = 64

    /// No rows yet.
    public init(columns: Int) {
        self.columns = columns
        sum = [Double](repeating: 0, count: columns)
        lengthSum = sum
        products = [Double](repeating: 0, count: columns * columns)
    }

    /// Adds rows; one of weight w counts as w equal rows.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - weights: One for each, not negative.
    ///   - withRow: Gives the row of a number to what it gets. [columns]
    public mutating func add(
        count: Int, weights: [Double], withRow: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
    ) {
        precondition(weights.count == count)
        guard count > 0, columns > 0 else { return }
        if shift.isEmpty { withRow(0) { shift = $0.map(Double.init) } }
        SingleThreadedBLAS.perform {
            for start in stride(from: 0, to: count, by: Self.block) {
                addBlock(start..<min(start + Self.block, count), weights, withRow)
            }
        }
    }

    private mutating func addBlock(
        _ rows: Range<Int>, _ weights: [Double],
        _ withRow: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
    ) {
        var scaled = [Double](repeating: 0, count: rows.count * columns)  // [rows, columns], times √w
        for (place, row) in rows.enumerated() {
            var values = shift
            withRow(row) { source in
                precondition(source.count == columns)
                for column in 0..<columns { values[column] = Double(source[column]) - shift[column] }
            }
            let weight = weights[row]
            let square = dot(values, values)
            let root = weight.squareRoot()
            self.weight += weight
            squares += weight * square
            fourthPowers += weight * square * square
            for column in 0..<columns {
                scaled[place * columns + column] = root * values[column]
                sum[column] += weight * values[column]
                lengthSum[column] += weight * square * values[column]
            }
        }
        cblas_dsyrk(
            CblasRowMajor, CblasLower, CblasTrans, Int32(columns), Int32(rows.count), 1, scaled,
            Int32(columns), 1, &products, Int32(columns))
    }

    /// The mean of the rows; zero without rows.  // [columns]
    public var mean: [Double] {
        guard weight > 0 else { return sum }
        return zip(sum, shift).map { $0 / weight + $1 }
    }

    /// Σw·(x − mean)(x − mean)ᵀ, the lower triangle.  // [columns, columns]
    var centredProducts: [Double] {
        guard weight > 0 else { return products }
        var centred = products
        for row in 0..<columns {
            for column in 0...row {
                centred[row * columns + column] -= sum[row] * sum[column] / weight
            }
        }
        return centred
    }

    /// Σw·‖x − mean‖⁴.
    ///
    /// With a = ‖x‖², b = x·m and c = ‖m‖² of the shifted rows, ‖x − m‖⁴ = (a − 2b + c)² = a² +
    /// 4b² + c² − 4ab + 2ac − 4bc.
    var centredFourthPowers: Double {
        guard weight > 0 else { return 0 }
        let mean = sum.map { $0 / weight }
        let c = dot(mean, mean)
        var alongMean = 0.0  // Σw·b²
        for row in 0..<columns {
            for column in 0...row {
                let term = mean[row] * mean[column] * products[row * columns + column]
                alongMean += row == column ? term : 2 * term
            }
        }
        return fourthPowers + 4 * alongMean + weight * c * c - 4 * dot(mean, lengthSum) + 2 * c * squares
            - 4 * c * dot(mean, sum)
    }
}
