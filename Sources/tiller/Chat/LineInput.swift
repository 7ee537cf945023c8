import Glibc

/// Standard input, line by line, as it arrives.
struct LineInput {
    private var buffer: [UInt8] = []
    private var isAtEnd = false
    /// A line that somebody typed is not longer.
    private static let longestLine = 1 << 20

    /// The next line without its line break; a line that ends with `\` goes on in the next one. Nil at the end.
    mutating func next() throws(TillerError) -> String? {
        guard var line = try bytes() else { return nil }
        while line.last == UInt8(ascii: "\\") {
            line[line.count - 1] = UInt8(ascii: "\n")
            guard let rest = try bytes() else { break }
            line += rest
            guard line.count <= Self.longestLine else { throw Self.tooLong }
        }
        // Half a character may arrive from a pipe that was cut.
        return String(decoding: line, as: UTF8.self)
    }

    private mutating func bytes() throws(TillerError) -> [UInt8]? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                var line = Array(buffer[..<end])
                buffer.removeSubrange(...end)
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                return line
            }
            if isAtEnd {
                defer { buffer = [] }
                return buffer.isEmpty ? nil : buffer
            }
            try fill()
        }
    }

    private mutating func fill() throws(TillerError) {
        var chunk = [UInt8](repeating: 0, count: 1 << 12)
        let count = read(0, &chunk, chunk.count)
        if count < 0, errno == EINTR { return }
        guard count >= 0 else {
            throw .cannotReadInput(path: "standard input", reason: FileSystem.reason())
        }
        isAtEnd = count == 0
        buffer += chunk[..<count]
        guard buffer.count <= Self.longestLine || buffer.contains(UInt8(ascii: "\n")) else {
            throw Self.tooLong
        }
    }

    private static let tooLong = TillerError.cannotReadInput(
        path: "standard input", reason: "a line is longer than \(Quantity.bytes(longestLine))")
}
