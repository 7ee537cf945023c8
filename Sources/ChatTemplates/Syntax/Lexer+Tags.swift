/// The tokens inside `{{ … }}` and `{% … %}`.
extension Lexer {
    mutating func readTagTokens(endingWith first: UInt8, from tag: Int) throws(ChatTemplateError) {
        brackets.removeAll(keepingCapacity: true)
        while true {
            position = UTF8Scan.skipWhitespace(in: bytes, from: position, to: bytes.count)
            guard position < bytes.count else {
                let opener = first == UInt8(ascii: "}") ? "{{" : "{%"
                throw error("the tag '\(opener)' is not closed", at: tag)
            }
            if brackets.isEmpty, let end = afterTagEnd(first, at: position) {
                add(first == UInt8(ascii: "}") ? .outputEnd : .blockEnd, at: position)
                position = end
                return
            }
            try readToken()
        }
    }

    private mutating func readToken() throws(ChatTemplateError) {
        let start = position
        switch bytes[start] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "_"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            0x80...:
            try readName()
        default: try readSymbol()
        }
    }

    private mutating func readName() throws(ChatTemplateError) {
        let start = position
        while position < bytes.count {
            let (scalar, length) = UTF8Scan.scalar(in: bytes, at: position)
            guard scalar == "_" || scalar.properties.isXIDContinue else { break }
            position += length
        }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let first = name.unicodeScalars.first, first == "_" || first.properties.isXIDStart else {
            let (scalar, _) = UTF8Scan.scalar(in: bytes, at: start)
            throw error("unexpected character '\(scalar)'", at: start)
        }
        add(.name(name), at: start)
    }

    private mutating func readSymbol() throws(ChatTemplateError) {
        let start = position
        guard let (symbol, length) = Token.Symbol.read(bytes[start], byte(start + 1)) else {
            throw error("unexpected character '\(Unicode.Scalar(bytes[start]))'", at: start)
        }
        position += length
        try balance(symbol, at: start)
        add(.symbol(symbol), at: start)
    }

    private mutating func balance(_ symbol: Token.Symbol, at offset: Int) throws(ChatTemplateError) {
        switch symbol {
        case .openBrace: brackets.append((UInt8(ascii: "}"), offset))
        case .openParenthesis: brackets.append((UInt8(ascii: ")"), offset))
        case .openBracket: brackets.append((UInt8(ascii: "]"), offset))
        case .closeBrace, .closeParenthesis, .closeBracket:
            guard let open = brackets.popLast() else {
                throw error("unexpected '\(symbol.rawValue)'", at: offset)
            }
            guard open.closing == bytes[offset] else {
                let expected = Unicode.Scalar(open.closing)
                throw error("unexpected '\(symbol.rawValue)', expected '\(expected)'", at: offset)
            }
        default: break
        }
    }
}
