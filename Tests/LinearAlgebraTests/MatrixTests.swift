import Testing

@testable import LinearAlgebra

@Suite struct MatrixTests {
    @Test func elementsAreRowMajor() throws {
        let matrix = try Matrix(rows: [[1, 2, 3], [4, 5, 6]])
        #expect(matrix.rows == 2 && matrix.columns == 3)
        #expect(matrix.elements == [1, 2, 3, 4, 5, 6])
        #expect(matrix[1, 0] == 4)
        #expect(Array(matrix[row: 1]) == [4, 5, 6])
        #expect(try Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6]) == matrix)
    }

    @Test func aMatrixCanBeFilledInPlace() {
        let matrix = Matrix(rows: 2, columns: 2) { buffer in
            for index in 0..<4 { buffer[index] = Float(index) }
        }
        #expect(matrix.elements == [0, 1, 2, 3])
    }

    @Test func raggedRowsAreRefusedByNumber() {
        #expect(throws: LinearAlgebraError.raggedRows(row: 2, expected: 2, found: 1)) {
            try Matrix(rows: [[1, 2], [3, 4], [5]])
        }
    }

    @Test(arguments: [(2, 3, 5), (-1, -6, 6), (Int.max, 2, 0)])
    func anElementCountThatIsNotRowsTimesColumnsIsRefused(rows: Int, columns: Int, count: Int) {
        #expect(throws: LinearAlgebraError.wrongElementCount(rows: rows, columns: columns, found: count)) {
            try Matrix(rows: rows, columns: columns, elements: [Float](repeating: 0, count: count))
        }
    }

    @Test func theMeanOfRowsIsTakenInFloat64() throws {
        // In float32 1e8 + 1 is 1e8; in float64 the ones are kept.
        let matrix = try Matrix(rows: [[1e8, 1], [1, 2], [1, 3], [-1e8, 2]])
        #expect(matrix.meanOfRows == [0.5, 2])
    }

    @Test(arguments: [2, 3, 7, 1000, 4747])
    func theMeanOfEqualRowsIsExactlyThatRow(count: Int) throws {
        let row: [Float] = [0.1, -3.3333333, 1e-20, 7e20]
        let matrix = try Matrix(rows: Array(repeating: row, count: count))
        #expect(matrix.meanOfRows == row.map { Double($0) })
    }

    @Test func projectionsAreInnerProductsWithEachRow() throws {
        let matrix = try Matrix(rows: [[1, 2], [3, -4]])
        #expect(matrix.projections(on: [0.5, 0.25]) == [1, 0.5])
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 9999])
    func theFirstNumberThatIsNotFiniteIsFound(place: Int) throws {
        for bad in [Float.nan, .infinity, -.infinity] {
            var elements = [Float](repeating: .greatestFiniteMagnitude, count: 10000)
            #expect(try Matrix(rows: 100, columns: 100, elements: elements).firstNotFinite == nil)
            elements[place] = bad
            elements[9999] = .nan
            let found = try #require(
                try Matrix(rows: 100, columns: 100, elements: elements).firstNotFinite)
            #expect(found == (place / 100, place % 100))
        }
    }
}
