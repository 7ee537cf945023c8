/// Python's strings are sequences of Unicode scalars; these walk the UTF-8 by scalars.
extension Text {
    /// The number of Unicode scalars.
    var scalarCount: Int {
        var count = 0
        for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    var isASCII: Bool { bytes.allSatisfy { $0 < 0x80 } }

    /// The byte offsets at which scalars start, and the end.
    var scalarOffsets: ScalarOffsets { ScalarOffsets(bytes) }

    /// Calls `body` with each scalar and whether its first byte came from outside the template.
    @inline(__always)
    func forEachScalar(_ body: (Unicode.Scalar, Bool) -> Void) {
        var position = 0
        var marks = InputMarks(origin)
        while position < bytes.count {
            let (scalar, length) = UTF8Scan.scalar(in: bytes, at: position)
            body(scalar, marks.isInput(position))
            position += length
        }
    }

    /// Each scalar as a text of its own.
    func scalars() -> [Text] {
        let offsets = scalarOffsets
        return (0..<offsets.scalarCount).map { self[offsets[$0]..<offsets[$0 + 1]] }
    }
}

/// The byte offsets at which the scalars of a text start, and its end; without a table
/// where the text is ASCII.
struct ScalarOffsets {
    private let table: [Int]?
    let scalarCount: Int

    init(_ bytes: [UInt8]) {
        if bytes.allSatisfy({ $0 < 0x80 }) {
            table = nil
            scalarCount = bytes.count
            return
        }
        var table: [Int] = []
        table.reserveCapacity(bytes.count + 1)
        for (offset, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 { table.append(offset) }
        scalarCount = table.count
        table.append(bytes.count)
        self.table = table
    }

    /// The byte at which the scalar starts; the end for the number of scalars.
    subscript(scalar: Int) -> Int { table?[scalar] ?? scalar }

    /// The empty ranges between all scalars and at both ends.
    var gaps: [Range<Int>] { (0...scalarCount).map { self[$0]..<self[$0] } }
}

/// Answers for ascending positions whether they came from outside the template.
struct InputMarks {
    private let origin: Text.Origin
    private var next = 0

    init(_ origin: Text.Origin) {
        self.origin = origin
    }

    mutating func isInput(_ position: Int) -> Bool {
        switch origin {
        case .template: return false
        case .input: return true
        case .mixed(let ranges):
            while next < ranges.count, ranges[next].upperBound <= position { next += 1 }
            return next < ranges.count && ranges[next].contains(position)
        }
    }
}

/// Decoding of UTF-8 that is known to be valid, forwards and backwards.
enum UTF8Scan {
    /// The scalar that starts at `position`, and its length in bytes.
    static func scalar(in bytes: [UInt8], at position: Int) -> (Unicode.Scalar, length: Int) {
        let first = bytes[position]
        if first < 0x80 { return (Unicode.Scalar(first), 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard position + length <= bytes.count else { return ("\u{FFFD}", 1) }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(bytes[position + offset] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }

    /// The scalar that ends before `position`, and its length in bytes.
    static func scalar(in bytes: [UInt8], before position: Int) -> (Unicode.Scalar, length: Int) {
        var start = position - 1
        while start > 0, position - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return (scalar(in: bytes, at: start).0, position - start)
    }

    /// What Python calls whitespace, in `str.strip` and in `\s`.
    static func isWhitespace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000:
            true
        default: false
        }
    }

    /// The first position from `position` on that is not whitespace.
    static func skipWhitespace(in bytes: [UInt8], from position: Int, to end: Int) -> Int {
        var position = position
        while position < end {
            let (scalar, length) = scalar(in: bytes, at: position)
            if !isWhitespace(scalar) { break }
            position += length
        }
        return position
    }

    /// The end of what is left of `start..<end` without its trailing whitespace.
    static func trimTrailing(in bytes: [UInt8], from start: Int, to end: Int) -> Int {
        var end = end
        while end > start {
            let (scalar, length) = scalar(in: bytes, before: end)
            if !isWhitespace(scalar) { break }
            end -= length
        }
        return end
    }
}
