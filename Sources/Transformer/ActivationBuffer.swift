import CKernels

/// The integer forms in which products read activations, where they do not read float32.
struct ActivationForms: OptionSet {
    let rawValue: Int

    /// int8 with a scale for each 32.
    static let int8 = ActivationForms(rawValue: 1)
    /// int16 with a scale for each 32.
    static let int16 = ActivationForms(rawValue: 2)
}

extension ActivationForms {
    /// What a kernel says that it takes.
    init(taken: Int32) {
        switch Int(taken) {
        case TL_TAKES_INT8: self = .int8
        case TL_TAKES_INT16: self = .int16
        default: self = []
        }
    }
}

/// The input rows of a product, in the forms that the weights take.
final class ActivationBuffer {
    let rowCapacity: Int
    let width: Int
    let values: FloatBuffer  // [rowCapacity, width]
    private let quants: UnsafeMutablePointer<Int8>  // [rowCapacity, width]
    private let scales: UnsafeMutablePointer<Float>  // [rowCapacity, width / 32]
    private let totals: UnsafeMutablePointer<Float>  // [rowCapacity, width / 32]: scale · sum of the quants
    private let shifts: UnsafeMutablePointer<Int32>  // [rowCapacity, width / 32]: −128 · sum of the quants
    private let sums: UnsafeMutablePointer<Int16>  // [rowCapacity, width / 16]
    private let owed: UnsafeMutablePointer<Int32>  // [rowCapacity, width / 16]: −32 · sum of the quants
    private let quants16: UnsafeMutablePointer<Int16>  // [rowCapacity, width]
    private let scales16: UnsafeMutablePointer<Float>  // [rowCapacity, width / 32]

    /// Room for `rowCapacity` rows of up to `width` values.
    ///
    /// Rows lie an odd multiple of 32 values apart: at 1,536, a multiple of 512, the twelve columns that a
    /// product reads side by side would fall into two sets of the first cache.
    convenience init(rowCapacity: Int, width: Int) throws(TransformerError) {
        let width = ((width + 31) / 32 | 1) * 32
        self.init(rowCapacity: rowCapacity, width: width, values: try FloatBuffer(count: rowCapacity, width))
    }

    /// Integer forms of its own for the first rows of another buffer, whose float32 values it shares.
    convenience init(sharing other: ActivationBuffer, rowCapacity: Int) {
        self.init(
            rowCapacity: min(rowCapacity, other.rowCapacity), width: other.width, values: other.values)
    }

    private init(rowCapacity: Int, width: Int, values: FloatBuffer) {
        self.rowCapacity = rowCapacity
        self.width = width
        self.values = values
        quants = .allocate(capacity: rowCapacity * self.width)
        scales = .allocate(capacity: rowCapacity * self.width / 32)
        totals = .allocate(capacity: rowCapacity * self.width / 32)
        shifts = .allocate(capacity: rowCapacity * self.width / 32)
        sums = .allocate(capacity: rowCapacity * self.width / 16)
        owed = .allocate(capacity: rowCapacity * self.width / 16)
        quants16 = .allocate(capacity: rowCapacity * self.width)
        scales16 = .allocate(capacity: rowCapacity * self.width / 32)
    }

    deinit {
        quants.deallocate()
        scales.deallocate()
        totals.deallocate()
        shifts.deallocate()
        sums.deallocate()
        owed.deallocate()
        quants16.deallocate()
        scales16.deallocate()
    }

    /// The float32 values of one row. [width]
    func row(_ index: Int) -> UnsafeMutablePointer<Float> {
        values.pointer + index * width
    }

    /// Fills integer forms of a row from its float32 form.
    func fill(_ forms: ActivationForms, row: Int, count: Int) {
        if forms.contains(.int8) { fillInt8(row: row, count: count) }
        if forms.contains(.int16) { fillInt16(row: row, count: count) }
    }

    private func fillInt16(row: Int, count: Int) {
        tl_quantize_activations16(
            self.row(row), quants16 + row * width, scales16 + row * (width / 32), count)
    }

    private func fillInt8(row: Int, count: Int) {
        let scales = scales + row * (width / 32)
        let totals = totals + row * (width / 32)
        let shifts = shifts + row * (width / 32)
        let sums = sums + row * (width / 16)
        let owed = owed + row * (width / 16)
        tl_quantize_activations(self.row(row), quants + row * width, scales, sums, count)
        for group in 0..<count / 32 {
            let sum = Int32(sums[2 * group]) + Int32(sums[2 * group + 1])
            totals[group] = scales[group] * Float(sum)
            shifts[group] = -128 * sum
            owed[2 * group] = -32 * Int32(sums[2 * group])
            owed[2 * group + 1] = -32 * Int32(sums[2 * group + 1])
        }
    }

    /// Takes a row of another buffer of the same width, in all forms.
    func copyRow(_ source: Int, of other: ActivationBuffer, to target: Int) {
        row(target).update(from: other.row(source), count: width)
        (quants + target * width).update(from: other.quants + source * width, count: width)
        let groups = width / 32
        (scales + target * groups).update(from: other.scales + source * groups, count: groups)
        (totals + target * groups).update(from: other.totals + source * groups, count: groups)
        (shifts + target * groups).update(from: other.shifts + source * groups, count: groups)
        (sums + target * 2 * groups).update(from: other.sums + source * 2 * groups, count: 2 * groups)
        (owed + target * 2 * groups).update(from: other.owed + source * 2 * groups, count: 2 * groups)
        (quants16 + target * width).update(from: other.quants16 + source * width, count: width)
        (scales16 + target * groups).update(from: other.scales16 + source * groups, count: groups)
    }

    /// The rows from `first` on, as interleaved products take them.
    func columns(from first: Int) -> tl_columns {
        tl_columns(
            values: row(first), quants: quants + first * width, scales: scales + first * (width / 32),
            totals: totals + first * (width / 32), shifts: shifts + first * (width / 32),
            sums: sums + first * (width / 16), owed: owed + first * (width / 16),
            quants16: quants16 + first * width,
            scales16: scales16 + first * (width / 32), width: width)
    }

    /// Σ weight row · activation row, from the int8 form.
    @inline(__always)
    func dot(_ weightRow: UnsafeRawPointer, _ kernel: Int8Dot, row: Int, count: Int) -> Float {
        kernel(weightRow, quants + row * width, scales + row * (width / 32), sums + row * (width / 16), count)
    }

    typealias Int8Dot =
        @convention(c) (
            UnsafeRawPointer, UnsafePointer<Int8>, UnsafePointer<Float>, UnsafePointer<Int16>, Int
        ) -> Float
}
