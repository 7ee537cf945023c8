extension TemplateValue {
    /// How deep arrays and objects may nest.
    static let jsonDepth = 64

    /// Reads a JSON text (RFC 8259) with the order of the members kept.
    public init(json text: String) throws(ChatTemplateError) {
        var reader = JSONReader(bytes: Array(text.utf8))
        self = try reader.readDocument()
    }
}

/// JSON text → value.
private struct JSONReader {
    let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func readDocument() throws(ChatTemplateError) -> TemplateValue {
        let value = try readValue()
        skipBlanks()
        guard position == bytes.count else { throw error("text after the value") }
        return value
    }

    private func error(_ explanation: String) -> ChatTemplateError {
        ChatTemplateError(.invalidJSON, "not JSON at byte \(position): \(explanation)")
    }

    private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count else { return false }
        for index in 0..<length where bytes[position + index] != text.utf8Start[index] { return false }
        position += length
        return true
    }

    private mutating func readValue() throws(ChatTemplateError) -> TemplateValue {
        skipBlanks()
        switch byte {
        case UInt8(ascii: "{"):
            return try nested { (reader) throws(ChatTemplateError) in try reader.readObject() }
        case UInt8(ascii: "["):
            return try nested { (reader) throws(ChatTemplateError) in try reader.readArray() }
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default:
            if skip("true") { return .boolean(true) }
            if skip("false") { return .boolean(false) }
            if skip("null") { return .null }
            throw error("a value is expected")
        }
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(ChatTemplateError) -> TemplateValue
    ) throws(ChatTemplateError) -> TemplateValue {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TemplateValue.jsonDepth else {
            throw ChatTemplateError(.tooDeep, "JSON nested more than \(TemplateValue.jsonDepth) deep")
        }
        return try read(&self)
    }

    private mutating func readArray() throws(ChatTemplateError) -> TemplateValue {
        position += 1
        var items: [TemplateValue] = []
        skipBlanks()
        if skip("]") { return .array(items) }
        while true {
            items.append(try readValue())
            skipBlanks()
            if skip("]") { return .array(items) }
            guard skip(",") else { throw error("',' or ']' is expected") }
        }
    }

    private mutating func readObject() throws(ChatTemplateError) -> TemplateValue {
        position += 1
        var members: [TemplateValue.Member] = []
        skipBlanks()
        if skip("}") { return .object(members) }
        while true {
            skipBlanks()
            guard byte == UInt8(ascii: "\"") else { throw error("a name is expected") }
            let name = try readString()
            skipBlanks()
            guard skip(":") else { throw error("':' is expected") }
            members.append(TemplateValue.Member(name: name, value: try readValue()))
            skipBlanks()
            if skip("}") { return .object(members) }
            guard skip(",") else { throw error("',' or '}' is expected") }
        }
    }

    private mutating func readNumber() throws(ChatTemplateError) -> TemplateValue {
        let start = position
        if byte == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        let wholeDigits = skipDigits()
        guard wholeDigits > 0, wholeDigits == 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
            throw error("not a number")
        }
        var isWhole = true
        if byte == UInt8(ascii: ".") {
            position += 1
            isWhole = false
            guard skipDigits() > 0 else { throw error("digits are expected after '.'") }
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            isWhole = false
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw error("digits are expected in the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw error("the number does not fit 64 bits") }
        return .number(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, 0x30...0x39 ~= bytes[position] { position += 1 }
        return position - start
    }

    private mutating func readString() throws(ChatTemplateError) -> String {
        position += 1
        var value: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: value, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try readEscape(into: &value)
            case 0..<0x20: throw error("a control character in a string")
            default:
                value.append(byte)
                position += 1
            }
        }
        throw error("the string is not closed")
    }

    private mutating func readEscape(into value: inout [UInt8]) throws(ChatTemplateError) {
        let letter = byte
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): value.append(letter)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try readUnit()
            if 0xD800..<0xDC00 ~= scalar, skip("\\u") {
                let low = try readUnit()
                guard 0xDC00..<0xE000 ~= low else { throw error("half of a surrogate pair") }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(scalar), let encoded = UTF8.encode(scalar) else {
                throw error("half of a surrogate pair")
            }
            value.append(contentsOf: encoded)
        default: throw error("not an escape")
        }
    }

    private mutating func readUnit() throws(ChatTemplateError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let digit = Lexer.digit(byte)
            guard digit < 16 else { throw error("four hexadecimal digits are expected") }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
