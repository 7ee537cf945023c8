import Terms

/// Reads JSON text byte by byte, into the caller's hands and not into a tree.
///
/// Foundation's decoders keep one of two equal keys without a word and follow nesting as deep as it goes;
/// here a repeated key is an error and depth is bounded.
struct JSONScanner {
    /// Deeper than any header, shallow enough for the smallest stack of a thread.
    static let depthLimit = 64

    let path: String
    /// Where the text begins in the file, for messages.
    let base: Int
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer, path: String, base: Int) {
        self.bytes = bytes
        self.path = path
        self.base = base
    }

    /// The place in the file.
    var offset: Int { base + position }

    func fault(
        _ kind: SafetensorsError.Kind = .invalidHeaderDeserialization, at offset: Int? = nil,
        found: String? = nil,
        allowed: String
    ) -> SafetensorsError {
        SafetensorsError(
            kind, path: path, field: "header", offset: offset ?? self.offset, found: found ?? describeNext,
            allowed: allowed)
    }

    private var describeNext: String {
        guard position < bytes.count else { return "the end of the header" }
        let byte = bytes[position]
        return (0x20..<0x7f).contains(byte)
            ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    }

    /// The next byte that is no white space; nil at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(SafetensorsError) {
        guard take(byte) else { throw fault(allowed: "'\(Character(Unicode.Scalar(byte)))'") }
    }

    /// Only white space may follow.
    mutating func end() throws(SafetensorsError) {
        guard peek() == nil else { throw fault(allowed: "nothing but spaces after the object") }
    }

    /// Calls `body` at the value of each key.
    mutating func object(
        _ body: (inout JSONScanner, String) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        var seen: Set<String> = []
        repeat {
            _ = peek()
            let start = offset
            let key = try string()
            guard seen.insert(key).inserted else {
                throw fault(.duplicateKey, at: start, found: "\(key) again", allowed: "each key once")
            }
            try expect(UInt8(ascii: ":"))
            try body(&self, key)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Calls `body` at each element.
    mutating func array(
        _ body: (inout JSONScanner) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        repeat { try body(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// A whole number from 0 on, without sign, fraction or exponent.
    mutating func naturalNumber() throws(SafetensorsError) -> Int {
        _ = peek()
        let start = position
        var value = 0
        while let digit = digit() {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(digit)
            guard !overflow, !carry else {
                throw fault(
                    .validationOverflow, at: base + start, found: "a larger number",
                    allowed: "at most \(Int.max)")
            }
            value = sum
        }
        let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
        let goesOn = position < bytes.count && [0x2e, 0x65, 0x45].contains(bytes[position])
        guard position > start, !hasLeadingZero, !goesOn else {
            throw fault(allowed: "a whole number from 0 on")
        }
        return value
    }

    private mutating func digit() -> Int? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        defer { position += 1 }
        return Int(bytes[position] - 0x30)
    }

    /// Steps over a value of any kind.
    mutating func skipValue(depth: Int = 0) throws(SafetensorsError) {
        guard depth < Self.depthLimit else {
            throw fault(.tooDeep, found: "nesting", allowed: "at most \(Self.depthLimit) levels")
        }
        switch peek() {
        case UInt8(ascii: "{"):
            try object { scanner, _ throws(SafetensorsError) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try array { scanner throws(SafetensorsError) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""):
            _ = try string()
        default:
            try skipWord()
        }
    }

    /// A number, `true`, `false` or `null`, which nobody reads.
    private mutating func skipWord() throws(SafetensorsError) {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, 0x61...0x7a, 0x45, 0x2b, 0x2d, 0x2e: position += 1
            default:
                guard position > start else { throw fault(allowed: "a value") }
                return try checkWord(start)
            }
        }
        throw fault(allowed: "a value")
    }

    private func checkWord(_ start: Int) throws(SafetensorsError) {
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
            throw fault(at: base + start, found: word, allowed: "a value")
        }
    }
}

extension JSONScanner {
    /// A text, with its escapes resolved.
    mutating func string() throws(SafetensorsError) -> String {
        try expect(UInt8(ascii: "\""))
        let start = position
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw fault(.invalidHeader, at: base + start, found: "bytes", allowed: "UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20:
                position -= 1
                throw fault(allowed: "no control characters in a string")
            default:
                text.append(byte)
            }
        }
        throw fault(allowed: "a closing quote")
    }

    private mutating func escape(into text: inout [UInt8]) throws(SafetensorsError) {
        guard position < bytes.count else { throw fault(allowed: "an escape") }
        let byte = bytes[position]
        let plain: [UInt8: UInt8] = [
            0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
        ]
        if let value = plain[byte] {
            position += 1
            return text.append(value)
        }
        guard byte == UInt8(ascii: "u") else { throw fault(allowed: "an escape that JSON knows") }
        let start = offset - 1
        position += 1
        var scalar = try hexadecimal()
        if (0xd800..<0xdc00).contains(scalar), bytes[position...].starts(with: [0x5c, 0x75]) {
            position += 2
            let low = try hexadecimal()
            guard (0xdc00..<0xe000).contains(low) else {
                throw fault(at: start, found: "half a surrogate pair", allowed: "both halves")
            }
            scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let value = Unicode.Scalar(scalar) else {
            throw fault(at: start, found: "half a surrogate pair", allowed: "both halves")
        }
        text.append(contentsOf: UTF8.encode(value) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func hexadecimal() throws(SafetensorsError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else {
                throw fault(allowed: "four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
