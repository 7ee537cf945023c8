/// A dense matrix of float32 numbers, stored row after row.
///
/// Elements are float32 because hidden states are; every algorithm of this module converts to float64
/// before its first addition, so nothing is lost by keeping the input at half the memory.
public struct Matrix: Sendable, Equatable {
    /// The number of rows: examples, tokens.
    public let rows: Int
    /// The number of columns: for hidden states the model's hiddenSize.
    public let columns: Int
    /// The elements, row-major.
    public private(set) var elements: [Float]  // [rows, columns]

    /// Wraps elements that are already row-major.
    ///
    /// - Throws: `wrongElementCount` unless there are rows × columns of them.
    public init(rows: Int, columns: Int, elements: [Float]) throws(LinearAlgebraError) {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard rows >= 0, columns >= 0, !overflow, count == elements.count else {
            throw .wrongElementCount(rows: rows, columns: columns, found: elements.count)
        }
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// Copies rows of equal length; no rows make the empty matrix.
    ///
    /// - Throws: `raggedRows` at the first row whose length differs.
    public init(rows: [[Float]]) throws(LinearAlgebraError) {
        let columns = rows.first?.count ?? 0
        if let odd = rows.firstIndex(where: { $0.count != columns }) {
            throw .raggedRows(row: odd, expected: columns, found: rows[odd].count)
        }
        self.rows = rows.count
        self.columns = columns
        self.elements = Array(rows.joined())
    }

    /// Makes a matrix in place, without a copy: the closure must write every element of the row-major
    /// buffer `[rows, columns]`.
    public init(rows: Int, columns: Int, initializingWith body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        precondition(rows >= 0 && columns >= 0, "a matrix cannot have \(rows) × \(columns) elements")
        self.rows = rows
        self.columns = columns
        self.elements = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            let whole = UnsafeMutableBufferPointer(rebasing: buffer[..<(rows * columns)])
            whole.initialize(repeating: 0)
            body(whole)
            count = rows * columns
        }
    }

    /// The element at a row and a column, both counted from 0.
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
            return elements[row * columns + column]
        }
        set {
            precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
            elements[row * columns + column] = newValue
        }
    }

    /// One row, a slice of `elements`.
    public subscript(row row: Int) -> ArraySlice<Float> {  // [columns]
        elements[(row * columns)..<((row + 1) * columns)]
    }
}
