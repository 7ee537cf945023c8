public import Quantization
public import Terms

/// Lays out a GGUF file of version 3 and writes it atomically, tensor after tensor.
///
/// The header is checked by the reader's own rules before a byte is written: what this writes,
/// `GGUFFile` opens. Every tensor starts at a multiple of `general.alignment` (32 where the metadata do not
/// say) and the last one is padded too, because llama.cpp reads control vectors and adapters by their
/// padded sizes.
public struct GGUFWriter {
    /// The keys and values, in the order in which they are written; `general.architecture` goes first by
    /// custom.
    public var metadata: GGUFMetadata

    private var tensors: [Tensor] = []

    private struct Tensor {
        let name: String
        let shape: [Int]
        let type: TensorType
        let write: (inout AtomicFile.Writer) throws -> Void
    }

    /// Starts with metadata and no tensors.
    public init(_ metadata: GGUFMetadata = GGUFMetadata()) {
        self.metadata = metadata
    }

    /// Adds a tensor whose bytes `write` produces when the file is written: exactly as many as the shape
    /// and the type need, so that no more than one tensor is in memory at a time.
    public mutating func add(
        _ name: String, shape: [Int], type: TensorType,
        write: @escaping (inout AtomicFile.Writer) throws -> Void
    ) {
        tensors.append(Tensor(name: name, shape: shape, type: type, write: write))
    }

    /// Adds a tensor that is in memory, in the encoding of its type.
    public mutating func add(_ name: String, shape: [Int], type: TensorType, bytes: [UInt8]) {
        add(name, shape: shape, type: type) { try $0.write(bytes) }
    }

    /// Adds a tensor of float32.
    public mutating func add(_ name: String, shape: [Int], floats: [Float]) {
        add(name, shape: shape, type: .f32) { try $0.write(floats) }
    }

    /// Adds a tensor of an open file as it is; the file stays open until the writer is gone.
    public mutating func add(_ tensor: GGUFTensorInfo, from file: GGUFFile) {
        add(tensor.name, shape: tensor.shape, type: tensor.type) { try $0.write(file.bytes(of: tensor)) }
    }

    /// Writes the file; see `AtomicFile` for what a failure leaves behind.
    ///
    /// - Parameter inputs: Files that must not be replaced, because they are being read.
    /// - Throws: `GGUFError`, or what a tensor's closure throws.
    public func write(to path: String, refusing inputs: [String] = []) throws {
        let header = try header(path)
        do {
            try AtomicFile.write(to: path, refusing: inputs) { writer in
                try writer.write(header.bytes)
                if !tensors.isEmpty { try pad(&writer, to: header.alignment) }
                for (index, (tensor, info)) in zip(tensors, header.tensors).enumerated() {
                    let start = writer.byteCount
                    try tensor.write(&writer)
                    guard writer.byteCount - start == info.byteCount else {
                        throw GGUFError(
                            .wrongByteCount, path: path, field: "data of \(tensor.name)", index: index,
                            offset: start, found: "\(writer.byteCount - start) bytes",
                            allowed: "\(info.byteCount) for \(tensor.shape) of \(tensor.type)")
                    }
                    try pad(&writer, to: header.alignment)
                }
            }
        } catch let error as FileError {
            throw GGUFError(error)
        }
    }

    /// The bytes before the padding and the data, read back by the reader.
    private func header(
        _ path: String
    ) throws(GGUFError) -> (bytes: [UInt8], tensors: [GGUFTensorInfo], alignment: Int) {
        // A value that is no alignment is refused below, with the reader's words.
        var alignment = GGUFLimits.defaultAlignment
        if case .uint32(let value)? = metadata[GGUFKey.alignment], value > 0 { alignment = Int(value) }
        var bytes = Array("GGUF".utf8)
        bytes.appendLittleEndian(UInt32(3))
        bytes.appendLittleEndian(UInt64(tensors.count))
        bytes.appendLittleEndian(UInt64(metadata.entries.count))
        for entry in metadata.entries {
            bytes.appendString(entry.key.utf8)
            entry.value.encode(into: &bytes)
        }
        var offset: UInt64 = 0
        for tensor in tensors {
            bytes.appendString(tensor.name.utf8)
            bytes.appendLittleEndian(UInt32(tensor.shape.count))
            for dimension in tensor.shape { bytes.appendLittleEndian(Int64(dimension)) }
            bytes.appendLittleEndian(tensor.type.rawValue)
            bytes.appendLittleEndian(offset)
            // Wrapping arithmetic: a shape that wraps is refused below, before its offset is looked at.
            let elements = tensor.shape.reduce(1, &*)
            let size = UInt64(tensor.type.byteCount(elements: elements) ?? 0)
            offset &+= (size &+ UInt64(alignment - 1)) / UInt64(alignment) &* UInt64(alignment)
        }
        let header = try GGUFHeader(FileContents(copying: bytes, path: path), holdsData: false)
        return (bytes, header.tensors, header.alignment)
    }

    private func pad(_ writer: inout AtomicFile.Writer, to alignment: Int) throws(FileError) {
        try writer.writeZeros((alignment - writer.byteCount % alignment) % alignment)
    }
}
