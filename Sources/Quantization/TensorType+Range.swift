extension TensorType {
    /// A magnitude up to which rows of this type hold every value: not far beyond it an encoder writes
    /// infinity, or an infinite scale or offset. What the float16 of a block is multiplied by decides; where
    /// that depends on a fit, half of it is counted on.
    public var largestValue: Float {
        switch self {
        case .f32: .greatestFiniteMagnitude
        // The same exponents with seven bits behind them.
        case .bf16: Float(bitPattern: 0x7F7F_0000)
        case .q4_0: 65504 * 8
        case .q5_0: 65504 * 16
        case .q8_0: 65504 * 127
        // Codes of six bits for the scales and the offsets, of four in Q2_K.
        case .q2_K: 65504 * 8
        case .q4_K, .q5_K: 65504 * 32
        // Signed codes: of six bits with quants up to 3, and of eight with quants up to 31.
        case .q3_K: 65504 * 32
        case .q6_K: 65504 * 1024
        // F16 is a float16, and the offset of Q4_1 and Q5_1 is.
        default: 65504
        }
    }

    /// The place of the first of some values that is not finite or beyond `largestValue`;
    /// nil where all can be stored.
    public func firstUnstorable(_ values: UnsafePointer<Float>, count: Int) -> Int? {
        // Without their sign bits floats are ordered as their bits are, infinity and NaN behind all numbers.
        var largest: UInt32 = 0
        for index in 0..<count { largest = max(largest, values[index].bitPattern & 0x7FFF_FFFF) }
        guard largest > largestValue.bitPattern else { return nil }
        return (0..<count).first { !(values[$0].magnitude <= largestValue) }
    }
}
