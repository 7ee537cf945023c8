internal import CKernels

/// The other side of an integer dot: float32 values as int8 quants with a scale per 32, and the sum of the
/// quants per 16, which the mins and offsets of weights multiply.
public struct Activations: Sendable, Equatable {
    /// Values, a multiple of 32.
    public let count: Int
    /// round(x / scale), -127…127, ties to even.  // [count]
    public let quants: [Int8]
    /// Largest |x| of each 32, / 127.  // [count / 32]
    public let scales: [Float]
    /// Sums of quants.  // [count / 16]
    public let sums: [Int16]

    /// Quantises values with one scale per 32.
    ///
    /// A group that holds a NaN or an infinity gets scale NaN, so that every dot with it is NaN.
    ///
    /// - Throws: `partialBlock` where the count is not a multiple of 32.
    public init(_ values: [Float]) throws(QuantizationError) {
        guard values.count.isMultiple(of: 32) else {
            throw .partialBlock(type: .q8_0, count: values.count)
        }
        var quants = [Int8](repeating: 0, count: values.count)
        var scales = [Float](repeating: 0, count: values.count / 32)
        var sums = [Int16](repeating: 0, count: values.count / 16)
        if !values.isEmpty {
            tl_quantize_activations(values, &quants, &scales, &sums, values.count)
        }
        self.count = values.count
        self.quants = quants
        self.scales = scales
        self.sums = sums
    }
}

/// Σ weight · activation of a quantised row with int8 activations.
///
/// Integer arithmetic inside each group of 32; float32 between groups. The error against float32 activations
/// is that of rounding each activation to 1/254 of the largest of its group.
///
/// - Parameters:
///   - bytes: The row, `type.byteCount(elements: activations.count)` bytes at any address.
///   - type: A quantised type.
///   - activations: As many as the row has elements.
public func dot(_ bytes: UnsafeRawPointer, type: TensorType, _ activations: Activations) -> Float {
    precondition(activations.count.isMultiple(of: type.blockSize), "a partial block")
    guard let kernel = type.kernels.dot_int8 else {
        preconditionFailure("\(type) rows are multiplied with float32")
    }
    guard activations.count > 0 else { return 0 }
    return kernel(bytes, activations.quants, activations.scales, activations.sums, activations.count)
}

/// Σ weight · value of a row of any type with float32 values, as if the row were decoded first.
///
/// - Parameters:
///   - bytes: The row, `type.byteCount(elements: count)` bytes at any address.
///   - type: How the row is stored.
///   - values: `count` values.
///   - count: Elements; a whole number of blocks.
public func dot(
    _ bytes: UnsafeRawPointer, type: TensorType, _ values: UnsafePointer<Float>, count: Int
) -> Float {
    precondition(count >= 0 && count.isMultiple(of: type.blockSize), "a partial block")
    return type.kernels.dot_float(bytes, values, count)
}
