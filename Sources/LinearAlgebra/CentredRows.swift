import COpenBLAS

/// The rows of a matrix in float64, less the centre, and the two products that `PrincipalComponents` needs.
///
/// Its products run on whatever threads OpenBLAS has: `PrincipalComponents` calls them inside
/// `SingleThreadedBLAS`.
struct CentredRows {
    let rows: Int
    let columns: Int
    let elements: [Double]  // [rows, columns]

    init(_ matrix: Matrix, about center: PrincipalComponents.Center) {
        rows = matrix.rows
        columns = matrix.columns
        let width = matrix.columns
        let mean =
            switch center {
            case .origin: [Double](repeating: 0, count: width)
            case .mean: matrix.meanOfRows
            }
        elements = [Double](unsafeUninitializedCapacity: matrix.elements.count) { target, count in
            matrix.elements.withUnsafeBufferPointer { source in
                mean.withUnsafeBufferPointer { mean in
                    for row in 0..<matrix.rows {
                        for column in 0..<width {
                            let index = row * width + column
                            target.initializeElement(at: index, to: Double(source[index]) - mean[column])
                        }
                    }
                }
            }
            count = matrix.elements.count
        }
    }

    var isWide: Bool { rows < columns }

    /// Σ of the squares of all elements.
    var squaredSum: Double { dot(elements, elements) }

    /// X·Xᵀ when there are fewer rows than columns, else XᵀX; only the lower triangle is
    /// filled.  // [min(rows, columns)²]
    func productsOfShorterSide() -> [Double] {
        let order = min(rows, columns)
        var products = [Double](repeating: 0, count: order * order)
        cblas_dsyrk(
            CblasRowMajor, CblasLower, isWide ? CblasNoTrans : CblasTrans, Int32(order),
            Int32(max(rows, columns)), 1, elements, Int32(columns), 0, &products, Int32(order))
        return products
    }

    /// The unit direction in column space that belongs to an eigenvector of `productsOfShorterSide`.
    ///
    /// A Gram eigenvector u gives Xᵀ·u = σ·v, which is divided by its own length and not by √λ, so that the
    /// result is a unit vector to the last bits whatever the error of λ.
    func direction(fromEigenvector vector: [Double]) -> [Double] {
        var direction = vector  // [columns]
        if isWide {
            direction = [Double](repeating: 0, count: columns)
            cblas_dgemv(
                CblasRowMajor, CblasTrans, Int32(rows), Int32(columns), 1, elements, Int32(columns),
                vector, 1, 0, &direction, 1)
        }
        let length = norm(direction)
        return direction.map { $0 / length }
    }
}
