import CLAPACKE

/// The direction that separates two classes best against their common spread: Σ⁻¹(μ₊ − μ₋), Fisher's linear
/// discriminant, with the pooled covariance Σ shrunk towards a multiple of the identity.
///
/// Hidden states have about as many columns as an extraction has rows, so the sample covariance S is nearly
/// singular and its inverse is noise. Ledoit and Wolf (2004) give the shrinkage λ in Σ = (1 − λ)·S + λ·(tr
/// S / p)·I that minimises the expected squared error, from the data alone:
///
///     β = (Σ‖x‖⁴ / n − ‖S‖²) / (p·n),   δ = (‖S‖² − (tr S)² / p) / p,   λ = min(β, δ) / δ
///
/// with x centred by the mean of its class and n their total weight: the numbers of scikit-learn's
/// `ledoit_wolf` with `assume_centered`. Everything it needs is in `Moments`.
public struct DiscriminantDirection: Sendable, Equatable {
    /// Σ⁻¹(μ₊ − μ₋), not normalised.  // [columns]
    public let direction: [Double]
    /// λ, 0…1.
    public let shrinkage: Double

    /// Separates two classes.
    ///
    /// - Throws: `tooFewRows` with fewer than two rows in all, `rankZero` where no class has any
    ///   spread, `tooLarge`, `lapack`.
    public init(positive: Moments, negative: Moments) throws(LinearAlgebraError) {
        precondition(positive.columns == negative.columns)
        let columns = positive.columns
        let weight = positive.weight + negative.weight
        guard positive.weight > 0, negative.weight > 0 else { throw .tooFewRows(found: 1) }
        guard let order = Int32(exactly: columns), columns <= 40_000 else {
            throw .tooLarge(rows: columns, columns: columns)
        }
        var covariance = positive.centredProducts  // [columns, columns], the lower triangle
        let other = negative.centredProducts
        var trace = 0.0
        var square = 0.0
        for row in 0..<columns {
            for column in 0...row {
                let index = row * columns + column
                let value = (covariance[index] + other[index]) / weight
                covariance[index] = value
                square += row == column ? value * value : 2 * value * value
                if row == column { trace += value }
            }
        }
        guard trace > 0 else { throw .rankZero(center: .mean) }
        let p = Double(columns)
        let fourth = (positive.centredFourthPowers + negative.centredFourthPowers) / weight
        let delta = (square - trace * trace / p) / p
        let beta = min(max((fourth - square) / (p * weight), 0), delta)
        let shrinkage = delta > 0 ? beta / delta : 1
        for row in 0..<columns {
            for column in 0...row { covariance[row * columns + column] *= 1 - shrinkage }
            covariance[row * columns + row] += shrinkage * trace / p
        }
        var solution = zip(positive.mean, negative.mean).map { $0 - $1 }
        // The row-major lower triangle is the column-major upper one.
        let info = SingleThreadedBLAS.perform {
            LAPACKE_dposv_work(
                LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), order, 1, &covariance, order, &solution, order)
        }
        guard info == 0 else { throw .lapack(routine: "dposv", info: Int(info)) }
        direction = solution
        self.shrinkage = shrinkage
    }
}
