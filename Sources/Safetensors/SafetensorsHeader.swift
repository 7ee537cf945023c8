import Terms

/// Everything before the tensor data.
///
///     u64 length N, little-endian | N bytes of JSON | tensor data
///     { "__metadata__": { "key": "text" }, "name": { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] } }
///
/// The offsets count from the end of the header, and the tensors fill the rest of the file without holes
/// or overlaps. The JSON begins with its brace and may be followed by spaces. Source: the README and
/// `tensor.rs` of huggingface/safetensors.
struct SafetensorsHeader {
    /// As in the reference library: a header of more is refused before it is looked at.
    static let lengthLimit = 100_000_000
    static let metadataKey = "__metadata__"

    var metadata: [String: String] = [:]
    /// In the order of their data.
    var tensors: [SafetensorsTensor] = []
    var dataStart: Int

    /// Reads and checks a header, for data of `dataByteCount` bytes: those in `contents` where it is nil.
    init(_ contents: FileContents, dataByteCount: Int? = nil) throws(SafetensorsError) {
        let bytes = contents.bytes
        func fault(
            _ kind: SafetensorsError.Kind, at offset: Int = 0, found: String, allowed: String
        ) -> SafetensorsError {
            SafetensorsError(
                kind, path: contents.path, field: "header length", offset: offset, found: found,
                allowed: allowed)
        }
        guard bytes.count >= 8 else {
            throw fault(.headerTooSmall, found: "\(bytes.count) bytes", allowed: "at least 8")
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= Self.lengthLimit else {
            throw fault(.headerTooLarge, found: "\(length)", allowed: "at most \(Self.lengthLimit)")
        }
        guard length <= bytes.count - 8 else {
            throw fault(.invalidHeaderLength, found: "\(length)", allowed: "at most \(bytes.count - 8)")
        }
        dataStart = 8 + Int(length)
        guard length > 0, bytes[8] == UInt8(ascii: "{") else {
            throw fault(.invalidHeaderStart, at: 8, found: "another byte", allowed: "{")
        }
        var scanner = JSONScanner(
            UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]), path: contents.path, base: 8)
        try scan(&scanner)
        try checkOffsets(contents.path, dataByteCount: dataByteCount ?? bytes.count - dataStart)
    }

    private mutating func scan(_ scanner: inout JSONScanner) throws(SafetensorsError) {
        var metadata: [String: String] = [:]
        var tensors: [SafetensorsTensor] = []
        try scanner.object { scanner, key throws(SafetensorsError) in
            if key == Self.metadataKey {
                metadata = try scanner.metadata()
            } else {
                tensors.append(try scanner.tensor(key))
            }
        }
        try scanner.end()
        (self.metadata, self.tensors) = (metadata, tensors)
    }

    /// Sorted by their place, each tensor must begin where the one before it ends.
    private mutating func checkOffsets(_ path: String, dataByteCount: Int) throws(SafetensorsError) {
        tensors.sort {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var next = 0
        for tensor in tensors {
            guard tensor.range.lowerBound == next else {
                throw SafetensorsError(
                    .invalidOffset, path: path, field: "data_offsets of \(tensor.name)",
                    found: "\(tensor.range.lowerBound)", allowed: "\(next), where the tensor before it ends")
            }
            next = tensor.range.upperBound
        }
        guard next == dataByteCount else {
            throw SafetensorsError(
                .metadataIncompleteBuffer, path: path, field: "tensor data", offset: dataStart,
                found: "\(dataByteCount) bytes in the file", allowed: "\(next), which the tensors take")
        }
    }
}

extension JSONScanner {
    fileprivate mutating func metadata() throws(SafetensorsError) -> [String: String] {
        var metadata: [String: String] = [:]
        guard peek() == UInt8(ascii: "{") else {
            throw fault(.invalidMetadata, allowed: "an object of texts as \(SafetensorsHeader.metadataKey)")
        }
        try object { scanner, key throws(SafetensorsError) in
            guard scanner.peek() == UInt8(ascii: "\"") else {
                throw scanner.fault(.invalidMetadata, allowed: "a text as the value of \(key)")
            }
            metadata[key] = try scanner.string()
        }
        return metadata
    }

    fileprivate mutating func tensor(_ name: String) throws(SafetensorsError) -> SafetensorsTensor {
        _ = peek()
        let start = offset
        var type: SafetensorsType?
        var shape: [Int]?
        var offsets: [Int]?
        try object { scanner, key throws(SafetensorsError) in
            switch key {
            case "dtype": type = try scanner.type(of: name)
            case "shape": shape = try scanner.naturalNumbers()
            case "data_offsets": offsets = try scanner.naturalNumbers()
            default: try scanner.skipValue()
            }
        }
        func fault(_ kind: SafetensorsError.Kind, _ found: String, _ allowed: String) -> SafetensorsError {
            SafetensorsError(kind, path: path, field: name, offset: start, found: found, allowed: allowed)
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw fault(.tensorInvalidInfo, "another set of fields", "dtype, shape and two data_offsets")
        }
        guard offsets[0] <= offsets[1] else {
            throw fault(.invalidOffset, "\(offsets)", "a beginning that is not after the end")
        }
        guard let bits = type.bitCount(shape: shape) else {
            throw fault(.validationOverflow, "\(shape) of \(type.rawValue)", "at most \(Int.max) bits")
        }
        guard bits.isMultiple(of: 8) else {
            throw fault(.misalignedSlice, "\(shape) of \(type.rawValue)", "a whole number of bytes")
        }
        guard bits / 8 == offsets[1] - offsets[0] else {
            throw fault(
                .tensorInvalidInfo, "\(offsets[1] - offsets[0]) bytes",
                "\(bits / 8) for \(shape) of \(type.rawValue)")
        }
        return SafetensorsTensor(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
    }

    private mutating func type(of name: String) throws(SafetensorsError) -> SafetensorsType {
        _ = peek()
        let start = offset
        let text = try string()
        guard let type = SafetensorsType(rawValue: text) else {
            let known = SafetensorsType.allCases.map(\.rawValue).joined(separator: " ")
            throw SafetensorsError(
                .unknownType, path: path, field: "dtype of \(name)", offset: start, found: text,
                allowed: known)
        }
        return type
    }

    private mutating func naturalNumbers() throws(SafetensorsError) -> [Int] {
        var numbers: [Int] = []
        try array { scanner throws(SafetensorsError) in numbers.append(try scanner.naturalNumber()) }
        return numbers
    }
}

extension SafetensorsType {
    /// The bits of a tensor; nil where an `Int` does not hold them, zeros in the shape left aside so that
    /// any part of it can be multiplied later.
    func bitCount(shape: [Int]) -> Int? {
        var bits = bitCount
        for dimension in shape {
            let (product, overflow) = bits.multipliedReportingOverflow(by: max(dimension, 1))
            guard dimension >= 0, !overflow else { return nil }
            bits = product
        }
        return shape.contains(0) ? 0 : bits
    }
}
