import Terms

/// Reads one value after the other and refuses to step over the end.
///
/// It carries what it is reading, so that each fault names the field without the callers' help.
struct GGUFCursor {
    let contents: FileContents
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    /// What is being read, and which of several.
    var field = "magic"
    var index: Int?

    init(_ contents: FileContents) {
        self.contents = contents
        bytes = contents.bytes
    }

    /// How many bytes are left; never negative.
    var remaining: Int { bytes.count - position }

    /// A fault in the current field; it stands at `offset`, or where the cursor is.
    func fault(_ kind: GGUFError.Kind, at offset: Int? = nil, found: some Any, allowed: String) -> GGUFError {
        GGUFError(
            kind, path: contents.path, field: field, index: index, offset: offset ?? position,
            found: "\(found)", allowed: allowed)
    }

    /// Refuses a file that ends before `count` more bytes.
    func need(_ count: Int) throws(GGUFError) {
        guard count <= remaining else {
            throw fault(.truncated, found: "\(remaining) bytes to the end", allowed: "at least \(count)")
        }
    }

    /// The range of the next `count` bytes, which are stepped over.
    mutating func take(_ count: Int) throws(GGUFError) -> Range<Int> {
        try need(count)
        let start = position
        position += count
        return start..<position
    }

    /// A little-endian number.
    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(GGUFError) -> Value {
        let range = try take(MemoryLayout<Value>.size)
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Value.self))
    }

    /// A count of things that take at least `minimum` bytes each.
    mutating func count(
        upTo limit: Int, of minimum: Int, else kind: GGUFError.Kind
    ) throws(GGUFError) -> Int {
        let start = position
        let stored = try integer(UInt64.self)
        // Divided, not multiplied: the product of two numbers of the file could wrap.
        let allowed = min(limit, remaining / minimum)
        guard stored <= UInt64(allowed) else {
            throw fault(kind, at: start, found: stored, allowed: "0...\(allowed)")
        }
        return Int(stored)
    }

    /// The range of a string's bytes, without the length before them.
    mutating func string(_ lengths: ClosedRange<Int>) throws(GGUFError) -> Range<Int> {
        let start = position
        let length = try integer(UInt64.self)
        let most = min(lengths.upperBound, remaining)
        guard length >= UInt64(lengths.lowerBound), length <= UInt64(most) else {
            throw fault(
                .badStringLength, at: start, found: length, allowed: "\(lengths.lowerBound) to \(most) bytes")
        }
        return try take(Int(length))
    }

    /// A key or a name: valid UTF-8 without a zero byte.
    mutating func name(upTo limit: Int) throws(GGUFError) -> String {
        let range = try string(1...limit)
        let stored = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard !stored.contains(0), let text = String(validating: stored, as: UTF8.self) else {
            throw fault(
                .badText, at: range.lowerBound, found: String(decoding: stored.prefix(64), as: UTF8.self),
                allowed: "UTF-8 without a zero byte")
        }
        return text
    }

    /// Steps over `count` strings, checking that each lies inside the file, and gives the range of all.
    mutating func strings(_ count: Int) throws(GGUFError) -> Range<Int> {
        let start = position
        var next = position
        for index in 0..<count {
            guard bytes.count - next >= 8 else {
                position = next
                throw fault(
                    .truncated, found: "\(remaining) bytes before string \(index)", allowed: "at least 8")
            }
            let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: next, as: UInt64.self))
            next += 8
            guard length <= UInt64(bytes.count - next) else {
                throw fault(
                    .badStringLength, at: next - 8, found: "\(length) for string \(index)",
                    allowed: "0 to \(bytes.count - next) bytes")
            }
            next += Int(length)
        }
        position = next
        return start..<next
    }
}
