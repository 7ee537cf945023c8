import GGUF
public import Quantization
import Safetensors
import Terms

/// Writes a checkpoint as a GGUF file, a few rows at a time.
public struct CheckpointConversion: Sendable {
    // The names are ggml's own, in which the underscore parts the bits from the variant.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    /// What the weights are written as.
    public enum WeightType: String, Sendable, CaseIterable {
        case f32, f16, bf16
        // ggml's own name.
        // swift-format-ignore: AlwaysUseLowerCamelCase
        case q8_0

        /// The same under ggml's name.
        public var tensorType: TensorType {
            switch self {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            case .q8_0: .q8_0
            }
        }
    }

    /// What was written.
    public struct Report: Sendable, Equatable {
        /// The weights' type.
        public var type: TensorType
        /// How many tensors there are.
        public var tensorCount: Int
        /// Of them those that stay float32: norms, biases, routers.
        public var floatTensorCount: Int
        /// Tensors whose rows are no whole blocks of the type, and are float16.
        public var fallbackTensors: [String]
        /// The bytes of all tensors.
        public var byteCount: Int
    }

    /// The checkpoint.
    public let source: CheckpointSource
    /// The weights' type.
    public let type: TensorType

    /// Plans a conversion.
    ///
    /// - Parameter type: What the weights are written as; nil for what the checkpoint stores,
    ///   so that nothing is lost.
    public init(_ source: CheckpointSource, as type: WeightType? = nil) {
        self.source = source
        self.type = type?.tensorType ?? source.mainType
    }

    /// Writes the file; see `AtomicFile` for what a failure leaves behind.
    ///
    /// - Parameters:
    ///   - path: The file to make or replace; none of the checkpoint's own.
    ///   - progress: Hears how many bytes of how many have been written, and the tensor that is next.
    /// - Throws: `ConversionError` or `GGUFError`.
    public func write(
        to path: String, progress: @escaping (Int, Int, String) -> Void = { _, _, _ in }
    ) throws -> Report {
        var metadata = source.metadata
        metadata["general.file_type"] = .uint32(type.fileType)
        var writer = GGUFWriter(metadata)
        var report = Report(
            type: type, tensorCount: 0, floatTensorCount: 0, fallbackTensors: [], byteCount: 0)
        var plans: [(PlannedTensor, TensorType, Int)] = []
        for tensor in source.planned {
            let type = target(of: tensor)
            if type == .f32, self.type != .f32 { report.floatTensorCount += 1 }
            if type == .f16, self.type == .q8_0 { report.fallbackTensors.append(tensor.name) }
            guard let bytes = type.byteCount(elements: tensor.elementCount) else { continue }
            plans.append((tensor, type, bytes))
            report.byteCount += bytes
            report.tensorCount += 1
        }
        let total = report.byteCount
        let written = Counter()
        for (tensor, type, _) in plans {
            writer.add(tensor.name, shape: tensor.shape, type: type) { [source] output in
                progress(written.value, total, tensor.name)
                let rows = TensorRowWriter(tensor, as: type, of: source)
                try rows.write(to: &output) { bytes in
                    written.value += bytes
                    progress(written.value, total, tensor.name)
                }
                // What a tensor was made of is not read again.
                for file in source.folder.files { file.letGo() }
            }
        }
        try writer.write(to: path, refusing: inputs)
        return report
    }

    /// The files that are read, none of which may be written over.
    public var inputs: [String] { source.files }

    private func target(of tensor: PlannedTensor) -> TensorType {
        if TensorNames.staysFloat32(tensor.name, shape: tensor.shape) { return .f32 }
        return (tensor.shape.first ?? 1).isMultiple(of: type.blockSize) ? type : .f16
    }

    /// Counts across the closures of the tensors, which run one after the other.
    private final class Counter {
        var value = 0
    }
}
