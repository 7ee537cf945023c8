import CKernels
import GGUF
import Quantization

/// Finds a model's tensors in its file and checks their shapes and types.
final class WeightReader {
    let file: any ModelSource
    /// The tensors that were asked for.
    private var found: Set<String> = []
    /// The memory of the vectors that were read.
    private(set) var vectors: [FloatBuffer] = []
    private let instructionSet = tl_best_instruction_set()

    init(file: any ModelSource) {
        self.file = file
    }

    /// A matrix, left where it lies.
    func matrix(_ name: String, outputs: Int, inputs: Int) throws(TransformerError) -> WeightMatrix {
        try matrices(name, count: nil, outputs: outputs, inputs: inputs)[0]
    }

    /// A stack of matrices in one tensor, or one matrix where `count` is nil.
    func matrices(
        _ name: String, count: Int?, outputs: Int, inputs: Int
    ) throws(TransformerError) -> [WeightMatrix] {
        let tensor = try find(name, shape: [inputs, outputs] + (count.map { [$0] } ?? []))
        guard let kernels = tl_row_kernels_for(tensor.type.rawValue, instructionSet),
            let start = file.bytes(of: tensor).baseAddress
        else {
            throw .tensorType(file: file.path, name: name, found: tensor.type.name)
        }
        let size = tensor.byteCount / (count ?? 1)
        return (0..<(count ?? 1)).map { index in
            WeightMatrix(
                outputs: outputs, inputs: inputs, type: tensor.type, bytes: start + index * size,
                layout: .rows,
                rowKernels: kernels.pointee)
        }
    }

    /// Whether the file has a tensor of that name.
    func has(_ name: String) -> Bool {
        file.tensor(name) != nil
    }

    /// A vector, decoded to float32, in the memory of `vectors`.
    func vector(_ name: String, count: Int) throws(TransformerError) -> WeightVector {
        let memory = try FloatBuffer(try values(name, count: count))
        vectors.append(memory)
        return WeightVector(count: count, values: memory.pointer)
    }

    /// A vector's values, decoded to float32.
    func values(_ name: String, count: Int) throws(TransformerError) -> [Float] {
        let tensor = try find(name, shape: [count])
        guard let kernels = tl_row_kernels_for(tensor.type.rawValue, instructionSet),
            let start = file.bytes(of: tensor).baseAddress
        else {
            throw .tensorType(file: file.path, name: name, found: tensor.type.name)
        }
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let output = buffer.baseAddress { kernels.pointee.decode(start, output, count) }
            initialized = count
        }
    }

    /// A tensor of that shape, contiguous dimension first; trailing ones do not count.
    private func find(_ name: String, shape: [Int]) throws(TransformerError) -> GGUFTensorInfo {
        guard let tensor = file.tensor(name) else {
            throw .missingTensor(file: file.path, name: name)
        }
        var found = tensor.shape
        while found.count > shape.count, found.last == 1 { found.removeLast() }
        guard found == shape, shape.allSatisfy({ $0 > 0 }) else {
            throw .tensorShape(file: file.path, name: name, found: tensor.shape, expected: shape)
        }
        self.found.insert(name)
        return tensor
    }

    /// Refuses a file that holds weights of blocks which nobody has asked for: they would
    /// change what it computes.
    func checkThatAllBlocksAreRead() throws(TransformerError) {
        for tensor in file.tensors where tensor.name.hasPrefix(TensorName.blockPrefix) {
            guard found.contains(tensor.name) || tensor.name.hasSuffix(TensorName.rotaryTableSuffix) else {
                throw .unexpectedTensor(file: file.path, name: tensor.name)
            }
        }
    }
}
