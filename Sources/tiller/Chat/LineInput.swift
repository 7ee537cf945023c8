import Glibc

/// Standard input, line by line, as it arrives.
struct LineInput {
    private var buffer: [UInt8] = []
    private var isAtEnd = false
    /// Whether it ended where it could not be read.
    private(set) var hasFailed = false
    /// A line that somebody typed is not longer.
    private static let longestLine = 1 << 20

    /// What stands between two line breaks.
    private struct Piece {
        var bytes: [UInt8] = []
        var isTooLong = false

        /// Of what is longer than a line may be the end is kept alone, which says whether the line goes on.
        mutating func append(_ more: some Sequence<UInt8>) {
            bytes += more
            isTooLong = isTooLong || bytes.count > longestLine
            if isTooLong { bytes = Array(bytes.suffix(2)) }
        }
    }

    /// The next line without its line break; a line that ends with `\` goes on in the
    /// next one. Nil at the end.
    ///
    /// - Throws: `unusableInput` for a line that is too long, all of which is passed over, and
    ///   `cannotReadInput`, behind which there is nothing more: whoever goes on after an error
    ///   goes on with the next line.
    mutating func next() throws(TillerError) -> String? {
        guard var line = try piece() else { return nil }
        while line.bytes.last == UInt8(ascii: "\\") {
            line.bytes[line.bytes.count - 1] = UInt8(ascii: "\n")
            guard let rest = try piece() else { break }
            line.isTooLong = line.isTooLong || rest.isTooLong
            line.append(rest.bytes)
        }
        guard !line.isTooLong else {
            throw .unusableInput(
                path: "standard input", reason: "a line is longer than \(Quantity.bytes(Self.longestLine))",
                remedy: "say it in several lines; this one was passed over")
        }
        // Half a character may arrive from a pipe that was cut.
        return String(decoding: line.bytes, as: UTF8.self)
    }

    private mutating func piece() throws(TillerError) -> Piece? {
        var piece = Piece()
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                piece.append(buffer[..<end])
                buffer.removeSubrange(...end)
                if piece.bytes.last == UInt8(ascii: "\r") { piece.bytes.removeLast() }
                return piece
            }
            piece.append(buffer)
            buffer = []
            if isAtEnd { return piece.bytes.isEmpty ? nil : piece }
            try fill()
        }
    }

    private mutating func fill() throws(TillerError) {
        var chunk = [UInt8](repeating: 0, count: 1 << 12)
        let count = read(0, &chunk, chunk.count)
        if count < 0, errno == EINTR { return }
        guard count >= 0 else {
            isAtEnd = true
            hasFailed = true
            throw .cannotReadInput(path: "standard input", reason: FileSystem.reason())
        }
        isAtEnd = count == 0
        buffer += chunk[..<count]
    }
}
