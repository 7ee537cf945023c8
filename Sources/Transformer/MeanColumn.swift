import CKernels

/// What the last activations of a text's tokens have in common: their mean, and the output matrix's products
/// with it. Half of such a column, or more, is a share of the mean, and bounds of logits need not cover what
/// is known. Made once for a context, whose workers share it.
///
/// One worker writes, and all read after the next barrier.
final class MeanColumn {
    /// Searches cost the more the further off bounds are. Products with the mean, which bring them nearer,
    /// are first computed when what searches have cost besides their bounds by the first part adds up to this
    /// many times these bounds' own cost; then again at eight times as much. Only the first worker's share of
    /// the tokens is counted, so when that is hangs on how many threads there are, too.
    private static let firstCost = 2.0
    private static let factor = 8.0
    /// Of fewer columns no mean is taken.
    private static let fewest = 4

    /// [vocabularySize, in whole groups of eight]; zero before there is a mean.
    let products: FloatBuffer
    private let sum: FloatBuffer  // [hiddenSize]
    private let mean: ActivationBuffer
    private let size: Int
    private var count = 0
    private var cost = 0.0
    private var costOfNext = firstCost
    /// Whether the mean has been taken since the last column was noted.
    private var hasTaken = false
    /// The mean; nil before it is first taken.
    private(set) var column: tl_columns?

    init(_ configuration: ModelConfiguration) throws(TransformerError) {
        size = configuration.hiddenSize
        let height = Int(TL_INTERLEAVED_ROWS)
        products = try FloatBuffer(count: (configuration.vocabularySize + height - 1) / height * height)
        sum = try FloatBuffer(count: size)
        mean = try ActivationBuffer(rowCapacity: 1, width: size)
    }

    /// Whether the mean is to be taken, and its products. It stays so until the next column is noted, so
    /// that all workers see the same.
    var isDue: Bool { cost >= costOfNext && count >= Self.fewest }

    /// Takes the mean of what has been noted.
    func take(_ forms: ActivationForms) {
        for index in 0..<size { mean.row(0)[index] = sum.pointer[index] / Float(count) }
        mean.fill(forms, row: 0, count: size)
        column = mean.columns(from: 0)
        hasTaken = true
    }

    /// To be called after the search of each column.
    ///
    /// - Parameter cost: What it has read and computed besides the first part of the output
    ///   matrix, as a share of that.
    func note(_ values: UnsafePointer<Float>, cost: Double) {
        if hasTaken { costOfNext *= Self.factor }
        hasTaken = false
        // Of what is not a number there is no mean.
        guard (0..<size).allSatisfy({ values[$0].isFinite }) else { return }
        for index in 0..<size { sum.pointer[index] += values[index] }
        count += 1
        self.cost += cost
    }
}
