import CLAPACKE
import COpenBLAS
import Foundation

/// Logistic regression between two classes with an L2 penalty, by Newton's method in float64.
///
/// It minimises ½‖w‖² + C·Σ sᵢ·log(1 + exp(−yᵢ(w·xᵢ + b))) over w and an intercept b that carries no
/// penalty, as scikit-learn's `LogisticRegression(C=C)` does; sᵢ is the weight of a row. The penalty makes
/// the minimum unique also where the classes separate, as hidden states of pairs always do, so the result
/// does not depend on how it is found.
///
/// Each Newton step H·p = −g is solved by Cholesky; a backtracking line search keeps every step
/// downhill. It ends when the gradient is 10⁻⁹ of the first one. One BLAS thread, fixed order, no
/// randomness: the same bits every time.
///
/// Dead end: conjugate gradients for the step, which need no columns × columns matrix. Hidden states have
/// columns a hundred times as large as others, and a layer of 1,998 states took ten seconds.
///
/// It reads all rows in every step: its memory grows with them.
public struct LogisticProbe: Sendable, Equatable {
    /// w, in units of 1 / the rows' units.  // [columns]
    public let weights: [Double]
    /// b.
    public let intercept: Double
    /// Newton steps that were taken.
    public let steps: Int

    /// Fits a probe.
    ///
    /// - Parameters:
    ///   - positive: Rows of the class y = 1.
    ///   - negative: Rows of the class y = −1, as wide.
    ///   - rowWeights: How much each row counts, the positive ones first; nil for 1 each.
    ///   - penaltyInverse: C: small is a strong penalty.
    ///   - unit: Rows are divided by it, and the weights too, so that C means the same for data of any size;
    ///     nil for the root mean square distance from the common mean, per column.
    /// - Throws: `tooFewRows`, `rankZero` where all rows are equal.
    public init(
        positive: [ArraySlice<Float>], negative: [ArraySlice<Float>], rowWeights: [Double]? = nil,
        penaltyInverse: Double = 1, unit: Double? = nil
    ) throws(LinearAlgebraError) {
        guard let first = positive.first, !negative.isEmpty else {
            throw .tooFewRows(found: positive.count + negative.count)
        }
        var problem = Problem(
            positive + negative, positives: positive.count, columns: first.count,
            weights: rowWeights ?? [Double](repeating: 1, count: positive.count + negative.count),
            penaltyInverse: penaltyInverse)
        guard problem.spread > 0 else { throw .rankZero(center: .mean) }
        let unit = unit ?? problem.spread
        problem.divide(by: unit)
        let solution = SingleThreadedBLAS.perform { problem.minimise() }
        weights = solution.point.dropLast().map { $0 / unit }
        intercept = (solution.point.last ?? 0) - dot(weights, problem.mean)
        steps = solution.steps
    }
}

/// The data and the objective. A point is w and then b.  // [columns + 1]
private struct Problem {
    /// Rows less their mean: w does not change, and the intercept is nearly independent of it.
    var rows: [Double]  // [rows, columns]
    let mean: [Double]  // [columns]
    let labels: [Double]
    /// C·s.
    let costs: [Double]
    let columns: Int
    /// The root mean square of the centred elements.
    let spread: Double

    var count: Int { labels.count }

    init(
        _ slices: [ArraySlice<Float>], positives: Int, columns: Int, weights: [Double],
        penaltyInverse: Double
    ) {
        precondition(slices.count == weights.count && slices.allSatisfy { $0.count == columns })
        let total = weights.reduce(0, +)
        var mean = [Double](repeating: 0, count: columns)
        for (slice, weight) in zip(slices, weights) {
            for (column, value) in zip(0..., slice) { mean[column] += weight * Double(value) / total }
        }
        var rows: [Double] = []
        rows.reserveCapacity(slices.count * columns)
        var square = 0.0
        for (slice, weight) in zip(slices, weights) {
            for (column, value) in zip(0..., slice) {
                let centred = Double(value) - mean[column]
                square += weight * centred * centred
                rows.append(centred)
            }
        }
        self.rows = rows
        self.mean = mean
        self.columns = columns
        labels = slices.indices.map { $0 < positives ? 1 : -1 }
        costs = weights.map { $0 * penaltyInverse }
        spread = (square / (total * Double(max(columns, 1)))).squareRoot()
    }

