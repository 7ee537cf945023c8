/// Σ aᵢ·bᵢ, converted to float64 before the first multiplication.
///
/// Eight running sums, added in a fixed order: the same bits on every run, and the additions do not wait
/// for each other. The product of two float32 numbers is exact in float64, so the relative error against
/// Σ|aᵢ·bᵢ| is at most (n/8 + 3)·2⁻⁵³.
///
/// - Precondition: Both have the same length.
@inlinable @inline(__always)
public func dot<Left: Collection, Right: Collection>(_ left: Left, _ right: Right) -> Double
where Left.Element: BinaryFloatingPoint, Right.Element: BinaryFloatingPoint {
    let direct = left.withContiguousStorageIfAvailable { left in
        right.withContiguousStorageIfAvailable { right in sumOfProducts(left, right) }
    }
    if let direct, let sum = direct { return sum }
    return Array(left).withUnsafeBufferPointer { left in
        Array(right).withUnsafeBufferPointer { right in sumOfProducts(left, right) }
    }
}

/// The Euclidean length, in float64. No float32 vector overflows or underflows it.
@inlinable
public func norm<Vector: Collection>(_ vector: Vector) -> Double
where Vector.Element: BinaryFloatingPoint {
    dot(vector, vector).squareRoot()
}

/// The cosine of the angle between two vectors, within −1…1; nil where one of them is zero and there is
/// no angle.
///
/// - Precondition: Both have the same length.
@inlinable
public func cosine<Left: Collection, Right: Collection>(_ left: Left, _ right: Right) -> Double?
where Left.Element: BinaryFloatingPoint, Right.Element: BinaryFloatingPoint {
    let sizes = norm(left) * norm(right)
    guard sizes > 0 else { return nil }
    return min(1, max(-1, dot(left, right) / sizes))
}

@inlinable
func sumOfProducts<Left: BinaryFloatingPoint, Right: BinaryFloatingPoint>(
    _ left: UnsafeBufferPointer<Left>, _ right: UnsafeBufferPointer<Right>
) -> Double {
    precondition(left.count == right.count, "vectors of \(left.count) and \(right.count) elements")
    var sums = SIMD8<Double>.zero
    let whole = left.count & ~7
    var index = 0
    while index < whole {
        var a = SIMD8<Double>.zero
        var b = SIMD8<Double>.zero
        for lane in 0..<8 {
            a[lane] = Double(left[index + lane])
            b[lane] = Double(right[index + lane])
        }
        sums += a * b
        index += 8
    }
    var sum = sums.sum()
    while index < left.count {
        sum += Double(left[index]) * Double(right[index])
        index += 1
    }
    return sum
}
