public import GGUF
internal import Quantization
internal import Terms

/// A model in other types: reads it tensor by tensor, decodes, encodes on all threads, writes.
///
/// Memory holds a slice of one tensor, whatever the size of the model.
public struct ModelQuantizer: Sendable {
    private let source: any ModelSource
    private let target: QuantizationTarget
    /// What becomes of each tensor, in the order of the source.
    public let plan: [TensorAssignment]

    /// Plans the types of all tensors.
    ///
    /// - Parameters:
    ///   - source: A model.
    ///   - target: What to make of it.
    ///   - isPure: One type for all matrices, instead of more bits for the sensitive ones.
    ///   - allowsRequantizing: Whether tensors that are quantised already may be quantised again, which adds
    ///     the new error to the old one.
    /// - Throws: `QuantizingError`, or `GGUFError` where the model's description is not whole.
    public init(
        _ source: any ModelSource, target: QuantizationTarget, isPure: Bool = false,
        allowsRequantizing: Bool = false
    ) throws {
        guard try source.metadata.string("general.architecture") != "controlvector" else {
            throw QuantizingError.notAModel(path: source.path)
        }
        plan = try Self.plan(source, target: target, isPure: isPure)
        guard source.tensors.contains(where: { TensorRole($0) != .kept }) else {
            throw QuantizingError.notAModel(path: source.path)
        }
        for tensor in plan where tensor.from != tensor.to {
            guard tensor.from.isDecodable else {
                throw QuantizingError.cannotDecode(path: source.path, tensor: tensor.name, type: tensor.from)
            }
            guard allowsRequantizing || !tensor.from.isQuantized else {
                throw QuantizingError.alreadyQuantized(
                    path: source.path, tensor: tensor.name, type: tensor.from)
            }
        }
        self.source = source
        self.target = target
    }

    /// Bytes of all tensors as they will be written.
    public var byteCount: Int { plan.reduce(0) { $0 + $1.byteCount } }

    /// Writes the model, atomically.
    ///
    /// - Parameters:
    ///   - path: The file to make or replace; never one of the source's own.
    ///   - inputs: Further files that must not be replaced.
    ///   - threads: How many threads encode.
    ///   - progress: Hears how many of `byteCount` bytes are written.
    /// - Throws: `QuantizingError` where a value cannot be stored; `GGUFError` for the file.
    public func write(
        to path: String, refusing inputs: [String] = [], threads: Int = 1,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        var metadata = source.metadata
        metadata["general.file_type"] = .uint32(UInt32(target.rawValue))
        metadata["general.quantization_version"] = .uint32(2)
        var writer = GGUFWriter(metadata)
        var start = 0
        for (tensor, planned) in zip(source.tensors, plan) {
            let (source, before) = (source, start)
            writer.add(tensor.name, shape: tensor.shape, type: planned.to) { file in
                var written = before
                try TensorRecoding(tensor, of: source, to: planned.to, threads: threads).run { slice in
                    try file.write(slice)
                    written += slice.count
                    progress(written)
                }
            }
            start += planned.byteCount
        }
        try writer.write(to: path, refusing: inputs + source.files)
    }
}
