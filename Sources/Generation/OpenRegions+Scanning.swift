/// A block of code in Markdown: opened by a line that begins with three or more backticks or tildes, closed
/// by a line of at least as many of the same and nothing but blanks behind them. Until more stands there,
/// such a line closes the block.
struct CodeFence {
    /// The mark of the open block and how many of it opened it; nil outside of blocks.
    private var opening: (mark: UInt8, count: Int)?
    /// What the line has been so far.
    private var line = Line.blank(0)
    /// Whether it is the line that has opened the block.
    private var isOpeningLine = false

    private enum Line {
        case blank(Int)
        case marks(UInt8, Int)
        /// A fence that closes the block, and the mark that it may go on with; nil behind a blank.
        case closing(UInt8?)
        case text

        var isClosing: Bool {
            if case .closing = self { true } else { false }
        }
    }

    /// Whether the next byte stands in a block.
    var isOpen: Bool { opening != nil && !line.isClosing }

    /// Reads the next byte of the text.
    mutating func read(_ byte: UInt8) {
        if byte == UInt8(ascii: "\n") {
            if line.isClosing { opening = nil }
            line = .blank(0)
            isOpeningLine = false
            return
        }
        switch line {
        case .blank(let count) where byte == UInt8(ascii: " ") && count < 3: line = .blank(count + 1)
        case .blank where byte == UInt8(ascii: "`") || byte == UInt8(ascii: "~"): line = .marks(byte, 1)
        case .marks(byte, let count):
            line = .marks(byte, count + 1)
            if count + 1 >= 3 { readFence(byte, count + 1) }
        case .closing(byte): break
        case .closing where " \t\r".utf8.contains(byte): line = .closing(nil)
        default:
            // Behind a closing fence: ```swift within a block is a line of it.
            line = .text
            // ```text``` on one line is no block.
            if isOpeningLine, byte == UInt8(ascii: "`"), opening?.mark == byte { opening = nil }
        }
    }

    private mutating func readFence(_ mark: UInt8, _ count: Int) {
        guard let open = opening, !isOpeningLine else {
            opening = (mark, count)
            isOpeningLine = true
            return
        }
        guard open.mark == mark, count >= open.count else { return }
        line = .closing(mark)
    }
}

/// A JSON object or list that begins a line.
struct OpenJSON {
    private var place = Place.lineStart

    private enum Place: Equatable {
        /// Only blanks since the line began.
        case lineStart
        /// In other text.
        case text
        /// Directly after the first brace or bracket: what follows says whether it is JSON.
        case opened(UInt8)
        /// Within so many braces and brackets.
        case value(depth: Int)
        /// The same, within a string.
        case string(depth: Int, isEscaped: Bool)
    }

    /// Whether the next byte stands in a value.
    var isOpen: Bool { place != .lineStart && place != .text }

    /// Reads the next byte of the text.
    mutating func read(_ byte: UInt8) {
        let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
        let isNewLine = byte == UInt8(ascii: "\n")
        switch place {
        case .lineStart:
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                place = .opened(byte)
            } else if !isSpace, !isNewLine {
                place = .text
            }
        case .text:
            if isNewLine { place = .lineStart }
        case .opened(let first):
            if isSpace || isNewLine { return }
            place = Self.begins(byte, after: first) ? .value(depth: 1) : .text
            if place != .text { readValue(byte, depth: 1) }
        case .value(let depth): readValue(byte, depth: depth)
        case .string(let depth, let isEscaped):
            if isEscaped {
                place = .string(depth: depth, isEscaped: false)
            } else if byte == UInt8(ascii: "\\") {
                place = .string(depth: depth, isEscaped: true)
            } else if byte == UInt8(ascii: "\"") {
                place = .value(depth: depth)
            }
        }
    }

    /// An object begins with a key or ends; a list begins with a value, and `[word` begins a link.
    private static func begins(_ byte: UInt8, after first: UInt8) -> Bool {
        if first == UInt8(ascii: "{") { return byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "}") }
        return "\"{[]-0123456789".utf8.contains(byte)
    }

    private mutating func readValue(_ byte: UInt8, depth: Int) {
        switch byte {
        case UInt8(ascii: "\""): place = .string(depth: depth, isEscaped: false)
        case UInt8(ascii: "{"), UInt8(ascii: "["): place = .value(depth: depth + 1)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): place = depth > 1 ? .value(depth: depth - 1) : .text
        default: break
        }
    }
}