    mutating func divide(by unit: Double) {
        for index in rows.indices { rows[index] /= unit }
    }

    /// X·w + b.  // [rows]
    func scores(_ point: [Double]) -> [Double] {
        var scores = [Double](repeating: point[columns], count: count)
        cblas_dgemv(
            CblasRowMajor, CblasNoTrans, Int32(count), Int32(columns), 1, rows, Int32(columns), point, 1, 1,
            &scores, 1)
        return scores
    }

    /// Xᵀ·v beside Σv, plus the penalty's part of a point.  // [columns + 1]
    func gathered(_ values: [Double], penalty point: [Double]) -> [Double] {
        var result = point
        result[columns] = values.reduce(0, +)
        cblas_dgemv(
            CblasRowMajor, CblasTrans, Int32(count), Int32(columns), 1, rows, Int32(columns), values, 1, 1,
            &result, 1)
        return result
    }

    func value(_ point: [Double], _ scores: [Double]) -> Double {
        var value = 0.5 * dot(point.dropLast(), point.dropLast())
        for index in 0..<count {
            let margin = labels[index] * scores[index]
            // log(1 + exp(−m)) without overflow.
            value += costs[index] * (max(-margin, 0) + log1p(exp(-abs(margin))))
        }
        return value
    }

    func minimise() -> (point: [Double], steps: Int) {
        var point = [Double](repeating: 0, count: columns + 1)
        var scores = scores(point)
        var value = value(point, scores)
        var firstLength = 0.0
        for step in 0..<100 {
            // σ(−m), the share of each row's label that is not yet explained.
            let errors = (0..<count).map { 1 / (1 + exp(labels[$0] * scores[$0])) }
            let gradient = gathered(
                (0..<count).map { -costs[$0] * labels[$0] * errors[$0] }, penalty: point)
            let length = norm(gradient)
            if step == 0 { firstLength = length }
            if length <= 1e-9 * firstLength { return (point, step) }
            let curvatures = (0..<count).map { costs[$0] * errors[$0] * (1 - errors[$0]) }
            let direction = newtonStep(gradient, curvatures)
            let slope = dot(gradient, direction)
            var size = 1.0
            while true {
                let candidate = zip(point, direction).map { $0 + size * $1 }
                let candidateScores = self.scores(candidate)
                let candidateValue = self.value(candidate, candidateScores)
                if candidateValue <= value + 1e-4 * size * slope {
                    (point, scores, value) = (candidate, candidateScores, candidateValue)
                    break
                }
                size /= 2
                // Rounding decides from here on: the minimum is reached as well as float64 can tell.
                if size < 1e-10 { return (point, step) }
            }
        }
        return (point, 100)
    }

    /// H·p = −g by Cholesky, with H = I + Xᵀ·D·X and no penalty for the intercept.  // [columns + 1]
    private func newtonStep(_ gradient: [Double], _ curvatures: [Double]) -> [Double] {
        let order = columns + 1
        var scaled = [Double](repeating: 0, count: count * order)  // [rows, columns + 1]
        for row in 0..<count {
            let root = curvatures[row].squareRoot()
            for column in 0..<columns { scaled[row * order + column] = root * rows[row * columns + column] }
            scaled[row * order + columns] = root
        }
        var hessian = [Double](repeating: 0, count: order * order)
        for column in 0..<columns { hessian[column * order + column] = 1 }
        // Where every row is explained without doubt the intercept has no curvature left.
        hessian[columns * order + columns] = 1e-12
        cblas_dsyrk(
            CblasRowMajor, CblasLower, CblasTrans, Int32(order), Int32(count), 1, scaled, Int32(order), 1,
            &hessian, Int32(order))
        var step = gradient.map { -$0 }
        // The row-major lower triangle is the column-major upper one.
        let info = LAPACKE_dposv_work(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "U")), Int32(order), 1, &hessian, Int32(order), &step,
            Int32(order))
        return info == 0 ? step : gradient.map { -$0 }
    }
}
