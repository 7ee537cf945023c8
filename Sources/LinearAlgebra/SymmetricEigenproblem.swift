import CLAPACKE

/// The largest eigenvalues of a symmetric float64 matrix and their eigenvectors, by LAPACK.
///
/// Where a small Krylov subspace holds them (`LanczosIteration`), they are found there. Else the matrix is
/// reduced to tridiagonal form, 4/3·n³ operations; then only the eigenpairs that were asked for are found, by
/// bisection and inverse iteration. Each computed eigenvalue is off by at most p(n)·ε·λ₁, with a modest
/// polynomial p and ε = 2⁻⁵²; each eigenvector by an angle of at most that divided by the gap to the nearest
/// other eigenvalue (Davis and Kahan 1970).
///
/// Dead end: `LAPACKE_dsyevr` (without `_work`) scans for NaN and, row-major, transposes into temporaries.
/// A symmetric matrix is its own transpose, so the row-major lower triangle is handed over as the
/// column-major upper one, and NaN never gets here.
struct SymmetricEigenproblem {
    /// Descending.
    let values: [Double]  // [count]
    /// Unit vectors in the order of `values`; the sign is LAPACK's.
    let vectors: [[Double]]  // [count, order]

    /// - Parameters:
    ///   - matrix: Row-major `[order, order]`, of which the lower triangle is read; it is destroyed.
    ///   - count: How many eigenpairs, at most `order`.
    init(ofLowerTriangle matrix: inout [Double], order: Int, count: Int) throws(LinearAlgebraError) {
        guard let n = Int32(exactly: order), order <= Int(Int32.max) / 70 else {
            throw .tooLarge(rows: order, columns: order)
        }
        if let leading = LanczosIteration(ofLowerTriangle: matrix, order: order, count: count) {
            values = leading.values
            vectors = leading.vectors
            return
        }
        let first = n - Int32(count) + 1  // LAPACK counts eigenvalues from 1, ascending
        var found: Int32 = 0
        var values = [Double](repeating: 0, count: order)
        var vectors = [Double](repeating: 0, count: order * count)  // [count, order], ascending
        var support = [Int32](repeating: 0, count: 2 * count)
        // At least 26·n is needed; the blocked reduction wants (blockSize + 6)·n, with blocks of at most 64.
        var work = [Double](repeating: 0, count: 70 * order)
        var integerWork = [Int32](repeating: 0, count: 10 * order)
        let info = LAPACKE_dsyevr_work(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")), CChar(UInt8(ascii: "U")),
            n, &matrix, n, 0, 0, first, n, 0, &found, &values, &vectors, n, &support,
            &work, Int32(work.count), &integerWork, Int32(integerWork.count))
        guard info == 0, Int(found) == count else {
            throw .lapack(routine: "dsyevr", info: Int(info))
        }
        self.values = values[..<count].reversed()
        self.vectors = (0..<count).reversed().map { Array(vectors[($0 * order)..<(($0 + 1) * order)]) }
    }
}
