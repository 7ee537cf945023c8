import CKernels
import GGUF
import Quantization

/// A matrix of a model as it lies in the file: `outputs` rows of `inputs` quantised values.
///
/// It points into the mapped file, which the `TransformerModel` that holds the matrix keeps alive.
/// `@unchecked Sendable`: nothing is ever written through `bytes`.
struct WeightMatrix: @unchecked Sendable {
    /// Rows: the length of W·x.
    let outputs: Int
    /// Columns: the length of x.
    let inputs: Int
    let type: TensorType
    let bytes: UnsafeRawPointer
    let rowByteCount: Int
    let kernels: tl_row_kernels

    /// Whether a product takes int8 activations; float types take float32.
    var takesQuantizedActivations: Bool { kernels.dot_int8 != nil }

    /// The bytes of one row. [inputs values]
    func row(_ index: Int) -> UnsafeRawPointer {
        bytes + index * rowByteCount
    }

    /// Decodes one row to float32. `output`: [inputs]
    func decodeRow(_ index: Int, into output: UnsafeMutablePointer<Float>) {
        kernels.decode(row(index), output, inputs)
    }
}
