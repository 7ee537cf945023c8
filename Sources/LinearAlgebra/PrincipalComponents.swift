/// The directions along which the rows of a matrix spread most, about the origin or about their mean.
///
/// Goals, in order:
/// 1. **True.** Float64 from the first addition; the numbers of numpy's SVD. What cannot be answered (NaN, no
///    spread, more components than there are) is a typed error, and LAPACK's INFO is always looked at.
/// 2. **Reproducible.** The same bits on every run and for every thread setting of OpenBLAS on one kind of
///    processor; the sign follows a rule (below), never chance.
/// 3. **Fast.** The eigenproblem has the order of the shorter side of the matrix.
///
/// With X the rows minus the centre and X = U·Σ·Vᵀ its thin singular value decomposition, the principal
/// components are the columns of V and σₖ² is the squared sum of the rows along vₖ.
///
/// *More rows than columns*: XᵀX = V·Σ²·Vᵀ, so the eigenvectors of that columns × columns
/// matrix are the answer.
///
/// *Fewer rows than columns*: X·Xᵀ = U·Σ²·Uᵀ is only rows × rows, with the same eigenvalues. From its
/// eigenvectors uₖ, Xᵀ·uₖ = V·Σ·Uᵀ·uₖ = σₖ·vₖ, hence vₖ = Xᵀ·uₖ / σₖ.
///
/// *Error*. Squaring costs nothing for leading components: an eigenvalue is off by at most p·ε·σ₁², so σₖ²
/// has the relative error p·ε·(σ₁/σₖ)², and vₖ the angle p·ε·σ₁² / gap, with the gap to the nearest other σ².
/// On the Gram side an error δ of uₖ becomes Xᵀδ / σₖ ≤ (σ₁/σₖ)·‖δ‖. With float32 data (ε₃₂ = 6·10⁻⁸) the
/// data's own rounding is the larger error as long as σₖ > 10⁻⁴·σ₁. Rejected for that reason: the SVD of X
/// itself (`dgesdd`), which resolves small σ better and takes several times as long.
///
/// *Rank*. σₖ² ≤ max(rows, columns)·ε·σ₁² cannot be told from zero and does not count.
///
/// *Range*. Squares of float32 numbers lie in 10⁻⁹⁰…10⁷⁷: no scaling is needed in float64.
///
/// Pearson 1901; Sirovich 1987 for the Gram form ("snapshots").
public struct PrincipalComponents: Sendable, Equatable {
    /// The point from which spread is measured.
    public enum Center: String, Sendable, Codable, CaseIterable {
        /// Zero: the common part of all rows counts as spread. For pair differences this keeps the mean
        /// difference, which is the signal.
        case origin
        /// The mean of the rows, which is taken away first: the textbook PCA, as scikit-learn's.
        case mean
    }

    /// The point from which spread was measured.
    public let center: Center
    /// Unit rows, orthogonal to each other, by falling spread. In each the coefficient of largest
    /// magnitude is positive (the first of equals): a rule for reproducibility only; what a direction
    /// means decides its sign elsewhere.
    public let directions: [[Double]]  // [count, columns]
    /// σₖ²: the squared sum of the rows, less the centre, along each direction.
    public let squaredSums: [Double]  // [count]
    /// σ² of the component after those that were asked for; 0 where the rows span no further one.
    public let nextSquaredSum: Double
    /// The squared sum of all elements, less the centre: Σσ² over all components, also those not asked for.
    public let totalSquaredSum: Double

    /// The share of the total squared sum about the centre that lies along each direction, 0…1.
    public var explainedVarianceRatios: [Double] {  // [count]
        squaredSums.map { min(1, $0 / totalSquaredSum) }
    }

    /// How many times the spread along the first component is that along the second: σ₁² /
    /// σ₂²; nil without a second.
    public var gap: Double? {
        let second = squaredSums.count > 1 ? squaredSums[1] : nextSquaredSum
        return second > 0 ? squaredSums[0] / second : nil
    }

    /// Finds the `count` leading components of a matrix.
    ///
    /// - Throws: `tooFewRows`, `invalidComponentCount`, `notFinite`, `rankZero`, `moreComponentsThanRank`,
    ///   `tooLarge`, `lapack`.
    public init(of matrix: Matrix, count: Int = 1, about center: Center) throws(LinearAlgebraError) {
        let mean = center == .mean ? matrix.meanOfRows : nil
        try self.init(of: RowSource(matrix, less: mean), count: count, center: center) {
            () throws(LinearAlgebraError) in
            if let (row, column) = matrix.firstNotFinite {
                throw .notFinite(row: row, column: column, value: matrix[row, column])
            }
        }
    }

    /// Finds the `count` leading components of rows, about the origin. Where there are more rows than
    /// columns, memory does not grow with them.
    ///
    /// - Throws: As for a matrix.
    public init(of rows: RowSource, count: Int = 1) throws(LinearAlgebraError) {
        try self.init(of: rows, count: count, center: .origin) { () throws(LinearAlgebraError) in
            for row in 0..<rows.rows {
                let elements = rows.elements(row..<row + 1)
                if let column = elements.firstIndex(where: { !$0.isFinite }) {
                    throw .notFinite(row: row, column: column, value: Float(elements[column]))
                }
            }
        }
    }

    /// - Parameters:
    ///   - source: The rows, less the centre.
    ///   - findNotFinite: Throws `notFinite` for the first number that is none.
    private init(
        of source: RowSource, count: Int, center: Center,
        findNotFinite: () throws(LinearAlgebraError) -> Void
    ) throws(LinearAlgebraError) {
        guard source.rows >= 2 else { throw .tooFewRows(found: source.rows) }
        guard count >= 1 else { throw .invalidComponentCount(count) }
        guard Int32(exactly: source.rows) != nil, Int32(exactly: source.columns) != nil else {
            throw .tooLarge(rows: source.rows, columns: source.columns)
        }
        let (total, values, vectors) = try SingleThreadedBLAS.perform { () throws(LinearAlgebraError) in
            var rows = ProductsOfRows(source)
            let total = rows.squaredSum
            // No square of a finite float32 number overflows, so a finite sum says that all are finite.
            if !total.isFinite { try findNotFinite() }
            guard total > 0 else { throw .rankZero(center: center) }
            let problem = try SymmetricEigenproblem(
                ofLowerTriangle: &rows.products, order: rows.order, count: min(count, rows.order - 1) + 1)
            let threshold =
                Double(max(source.rows, source.columns)) * .ulpOfOne * (problem.values.first ?? 0)
            let rank = problem.values.prefix { $0 > threshold }.count
            guard count <= rank else { throw .moreComponentsThanRank(asked: count, rank: rank) }
            let values = problem.values.map { $0 > threshold ? $0 : 0 }
            return (total, values, problem.vectors[..<count].map(rows.direction(fromEigenvector:)))
        }
        self.center = center
        self.directions = vectors.map(Self.withLargestCoefficientPositive)
        self.squaredSums = Array(values[..<count])
        self.nextSquaredSum = values.count > count ? values[count] : 0
        self.totalSquaredSum = total
    }

    static func withLargestCoefficientPositive(_ vector: [Double]) -> [Double] {
        var largest = 0.0
        for coefficient in vector where abs(coefficient) > abs(largest) { largest = coefficient }
        return largest < 0 ? vector.map(-) : vector
    }
}
