extension Matrix {
    /// The mean of the rows, in float64.  // [columns]
    ///
    /// The mean of n equal rows is exactly that row for any n below 2²⁹: every partial sum k·x of a 24-bit x
    /// then fits float64's 53 bits, and dividing the last one by n is exact. `PrincipalComponents` relies on
    /// this: equal rows centre to zeros, not to rounding noise with a direction of its own.
    ///
    /// A matrix without rows has the mean zero.
    public var meanOfRows: [Double] {
        var sums = [Double](repeating: 0, count: columns)
        guard rows > 0 else { return sums }
        elements.withUnsafeBufferPointer { source in
            sums.withUnsafeMutableBufferPointer { sums in
                for row in 0..<rows {
                    let start = row * columns
                    for column in 0..<columns {
                        sums[column] += Double(source[start + column])
                    }
                }
                for column in 0..<columns {
                    sums[column] /= Double(rows)
                }
            }
        }
        return sums
    }

    /// The inner product of every row with a vector, in float64: how far each row lies along a unit
    /// direction.  // [rows]
    ///
    /// - Parameter direction: `[columns]`.
    public func projections(on direction: some Collection<Double>) -> [Double] {
        let direction = Array(direction)
        return (0..<rows).map { dot(self[row: $0], direction) }
    }

    /// The place of the first NaN or infinity in row-major order, if there is one.
    public var firstNotFinite: (row: Int, column: Int)? {
        elements.withUnsafeBufferPointer { source in
            // The sum of exponents that are all ones is counted over a whole block without a branch, which
            // the compiler vectorises; only a block that has one is searched.
            let block = 4096
            var start = 0
            while start < source.count {
                let end = min(start + block, source.count)
                var found: UInt32 = 0
                for index in start..<end {
                    found |= source[index].bitPattern & 0x7f80_0000 == 0x7f80_0000 ? 1 : 0
                }
                if found != 0, let index = (start..<end).first(where: { !source[$0].isFinite }) {
                    return (index / columns, index % columns)
                }
                start = end
            }
            return nil
        }
    }
}
