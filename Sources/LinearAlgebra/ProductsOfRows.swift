import COpenBLAS

/// The products of rows with each other that `PrincipalComponents` needs: X·Xᵀ where there are fewer
/// rows than columns, else XᵀX.
///
/// Wide rows are kept; tall ones pass by in blocks, so that what is kept does not grow with
/// them. Its products run on whatever threads OpenBLAS has: `PrincipalComponents` works with it
/// inside `SingleThreadedBLAS`.
struct ProductsOfRows {
    /// Row-major, of which the lower triangle is filled.  // [order, order]
    var products: [Double]
    /// The shorter side.
    let order: Int
    /// Σ of the squares of all elements.
    private(set) var squaredSum = 0.0

    private let columns: Int
    private let isWide: Bool
    /// The rows themselves, where they are wide.  // [rows, columns]
    private var elements: [Double] = []

    /// Rows of a tall matrix that are multiplied together.
    private static let block = 512

    init(_ source: RowSource) {
        columns = source.columns
        isWide = source.rows < source.columns
        order = min(source.rows, source.columns)
        products = [Double](repeating: 0, count: order * order)
        if isWide {
            elements = source.elements(0..<source.rows)
            squaredSum = dot(elements, elements)
            add(elements, count: source.rows)
        } else {
            source.forEachBlock(of: Self.block) { range, elements in
                squaredSum += dot(elements, elements)
                add(elements, count: range.count)
            }
        }
    }

    private mutating func add(_ rows: [Double], count: Int) {
        // OpenBLAS complains, on standard error, of a matrix without width.
        guard !rows.isEmpty else { return }
        cblas_dsyrk(
            CblasRowMajor, CblasLower, isWide ? CblasNoTrans : CblasTrans, Int32(order),
            Int32(isWide ? columns : count), 1, rows, Int32(columns), 1, &products, Int32(order))
    }

    /// The unit direction in column space that belongs to an eigenvector of `products`.
    ///
    /// A Gram eigenvector u gives Xᵀ·u = σ·v, which is divided by its own length and not by √λ, so that the
    /// result is a unit vector to the last bits whatever the error of λ.
    func direction(fromEigenvector vector: [Double]) -> [Double] {
        var direction = vector  // [columns]
        if isWide {
            direction = [Double](repeating: 0, count: columns)
            cblas_dgemv(
                CblasRowMajor, CblasTrans, Int32(order), Int32(columns), 1, elements, Int32(columns),
                vector, 1, 0, &direction, 1)
        }
        let length = norm(direction)
        return direction.map { $0 / length }
    }
}
