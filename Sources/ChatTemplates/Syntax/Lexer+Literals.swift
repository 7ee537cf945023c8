/// Numbers and strings.
extension Lexer {
    /// `12`, `1_000`, `0x1F`, `0o17`, `0b101`, `1.5`, `2e10`.
    mutating func readNumber() throws(ChatTemplateError) {
        let start = position
        if let radix = radixPrefix() {
            position += 2
            try addInteger(digits(where: { Self.digit($0) < radix }), radix: radix, at: start)
            return
        }
        var text = digits(where: { Self.digit($0) < 10 })
        var isFloat = false
        // in `a.0.1` the second dot is not a decimal point
        let followsDot = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
        if !followsDot, byte(position) == UInt8(ascii: "."), Self.digit(byte(position + 1)) < 10 {
            position += 1
            text += [UInt8(ascii: ".")] + digits(where: { Self.digit($0) < 10 })
            isFloat = true
        }
        let signed = byte(position + 1) == UInt8(ascii: "+") || byte(position + 1) == UInt8(ascii: "-")
        if !followsDot, byte(position) | 0x20 == UInt8(ascii: "e"),
            Self.digit(byte(position + (signed ? 2 : 1))) < 10
        {
            text += bytes[position..<position + (signed ? 2 : 1)]
            position += signed ? 2 : 1
            text += digits(where: { Self.digit($0) < 10 })
            isFloat = true
        }
        guard isFloat else { return try addInteger(text, radix: 10, at: start) }
        guard let value = Double(String(decoding: text, as: UTF8.self)) else {
            throw error("not a number", at: start)
        }
        add(.float(value), at: start)
    }

    private func radixPrefix() -> Int? {
        guard bytes[position] == UInt8(ascii: "0") else { return nil }
        let radix: Int
        switch byte(position + 1) | 0x20 {
        case UInt8(ascii: "x"): radix = 16
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "b"): radix = 2
        default: return nil
        }
        return Self.digit(byte(position + 2)) < radix ? radix : nil
    }

    private mutating func addInteger(_ digits: [UInt8], radix: Int, at start: Int) throws(ChatTemplateError) {
        guard let value = Int(String(decoding: digits, as: UTF8.self), radix: radix) else {
            throw error("the integer does not fit 64 bits", at: start)
        }
        add(.integer(value), at: start)
    }

    /// The digits from here on; an underscore may stand between two of them.
    private mutating func digits(where isDigit: (UInt8) -> Bool) -> [UInt8] {
        var digits: [UInt8] = []
        while position < bytes.count {
            if isDigit(bytes[position]) {
                digits.append(bytes[position])
            } else if bytes[position] != UInt8(ascii: "_") || !isDigit(byte(position + 1)) {
                break
            }
            position += 1
        }
        return digits
    }

    /// The value of a hexadecimal digit; 255 for any other byte.
    static func digit(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 55
        default: 255
        }
    }

    /// A string literal, with the escapes of Python's `unicode-escape`.
    mutating func readString() throws(ChatTemplateError) {
        let start = position
        let quote = bytes[start]
        var value: [UInt8] = []
        position += 1
        while true {
            guard position < bytes.count else { throw error("the string is not closed", at: start) }
            let byte = bytes[position]
            position += 1
            if byte == quote { break }
            if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { throw error("the string is not closed", at: start) }
                try readEscape(into: &value)
            } else {
                value.append(byte)
            }
        }
        add(.string(value), at: start)
    }

    private mutating func readEscape(into value: inout [UInt8]) throws(ChatTemplateError) {
        let start = position - 1
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\n"): break
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): value.append(byte)
        case UInt8(ascii: "a"): value.append(0x07)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "v"): value.append(0x0B)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "x"): try readScalar(digits: 2, into: &value, at: start)
        case UInt8(ascii: "u"): try readScalar(digits: 4, into: &value, at: start)
        case UInt8(ascii: "U"): try readScalar(digits: 8, into: &value, at: start)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var number = UInt32(byte - 48)
            for _ in 0..<2 {
                guard Self.digit(self.byte(position)) < 8 else { break }
                number = number * 8 + UInt32(Self.digit(bytes[position]))
                position += 1
            }
            try append(number, to: &value, at: start)
        default:
            // an escape that Python does not know stays as it is written
            value.append(UInt8(ascii: "\\"))
            value.append(byte)
        }
    }

    private mutating func readScalar(
        digits: Int, into value: inout [UInt8], at start: Int
    ) throws(ChatTemplateError) {
        var number: UInt32 = 0
        for _ in 0..<digits {
            let digit = Self.digit(byte(position))
            guard digit < 16, number < 1 << 27 else {
                throw error("not an escape: \(digits) hexadecimal digits expected", at: start)
            }
            number = number << 4 | UInt32(digit)
            position += 1
        }
        try append(number, to: &value, at: start)
    }

    private func append(_ number: UInt32, to value: inout [UInt8], at start: Int) throws(ChatTemplateError) {
        guard let scalar = Unicode.Scalar(number), let encoded = UTF8.encode(scalar) else {
            throw error("the escape is not a Unicode scalar", at: start)
        }
        value.append(contentsOf: encoded)
    }
}
