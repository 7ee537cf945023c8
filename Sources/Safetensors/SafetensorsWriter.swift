public import Terms

/// Lays out a safetensors file and writes it atomically, tensor after tensor.
///
/// The header is checked by the reader's own rules before a byte is written. Tensors of wider elements
/// come first and the header is padded to 8 bytes, so that every element is aligned to its size.
public struct SafetensorsWriter {
    /// The texts for `__metadata__`, written sorted by key.
    public var metadata: [String: String]

    private var tensors: [Tensor] = []

    private struct Tensor {
        let name: String
        let type: SafetensorsType
        let shape: [Int]
        let write: (inout AtomicFile.Writer) throws -> Void
    }

    /// Starts with metadata and no tensors.
    public init(metadata: [String: String] = [:]) {
        self.metadata = metadata
    }

    /// Adds a tensor whose bytes `write` produces when the file is written: exactly as many as the shape
    /// (contiguous dimension last) and the type need.
    public mutating func add(
        _ name: String, shape: [Int], type: SafetensorsType,
        write: @escaping (inout AtomicFile.Writer) throws -> Void
    ) {
        tensors.append(Tensor(name: name, type: type, shape: shape, write: write))
    }

    /// Adds a tensor that is in memory, in the encoding of its type.
    public mutating func add(_ name: String, shape: [Int], type: SafetensorsType, bytes: [UInt8]) {
        add(name, shape: shape, type: type) { try $0.write(bytes) }
    }

    /// Adds a tensor of float32.
    public mutating func add(_ name: String, shape: [Int], floats: [Float]) {
        add(name, shape: shape, type: .float32) { try $0.write(floats) }
    }

    /// Writes the file; see `AtomicFile` for what a failure leaves behind.
    ///
    /// - Parameter inputs: Files that must not be replaced, because they are being read.
    /// - Throws: `SafetensorsError`, or what a tensor's closure throws.
    public func write(to path: String, refusing inputs: [String] = []) throws {
        // Sorting is stable: tensors of one width stay in the order in which they were added.
        let ordered = tensors.sorted { $0.type.bitCount > $1.type.bitCount }
        let header = try header(ordered, path)
        do {
            try AtomicFile.write(to: path, refusing: inputs) { writer in
                try writer.write(header)
                for tensor in ordered {
                    let start = writer.byteCount
                    try tensor.write(&writer)
                    let needed = (tensor.type.bitCount(shape: tensor.shape) ?? 0) / 8
                    guard writer.byteCount - start == needed else {
                        throw SafetensorsError(
                            .wrongByteCount, path: path, field: tensor.name, offset: start,
                            found: "\(writer.byteCount - start) bytes",
                            allowed: "\(needed) for \(tensor.shape) of \(tensor.type.rawValue)")
                    }
                }
            }
        } catch let error as FileError {
            throw SafetensorsError(error)
        }
    }

    /// The length and the JSON, read back by the reader.
    private func header(_ tensors: [Tensor], _ path: String) throws(SafetensorsError) -> [UInt8] {
        var entries: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map {
                "\(Self.quoted($0.key)):\(Self.quoted($0.value))"
            }
            entries.append("\(Self.quoted(SafetensorsHeader.metadataKey)):{\(texts.joined(separator: ","))}")
        }
        var offset = 0
        for tensor in tensors {
            guard let bits = tensor.type.bitCount(shape: tensor.shape),
                case let end = offset.addingReportingOverflow(bits / 8), !end.overflow
            else {
                throw SafetensorsError(
                    .validationOverflow, path: path, field: tensor.name,
                    found: "\(tensor.shape) of \(tensor.type.rawValue)", allowed: "at most \(Int.max) bits")
            }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                """
                \(Self.quoted(tensor.name)):{"dtype":"\(tensor.type.rawValue)","shape":[\(shape)],\
                "data_offsets":[\(offset),\(end.partialValue)]}
                """)
            offset = end.partialValue
        }
        var text = Array("{\(entries.joined(separator: ","))}".utf8)
        text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        var bytes: [UInt8] = []
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += text
        _ = try SafetensorsHeader(FileContents(copying: bytes, path: path), dataByteCount: offset)
        return bytes
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
