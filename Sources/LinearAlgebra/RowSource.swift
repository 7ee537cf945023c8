/// Rows that are asked for some at a time, so that they need not all be in memory at once.
public struct RowSource {
    /// The number of rows.
    public let rows: Int
    /// The length of each.
    public let columns: Int
    private let write: (Range<Int>, UnsafeMutableBufferPointer<Double>) -> Void

    /// Rows that a closure writes.
    ///
    /// - Parameter write: Writes the rows of a range to the place that it gets, row-major, every element:
    ///   [range, columns]. It may be asked for the same rows again.
    public init(
        rows: Int, columns: Int,
        writing write: @escaping (Range<Int>, UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        precondition(rows >= 0 && columns >= 0, "there cannot be \(rows) × \(columns) elements")
        self.rows = rows
        self.columns = columns
        self.write = write
    }

    /// The rows of a matrix, less a point.
    init(_ matrix: Matrix, less point: [Double]?) {
        self.init(rows: matrix.rows, columns: matrix.columns) { range, target in
            let first = range.lowerBound * matrix.columns
            matrix.elements.withUnsafeBufferPointer { source in
                guard let point else {
                    for index in target.indices { target[index] = Double(source[first + index]) }
                    return
                }
                for row in 0..<range.count {
                    for column in 0..<matrix.columns {
                        let index = row * matrix.columns + column
                        target[index] = Double(source[first + index]) - point[column]
                    }
                }
            }
        }
    }

    /// Some of the rows. [range, columns]
    func elements(_ range: Range<Int>) -> [Double] {
        let total = range.count * columns
        return [Double](unsafeUninitializedCapacity: total) { target, count in
            write(range, UnsafeMutableBufferPointer(rebasing: target[..<total]))
            count = total
        }
    }

    /// Calls `body` with all rows, some at a time. [at most `size`, columns]
    func forEachBlock(of size: Int, _ body: (_ rows: Range<Int>, _ elements: [Double]) -> Void) {
        for start in stride(from: 0, to: rows, by: size) {
            let range = start..<min(start + size, rows)
            body(range, elements(range))
        }
    }
}
