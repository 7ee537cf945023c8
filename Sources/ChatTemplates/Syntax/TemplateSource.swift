/// The text of a template as Jinja reads it: line ends are `\n`, and one at the very end is dropped.
struct TemplateSource: Sendable {
    let bytes: [UInt8]

    init(_ source: String) throws(ChatTemplateError) {
        guard source.utf8.count <= RenderingLimits.sourceBytes else {
            throw ChatTemplateError(
                .templateTooLarge,
                "the chat template has \(source.utf8.count) bytes; at most \(RenderingLimits.sourceBytes) are read"
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.utf8.count)
        var previous: UInt8 = 0
        for byte in source.utf8 {
            if byte == UInt8(ascii: "\n"), previous == UInt8(ascii: "\r") {
                // the line end was written with the carriage return
            } else {
                bytes.append(byte == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : byte)
            }
            previous = byte
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        self.bytes = bytes
    }

    /// The line and column of a byte.
    func position(of offset: Int) -> ChatTemplateError.Position {
        var line = 1
        var column = 1
        for byte in bytes[..<min(max(0, offset), bytes.count)] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return .init(line: line, column: column)
    }

    func error(_ kind: ChatTemplateError.Kind, _ explanation: String, at offset: Int) -> ChatTemplateError {
        ChatTemplateError(kind, explanation, at: position(of: offset))
    }
}
