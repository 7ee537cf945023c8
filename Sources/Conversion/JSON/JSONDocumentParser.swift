import Terms

/// Turns JSON text into the nodes of a `JSONDocument`.
///
/// As Python's reader, it takes `NaN`, `Infinity` and `-Infinity` as numbers: configurations have them. A
/// number that is not finite is refused where it is asked for.
struct JSONDocumentParser {
    private(set) var nodes: [JSONDocument.Node] = []
    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private var position = 0

    /// Objects with more keys are lists, as a vocabulary, whose reader looks for equal ones itself.
    private static let checkedKeyCount = 4096

    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// Reads the one value of the text.
    mutating func run() throws(ConversionError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        try value(depth: 0)
        guard next() == nil else { throw fault("nothing behind the value") }
    }

    private func fault(_ allowed: String, at offset: Int? = nil) -> ConversionError {
        let offset = offset ?? position
        var found = "the end"
        if offset < bytes.count {
            let byte = bytes[offset]
            found =
                (0x20..<0x7F).contains(byte)
                ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
        }
        return ConversionError(
            .invalidJSON, path: path, field: "byte \(offset)", found: found, allowed: allowed)
    }

    /// The next byte that is no white space; nil at the end.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        position += 1
        return true
    }

    @discardableResult
    private mutating func append(_ kind: JSONDocument.Kind, _ start: Int, _ end: Int) -> Int {
        nodes.append(
            JSONDocument.Node(
                kind: kind, start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
                next: Int32(truncatingIfNeeded: nodes.count + 1)))
        return nodes.count - 1
    }

    private mutating func close(_ node: Int) {
        nodes[node].end = Int32(truncatingIfNeeded: position)
        nodes[node].next = Int32(truncatingIfNeeded: nodes.count)
    }

    private mutating func value(depth: Int) throws(ConversionError) {
        guard depth < JSONDocument.depthLimit else {
            throw ConversionError(
                .tooDeep, path: path, field: "byte \(position)", found: "nesting",
                allowed: "at most \(JSONDocument.depthLimit) levels")
        }
        guard let first = next() else { throw fault("a value") }
        switch first {
        case UInt8(ascii: "{"): try object(depth: depth)
        case UInt8(ascii: "["): try array(depth: depth)
        case UInt8(ascii: "\""): try string()
        default: try word()
        }
    }

    private mutating func object(depth: Int) throws(ConversionError) {
        let node = append(.object, position, position)
        position += 1
        if take(UInt8(ascii: "}")) { return close(node) }
        repeat {
            guard next() == UInt8(ascii: "\"") else { throw fault("a key in quotes") }
            try string()
            guard take(UInt8(ascii: ":")) else { throw fault("':'") }
            try value(depth: depth + 1)
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fault("',' or '}'") }
        close(node)
        try checkKeys(of: node)
    }

    /// Foundation's readers, and Python's, keep one of two equal keys without a word.
    private func checkKeys(of object: Int) throws(ConversionError) {
        var seen: Set<[UInt8]> = []
        var index = object + 1
        while index < nodes.count {
            let key = nodes[index]
            let text = Array(bytes[Int(key.start)..<Int(key.end)])
            guard seen.insert(text).inserted else {
                throw ConversionError(
                    .duplicateKey, path: path, field: "byte \(key.start)",
                    found: "\(String(decoding: text, as: UTF8.self)) again", allowed: "each key once")
            }
            if seen.count > Self.checkedKeyCount { return }
            index = Int(nodes[index + 1].next)
        }
    }

    private mutating func array(depth: Int) throws(ConversionError) {
        let node = append(.array, position, position)
        position += 1
        if take(UInt8(ascii: "]")) { return close(node) }
        repeat { try value(depth: depth + 1) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fault("',' or ']'") }
        close(node)
    }

    private mutating func string() throws(ConversionError) {
        position += 1
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                append(hasEscapes ? .escapedString : .string, start, position)
                position += 1
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            case 0..<0x20:
                throw fault("no control characters in a string")
            default:
                position += 1
            }
        }
        throw fault("a closing quote")
    }

    /// Checks an escape and steps over it; `JSONNode` resolves it.
    private mutating func escape() throws(ConversionError) {
        guard position + 1 < bytes.count else { throw fault("an escape") }
        switch bytes[position + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
            position += 2
        case UInt8(ascii: "u"):
            guard position + 6 <= bytes.count, bytes[position + 2..<position + 6].allSatisfy(\.isHexDigit)
            else {
                throw fault("four hexadecimal digits")
            }
            position += 6
        default:
            throw fault("an escape that JSON knows", at: position + 1)
        }
    }

    private mutating func word() throws(ConversionError) {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: position += 1
            default: return try classify(start)
            }
        }
        try classify(start)
    }

    private mutating func classify(_ start: Int) throws(ConversionError) {
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        switch word {
        case "null": append(.null, start, position)
        case "true", "false": append(.boolean, start, position)
        case "NaN", "Infinity", "-Infinity": append(.number, start, position)
        default:
            let digits = word.hasPrefix("-") ? word.dropFirst() : word[...]
            guard let first = digits.utf8.first, (0x30...0x39).contains(first),
                digits.utf8.allSatisfy({
                    (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0)
                }),
                Double(word) != nil
            else {
                throw fault("a value", at: start)
            }
            append(.number, start, position)
        }
    }
}

extension UInt8 {
    /// Whether it is 0-9, a-f or A-F.
    var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
