extension TensorType {
    /// The largest magnitude that rows of this type hold: beyond it an encoder writes infinity, or an infinite scale.
    public var largestValue: Float {
        switch self {
        case .f32: .greatestFiniteMagnitude
        // The same exponents with seven bits behind them.
        case .bf16: Float(bitPattern: 0x7F7F_0000)
        // Every other type that is encoded has a float16 in it.
        default: 65504
        }
    }

    /// The place of the first of some values that is not finite or beyond `largestValue`; nil where all can be stored.
    public func firstUnstorable(_ values: UnsafePointer<Float>, count: Int) -> Int? {
        // Without their sign bits floats are ordered as their bits are, infinity and NaN behind all numbers.
        var largest: UInt32 = 0
        for index in 0..<count { largest = max(largest, values[index].bitPattern & 0x7FFF_FFFF) }
        guard largest > largestValue.bitPattern else { return nil }
        return (0..<count).first { !(values[$0].magnitude <= largestValue) }
    }
}
