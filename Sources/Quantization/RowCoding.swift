internal import CKernels

// A row is `count` elements, a whole number of blocks, at any address. The pointer functions are for callers
// who have checked that already, at load; the array functions check.

/// The best instruction set of this processor.
private let instructionSet = tl_best_instruction_set()

extension TensorType {
    /// The kernels of this type with the best instruction set; nil where rows of this type are not read.
    var kernelsIfKnown: tl_row_kernels? { tl_row_kernels_for(rawValue, instructionSet)?.pointee }

    /// The kernels of a type that `isDecodable`.
    var kernels: tl_row_kernels {
        guard let known = kernelsIfKnown else { preconditionFailure("no kernels for \(self)") }
        return known
    }

    /// Whether `decodeRow` can read this type.
    public var isDecodable: Bool { kernelsIfKnown != nil }

    /// Whether `encodeRow` can write this type.
    public var isEncodable: Bool { tl_encoder_for(rawValue, instructionSet) != nil }
}

/// Decodes a row to float32, as ggml's reference dequantisation rounds.
///
/// - Parameters:
///   - bytes: The row, `type.byteCount(elements: count)` bytes at any address.
///   - type: How the row is stored; one that `isDecodable`.
///   - count: Elements; a whole number of blocks.
///   - output: Room for `count` values.
public func decodeRow(
    _ bytes: UnsafeRawPointer, type: TensorType, count: Int, into output: UnsafeMutablePointer<Float>
) {
    precondition(count >= 0 && count.isMultiple(of: type.blockSize), "a partial block")
    type.kernels.decode(bytes, output, count)
}

/// Decodes a row to an array, after checking that it is whole.
///
/// - Throws: `cannotDecode`, `partialBlock`, `wrongByteCount`.
public func decodeRow(
    _ bytes: UnsafeRawBufferPointer, type: TensorType, count: Int
) throws(QuantizationError) -> [Float] {
    guard type.isDecodable else { throw .cannotDecode(type: type) }
    let expected = try type.checkedByteCount(elements: count)
    guard bytes.count == expected else {
        throw .wrongByteCount(type: type, count: count, expected: expected, found: bytes.count)
    }
    guard let base = bytes.baseAddress, count > 0 else { return [] }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        if let output = buffer.baseAddress {
            decodeRow(base, type: type, count: count, into: output)
            initialized = count
        }
    }
}

/// Encodes float32 values: floats and blocks of 32 bit for bit as ggml's reference rounds
/// (`quantize_row_*_ref`), superblocks of 256 with no larger an error than the reference's, in total on
/// weights as models have them.
///
/// A value or scale beyond float16's range becomes infinite, as in the reference; the float types keep NaN.
///
/// - Parameters:
///   - values: `count` values.
///   - type: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K or Q6_K.
///   - count: Elements; a whole number of blocks.
///   - output: Room for `type.byteCount(elements: count)` bytes, at any address.
/// - Throws: `partialBlock`, `cannotEncode`, and for quantised types `notFinite`.
public func encodeRow(
    _ values: UnsafePointer<Float>, type: TensorType, count: Int, into output: UnsafeMutableRawPointer
) throws(QuantizationError) {
    _ = try type.checkedByteCount(elements: count)
    guard let encode = tl_encoder_for(type.rawValue, instructionSet) else { throw .cannotEncode(type: type) }
    if type.isQuantized, let index = (0..<count).first(where: { !values[$0].isFinite }) {
        throw .notFinite(type: type, index: index)
    }
    encode(values, output, count)
}

/// Encodes an array: the bytes of one row.
///
/// - Throws: `partialBlock`, `cannotEncode`, and for quantised types `notFinite`.
public func encodeRow(_ values: [Float], type: TensorType) throws(QuantizationError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: try type.checkedByteCount(elements: values.count))
    // The closures of the standard library do not carry typed errors through two levels; a Result does.
    let result = values.withUnsafeBufferPointer { source in
        bytes.withUnsafeMutableBytes { target -> Result<Void, QuantizationError> in
            guard let from = source.baseAddress, let to = target.baseAddress else { return .success(()) }
            return Result { () throws(QuantizationError) in
                try encodeRow(from, type: type, count: source.count, into: to)
            }
        }
    }
    try result.get()
    return bytes
}

extension TensorType {
    /// `byteCount(elements:)`, or the error that says why not.
    func checkedByteCount(elements: Int) throws(QuantizationError) -> Int {
        guard let bytes = byteCount(elements: elements) else {
            throw .partialBlock(type: self, count: elements)
        }
        return bytes
    }
}
