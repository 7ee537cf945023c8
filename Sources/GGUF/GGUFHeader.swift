import Terms

/// Everything before the tensor data of one file.
///
///     "GGUF" | u32 version | u64 tensor count | u64 metadata count
///     metadata count × { string key | u32 type | value }
///     tensor count   × { string name | u32 dimension count | u64 dimensions[] | u32 type | u64 offset }
///     padding to the alignment | tensor data, each tensor padded to the alignment
///
/// A string is a u64 length and its bytes; an array is a u32 type, a u64 count and its elements; all
/// numbers are little-endian. The tensors' offsets must be the running sum of their padded sizes, in
/// listing order, which rules out overlaps and holes. Sources: ggml/docs/gguf.md, ggml/src/gguf.cpp.
struct GGUFHeader {
    var version: UInt32
    var metadata: GGUFMetadata
    var alignment: Int
    var tensors: [GGUFTensorInfo]
    var positions: [String: Int]
    /// Where the data begins; beyond the end of a file without tensors.
    var dataStart: Int

    /// Reads and checks a header; `holdsData` says whether the tensors' data must lie in the same bytes.
    init(_ contents: FileContents, holdsData: Bool = true) throws(GGUFError) {
        guard !contents.bytes.isEmpty else { throw .empty(contents.path) }
        var cursor = GGUFCursor(contents)
        version = try cursor.version()
        cursor.field = "tensor count"
        // Both counts, so that a file of a few bytes is called cut short and not overfull.
        try cursor.need(16)
        let tensorCount = try cursor.count(
            upTo: GGUFLimits.tensorCount, of: GGUFLimits.minimumTensorByteCount, else: .countTooLarge)
        cursor.field = "metadata count"
        let metadataCount = try cursor.count(
            upTo: GGUFLimits.metadataCount, of: GGUFLimits.minimumEntryByteCount, else: .countTooLarge)
        (metadata, alignment) = try cursor.metadata(metadataCount)
        (tensors, positions) = try cursor.tensors(tensorCount, alignment: alignment)
        // Cannot wrap: both are bounded by the size of the file plus the largest alignment.
        dataStart = (cursor.position + alignment - 1) / alignment * alignment
        if holdsData { try checkBounds(contents) }
    }

    /// Every tensor must end inside the file. The padding after the last one may be missing: llama.cpp's
    /// reader of whole models needs it as little.
    private func checkBounds(_ contents: FileContents) throws(GGUFError) {
        let available = max(0, contents.bytes.count - dataStart)
        for (index, tensor) in tensors.enumerated()
        // Cannot wrap: the running sum was checked.
        where tensor.byteCount > 0 && tensor.offset + tensor.byteCount > available {
            throw GGUFError(
                .dataOutOfBounds, path: contents.path, field: "data of \(tensor.name)", index: index,
                offset: dataStart, found: "\(available) bytes of tensor data in the file",
                allowed: "at least \(tensor.offset + tensor.byteCount)")
        }
    }
}

extension GGUFCursor {
    fileprivate mutating func version() throws(GGUFError) -> UInt32 {
        if !bytes.prefix(4).elementsEqual("GGUF".utf8.prefix(bytes.count)) {
            throw fault(
                .notGGUF, at: 0, found: LookAlike(bytes).rawValue, allowed: "a file that begins with GGUF")
        }
        _ = try take(4)
        field = "version"
        let start = position
        let version = try integer(UInt32.self)
        guard GGUFLimits.versions.contains(version) else {
            let range = "\(GGUFLimits.versions.lowerBound)...\(GGUFLimits.versions.upperBound)"
            if GGUFLimits.versions.contains(version.byteSwapped) {
                throw fault(
                    .bigEndian, at: start, found: "version \(version.byteSwapped), big-endian",
                    allowed: "\(range), little-endian")
            }
            throw fault(.unsupportedVersion, at: start, found: version, allowed: range)
        }
        return version
    }

    fileprivate mutating func metadata(
        _ count: Int
    ) throws(GGUFError) -> (metadata: GGUFMetadata, alignment: Int) {
        var metadata = GGUFMetadata(path: contents.path)
        var alignment = GGUFLimits.defaultAlignment
        for entry in 0..<count {
            field = "key"
            index = entry
            let start = position
            let key = try name(upTo: GGUFLimits.keyLength)
            guard metadata[key] == nil else {
                throw fault(.duplicateKey, at: start, found: "\(key) again", allowed: "each key once")
            }
            field = key
            let valueStart = position
            let value = try value()
            if key == GGUFKey.alignment { alignment = try checkedAlignment(value, at: valueStart) }
            metadata[key] = value
        }
        index = nil
        return (metadata, alignment)
    }

    private func checkedAlignment(_ value: GGUFValue, at start: Int) throws(GGUFError) -> Int {
        let allowed = "a power of two up to \(GGUFLimits.alignment), as uint32"
        guard case .uint32(let stored) = value else {
            throw fault(.badAlignment, at: start, found: value.type, allowed: allowed)
        }
        guard stored.nonzeroBitCount == 1, stored <= GGUFLimits.alignment else {
            throw fault(.badAlignment, at: start, found: stored, allowed: allowed)
        }
        return Int(stored)
    }
}
