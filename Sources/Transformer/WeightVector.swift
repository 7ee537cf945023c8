/// A vector of a model, decoded to float32: a view of memory that whoever holds the
/// model's weights keeps alive.
///
/// `@unchecked Sendable`: nothing is written through it.
struct WeightVector: @unchecked Sendable {
    let count: Int
    let values: UnsafePointer<Float>

    /// Some of the values as a vector of their own.
    func part(_ range: Range<Int>) -> WeightVector {
        WeightVector(count: range.count, values: values + range.lowerBound)
    }
}
