import CKernels

/// What the last activations of a text's tokens have in common: their mean, and the output matrix's products with it. Half of such a column, or more, is a
/// share of the mean, and bounds of logits need not cover what is known. Made once for a context, whose workers share it.
///
/// One worker writes, and all read after the next barrier.
final class MeanColumn {
    /// Products with the mean are first worth their cost when searches have cost so much more than reading the first part of the output matrix
    /// would, in what that costs; then again when they have cost so many times as much.
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

    init(_ configuration: ModelConfiguration) throws(TransformerError) {
        size = configuration.hiddenSize
        let height = Int(TL_INTERLEAVED_ROWS)
        products = try FloatBuffer(count: (configuration.vocabularySize + height - 1) / height * height)
        sum = try FloatBuffer(count: size)
        mean = try ActivationBuffer(rowCapacity: 1, width: size)
    }

    /// Whether the mean is to be taken, and its products.
    var isDue: Bool { cost >= costOfNext && count >= Self.fewest }

    /// The mean; nil before it is first taken.
    var column: tl_columns? { isDue || costOfNext > Self.firstCost ? mean.columns(from: 0) : nil }

    /// Takes the mean of what has been noted.
    func take(_ forms: ActivationForms) {
        for index in 0..<size { mean.row(0)[index] = sum.pointer[index] / Float(count) }
        mean.fill(forms, row: 0, count: size)
    }

    /// To be called after the search of each column.
    ///
    /// - Parameter cost: What it has read and computed besides the first part of the output matrix, as a share of that.
    func note(_ values: UnsafePointer<Float>, cost: Double) {
        if isDue { costOfNext *= Self.factor }
        // Of what is not a number there is no mean.
        guard (0..<size).allSatisfy({ values[$0].isFinite }) else { return }
        for index in 0..<size { sum.pointer[index] += values[index] }
        count += 1
        self.cost += cost
    }
}
