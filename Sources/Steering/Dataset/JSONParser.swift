/// A strict JSON parser (RFC 8259) over checked UTF-8: duplicate keys, depth and trailing bytes are errors.
struct JSONParser {
    private let text: JSONText
    private let bytes: [UInt8]
    private var next = 0

    private init(_ text: JSONText) {
        self.text = text
        bytes = text.bytes
    }

    /// The one value that the text holds.
    static func parse(_ text: JSONText) throws(SteeringError) -> JSONNode {
        var parser = JSONParser(text)
        let node = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.next == parser.bytes.count else {
            throw parser.fault("expected the end of the file, found \(parser.found)")
        }
        return node
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private mutating func value(depth: Int) throws(SteeringError) -> JSONNode {
        guard depth <= JSONText.greatestDepth else {
            throw SteeringError(
                .tooDeep,
                "\(text.name): \(text.position(of: next)): nested deeper than \(JSONText.greatestDepth) levels",
                remedy: text.form.remedy("a dataset needs four levels; see datasets/schema.json"))
        }
        skipSpace()
        let start = next
        guard let byte = peek else { throw fault("expected a value, found the end of the file") }
        switch byte {
        case UInt8(ascii: "{"): return JSONNode(offset: start, value: .object(try object(depth: depth)))
        case UInt8(ascii: "["): return JSONNode(offset: start, value: .array(try array(depth: depth)))
        case UInt8(ascii: "\""): return JSONNode(offset: start, value: .string(try string()))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return JSONNode(offset: start, value: .number(try number()))
        case UInt8(ascii: "t") where take("true"): return JSONNode(offset: start, value: .boolean(true))
        case UInt8(ascii: "f") where take("false"): return JSONNode(offset: start, value: .boolean(false))
        case UInt8(ascii: "n") where take("null"): return JSONNode(offset: start, value: .null)
        default: throw fault("expected a value, found \(found)")
        }
    }

    private mutating func object(depth: Int) throws(SteeringError) -> [JSONNode.Member] {
        next += 1
        var members: [JSONNode.Member] = []
        var keys: Set<String> = []
        skipSpace()
        if take("}") { return members }
        while true {
            skipSpace()
            let keyOffset = next
            guard peek == UInt8(ascii: "\"") else {
                throw fault("expected a field name in quotes, found \(found)")
            }
            let key = try string()
            guard keys.insert(key).inserted else {
                throw SteeringError(
                    .duplicateField,
                    "\(text.name): \(text.position(of: keyOffset)): the field \"\(key)\" occurs twice",
                    remedy: "keep one of them")
            }
            skipSpace()
            guard take(":") else { throw fault("expected ':' after \"\(key)\", found \(found)") }
            members.append(.init(key: key, keyOffset: keyOffset, node: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return members }
            guard take(",") else { throw fault("expected ',' or '}', found \(found)") }
        }
    }

    private mutating func array(depth: Int) throws(SteeringError) -> [JSONNode] {
        next += 1
        var elements: [JSONNode] = []
        skipSpace()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return elements }
            guard take(",") else { throw fault("expected ',' or ']', found \(found)") }
        }
    }
}

// MARK: - Scalars

extension JSONParser {
    private mutating func string() throws(SteeringError) -> String {
        let start = next
        next += 1
        var content: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                next += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                content.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw fault("a text must write this control character as an escape, such as \\n")
            default:
                content.append(byte)
                next += 1
            }
        }
        throw fault("the text that starts here has no closing quote", at: start)
    }

    private mutating func escape() throws(SteeringError) -> Unicode.Scalar {
        let start = next
        next += 1
        guard let byte = peek else { throw fault("an escape is cut off", at: start) }
        next += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw fault("unknown escape", at: start)
        }
        let first = try hexadecimal(at: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A high surrogate needs its low one: \uD83D\uDE00.
        guard (0xD800..<0xDC00).contains(first), take("\\u") else {
            throw fault("half a surrogate pair", at: start)
        }
        let second = try hexadecimal(at: start)
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw fault("half a surrogate pair", at: start) }
        return scalar
    }

    private mutating func hexadecimal(at start: Int) throws(SteeringError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Self.hexadecimalDigit(byte) else {
                throw fault("\\u needs four hexadecimal digits", at: start)
            }
            value = value << 4 | digit
            next += 1
        }
        return value
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// The number as it is written: what reads it decides whether it must be an integer.
    private mutating func number() throws(SteeringError) -> String {
        let start = next
        _ = take("-")
        if !take("0") { try digits(start) }
        if take(".") { try digits(start) }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits(start)
        }
        return String(decoding: bytes[start..<next], as: UTF8.self)
    }

    private mutating func digits(_ start: Int) throws(SteeringError) {
        let first = next
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { next += 1 }
        guard next > first else { throw fault("a number is cut off", at: start) }
    }
}

// MARK: - Bytes

extension JSONParser {
    private var peek: UInt8? { next < bytes.count ? bytes[next] : nil }

    private mutating func skipSpace() {
        while let byte = peek, Self.isSpace(byte) { next += 1 }
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count - next >= length else { return false }
        let matches = word.withUTF8Buffer { expected in
            bytes[next..<next + length].elementsEqual(expected)
        }
        if matches { next += length }
        return matches
    }

    /// The character at the current byte, for messages.
    private var found: String {
        guard next < bytes.count else { return "the end of the file" }
        let scalar = String(decoding: bytes[next...].prefix(4), as: UTF8.self).unicodeScalars.first
        return scalar.map { "'\($0.escaped(asASCII: false))'" } ?? "the end of the file"
    }

    private func fault(_ what: String, at offset: Int? = nil) -> SteeringError {
        let place = offset ?? next
        return SteeringError(
            .invalidJSON, "\(text.name): \(text.position(of: place)) (byte \(place)): \(what)",
            remedy: "correct the JSON there; editors with a JSON mode mark the place")
    }
}
