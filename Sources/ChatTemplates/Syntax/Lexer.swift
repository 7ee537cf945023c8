/// Source → tokens, with the whitespace control that chat templates are written for: `trim_blocks` (the line
/// end after a block tag goes) and `lstrip_blocks` (the blanks before a block tag that starts its line go),
/// and `-` and `+` in the tags. Follows the rules of Jinja2's lexer.
struct Lexer {
    let source: TemplateSource
    let bytes: [UInt8]
    var position = 0
    var tokens: [Token] = []
    /// The closing brackets that are still to come inside the current tag; `}}` ends a tag only without them.
    var brackets: [(closing: UInt8, offset: Int)] = []

    init(_ source: TemplateSource) {
        self.source = source
        self.bytes = source.bytes
    }

    static func tokens(of source: TemplateSource) throws(ChatTemplateError) -> [Token] {
        var lexer = Lexer(source)
        while lexer.position < lexer.bytes.count { try lexer.readTextAndTag() }
        lexer.add(.end, at: lexer.bytes.count)
        return lexer.tokens
    }

    mutating func add(_ kind: Token.Kind, at offset: Int) {
        tokens.append(Token(kind: kind, offset: offset))
    }

    func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    func starts(with text: StaticString, at offset: Int) -> Bool {
        guard offset + text.utf8CodeUnitCount <= bytes.count else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[offset + index] != text.utf8Start[index] {
            return false
        }
        return true
    }

    func error(_ explanation: String, at offset: Int) -> ChatTemplateError {
        source.error(.syntax, explanation, at: offset)
    }

    // MARK: - Text and the tag after it

    private mutating func readTextAndTag() throws(ChatTemplateError) {
        let start = position
        guard let tag = nextTag(from: start) else {
            addText(start..<bytes.count)
            position = bytes.count
            return
        }
        let opener = bytes[tag + 1]
        let sign = byte(tag + 2)
        addText(start..<textEnd(start: start, tag: tag, sign: sign, isBlock: opener != UInt8(ascii: "{")))
        position = tag + 2 + (sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") ? 1 : 0)
        switch opener {
        case UInt8(ascii: "{"):
            add(.outputStart, at: tag)
            try readTagTokens(endingWith: UInt8(ascii: "}"), from: tag)
        case UInt8(ascii: "%"):
            if let content = rawContentStart() {
                position = content
                try readRaw(from: tag)
            } else {
                add(.blockStart, at: tag)
                try readTagTokens(endingWith: UInt8(ascii: "%"), from: tag)
            }
        default: try skipComment(from: tag)
        }
    }

    private func nextTag(from start: Int) -> Int? {
        var offset = start
        while offset + 1 < bytes.count {
            if bytes[offset] == UInt8(ascii: "{") {
                let next = bytes[offset + 1]
                if next == UInt8(ascii: "{") || next == UInt8(ascii: "%") || next == UInt8(ascii: "#") {
                    return offset
                }
            }
            offset += 1
        }
        return nil
    }

    private mutating func addText(_ range: Range<Int>) {
        if !range.isEmpty { add(.text(Array(bytes[range])), at: range.lowerBound) }
    }

    /// Where the text before a tag ends after whitespace control.
    private func textEnd(start: Int, tag: Int, sign: UInt8, isBlock: Bool) -> Int {
        if sign == UInt8(ascii: "-") { return UTF8Scan.trimTrailing(in: bytes, from: start, to: tag) }
        guard sign != UInt8(ascii: "+"), isBlock else { return tag }
        var line = tag
        while line > start, bytes[line - 1] != UInt8(ascii: "\n") { line -= 1 }
        let startsLine = line > start || start == 0 || bytes[start - 1] == UInt8(ascii: "\n")
        guard startsLine, UTF8Scan.trimTrailing(in: bytes, from: line, to: tag) == line else { return tag }
        return line
    }

    /// The position after a tag's end at `offset`, if its two closing bytes stand there, with what whitespace
    /// control takes after it.
    func afterTagEnd(_ first: UInt8, at offset: Int) -> Int? {
        let sign = byte(offset)
        let hasSign = sign == UInt8(ascii: "-") || (sign == UInt8(ascii: "+") && first != UInt8(ascii: "}"))
        let end = offset + (hasSign ? 1 : 0)
        guard byte(end) == first, byte(end + 1) == UInt8(ascii: "}") else { return nil }
        if sign == UInt8(ascii: "-") {
            return UTF8Scan.skipWhitespace(in: bytes, from: end + 2, to: bytes.count)
        }
        let trims = !hasSign && first != UInt8(ascii: "}") && byte(end + 2) == UInt8(ascii: "\n")
        return end + (trims ? 3 : 2)
    }

    private mutating func skipComment(from tag: Int) throws(ChatTemplateError) {
        while position < bytes.count {
            if let end = afterTagEnd(UInt8(ascii: "#"), at: position) {
                position = end
                return
            }
            position += 1
        }
        throw error("the comment is not closed: '#}' is missing", at: tag)
    }

    // MARK: - Raw

    /// The start of the content, if the block tag at `position` is `{% raw %}`.
    private func rawContentStart() -> Int? {
        var offset = UTF8Scan.skipWhitespace(in: bytes, from: position, to: bytes.count)
        guard starts(with: "raw", at: offset) else { return nil }
        offset = UTF8Scan.skipWhitespace(in: bytes, from: offset + 3, to: bytes.count)
        if starts(with: "%}", at: offset) { return offset + 2 }
        guard starts(with: "-%}", at: offset) else { return nil }
        return UTF8Scan.skipWhitespace(in: bytes, from: offset + 3, to: bytes.count)
    }

    private mutating func readRaw(from tag: Int) throws(ChatTemplateError) {
        let start = position
        var offset = start
        while offset < bytes.count {
            if starts(with: "{%", at: offset), let end = rawEnd(at: offset) {
                let sign = byte(offset + 2)
                addText(start..<textEnd(start: start, tag: offset, sign: sign, isBlock: true))
                position = end
                return
            }
            offset += 1
        }
        throw error("'{% endraw %}' is missing", at: tag)
    }

    /// The position after `{% endraw %}`, if it stands at `tag`.
    private func rawEnd(at tag: Int) -> Int? {
        let sign = byte(tag + 2)
        let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
        var offset = UTF8Scan.skipWhitespace(in: bytes, from: tag + (isSigned ? 3 : 2), to: bytes.count)
        guard starts(with: "endraw", at: offset) else { return nil }
        offset = UTF8Scan.skipWhitespace(in: bytes, from: offset + 6, to: bytes.count)
        return afterTagEnd(UInt8(ascii: "%"), at: offset)
    }
}
