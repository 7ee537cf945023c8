import CKernels
import GGUF
import Quantization

/// A matrix of a model: `outputs` rows of `inputs` quantised values, as in the file or repacked.
///
/// It points into the mapped file, or into repacked memory, which whoever holds the matrix keeps alive.
/// `@unchecked Sendable`: nothing is written through `bytes` once the matrix has been made.
struct WeightMatrix: @unchecked Sendable {
    /// How the rows lie in memory.
    enum Layout {
        /// One after the other, as in the file.
        case rows
        /// Eight side by side, `groupByteCount` bytes for each eight.
        case interleaved(tl_interleaved_kernels, groupByteCount: Int)
        /// Eight side by side, in pairs, the high bits of all from `bytes` on and what is
        /// left of them from `rests` on.
        case parted(tl_parted_kernels, rests: UnsafeRawPointer)
    }

    /// Rows: the length of W·x.
    let outputs: Int
    /// Columns: the length of x.
    let inputs: Int
    let type: TensorType
    let bytes: UnsafeRawPointer
    let layout: Layout
    /// What can be done with a row of the file's layout.
    let rowKernels: tl_row_kernels

    /// Some of the rows as a matrix of their own, in the file's layout.
    func rows(_ range: Range<Int>) -> WeightMatrix {
        precondition(!isInterleaved, "rows that are repacked do not lie apart")
        return WeightMatrix(
            outputs: range.count, inputs: inputs, type: type, bytes: row(range.lowerBound), layout: layout,
            rowKernels: rowKernels)
    }

    /// The bytes of one row in the file's layout.
    var rowByteCount: Int { type.byteCount(elements: inputs) ?? 0 }

    /// The integer form that a product can read, which depends on type and layout; none
    /// where it reads float32 alone.
    var activationForms: ActivationForms {
        switch layout {
        case .rows: rowKernels.dot_int8 != nil ? .int8 : []
        case .interleaved(let kernels, _): ActivationForms(taken: kernels.takes)
        case .parted(let kernels, _): ActivationForms(taken: kernels.takes)
        }
    }

    /// Whether the rows are repacked.
    var isInterleaved: Bool {
        if case .rows = layout { false } else { true }
    }

    /// The bytes that are read of it for a column of activations: where fewer than products take say how
    /// large these can be, those alone.
    var readByteCount: Int {
        let groupCount = (outputs + Int(TL_INTERLEAVED_ROWS) - 1) / Int(TL_INTERLEAVED_ROWS)
        return switch layout {
        case .rows: outputs * rowByteCount
        case .interleaved(_, let groupByteCount): groupCount * groupByteCount
        case .parted(let kernels, _): groupCount * kernels.high_size(inputs)
        }
    }

    /// Whether fewer bytes than products take say how large they can be.
    var boundsProducts: Bool {
        if case .parted = layout { true } else { false }
    }

    /// Products of groups of eight repacked rows with some columns. `output`: [columnCount, stride], of which
    /// the groups' rows are written
    func multiply(
        groups: Range<Int>, _ columns: tl_columns, _ columnCount: Int,
        into output: UnsafeMutablePointer<Float>,
        stride: Int, accumulating: Bool
    ) {
        let (first, count) = (groups.lowerBound, groups.count)
        switch layout {
        case .rows: preconditionFailure("rows that are not repacked have no groups")
        case .interleaved(let kernels, let groupByteCount):
            kernels.multiply(
                bytes + first * groupByteCount, count, inputs, columns, columnCount, output, stride,
                accumulating ? 1 : 0)
        case .parted(let kernels, let rests):
            kernels.multiply(
                bytes, rests, first, count, inputs, columns, columnCount, output, stride, accumulating ? 1 : 0
            )
        }
    }

    /// What bounds of products with a column need. `reach`: [inputs / 32, TL_REACH]
    func prepareBounds(_ column: tl_columns, reach: UnsafeMutablePointer<Float>) {
        guard case .parted(let kernels, _) = layout else { return }
        kernels.prepare(inputs, column, reach)
    }

    /// The same for what is left of a column without its share of another: the products with that times the
    /// share are not in the bounds. The column that is returned lies in `room`. [inputs / 32, TL_CENTRED]
    func prepareBounds(
        _ column: tl_columns, without mean: tl_columns, room: UnsafeMutablePointer<Float>,
        reach: UnsafeMutablePointer<Float>
    ) -> (column: tl_columns, share: Float) {
        guard case .parted(let kernels, _) = layout else { return (column, 0) }
        var share: Float = 0
        let left = kernels.centre(inputs, column, mean, room, reach, &share)
        return (left, share)
    }

    /// Bounds of the products of groups of eight repacked rows with a column. `output`: [8 · groups]
    ///
    /// - Parameter known: What is added to each, times `share`. [8 · groups]
    /// - Parameter isCloser: Whether they are to be lower, and read more.
    func bound(
        groups: Range<Int>, _ column: tl_columns, isCloser: Bool, reach: UnsafePointer<Float>,
        known: UnsafePointer<Float>, share: Float, into output: UnsafeMutablePointer<Float>
    ) {
        guard case .parted(let kernels, let rests) = layout else {
            output.update(repeating: .infinity, count: groups.count * Int(TL_INTERLEAVED_ROWS))
            return
        }
        let (first, count) = (groups.lowerBound, groups.count)
        if isCloser {
            kernels.bound_closer(bytes, rests, first, count, inputs, column, reach, known, share, output)
        } else {
            kernels.bound(bytes, first, count, inputs, column, reach, known, share, output)
        }
    }

    /// Asks for what closer bounds of a group of eight rows read besides.
    func askForMore(of group: Int) {
        guard case .parted(let kernels, let rests) = layout else { return }
        kernels.ask_for_more(rests, group, inputs)
    }

    /// Asks for what `multiply` reads of it besides.
    func askForRest(of group: Int) {
        guard case .parted(let kernels, let rests) = layout else { return }
        kernels.ask_for_rest(rests, group, inputs)
    }

    /// The bytes of one row of the file's layout. [inputs values]
    func row(_ index: Int) -> UnsafeRawPointer {
        bytes + index * rowByteCount
    }

    /// Decodes one row of the file's layout to float32. `output`: [inputs]
    func decodeRow(_ index: Int, into output: UnsafeMutablePointer<Float>) {
        precondition(!isInterleaved, "rows that are repacked do not lie apart")
        rowKernels.decode(row(index), output, inputs)
    }
}
