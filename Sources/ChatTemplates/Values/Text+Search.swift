/// Finding, splitting and replacing.
extension Text {
    /// The places of `part` that do not overlap, at most `limit`.
    func ranges(of part: Text, limit: Int = .max) -> [Range<Int>] {
        // between all scalars, and at both ends
        if part.isEmpty { return Array(scalarOffsets.gaps.prefix(limit)) }
        guard part.bytes.count <= bytes.count else { return [] }
        return ByteSearch(part.bytes).ranges(in: bytes, limit: limit)
    }

    /// The places of `part` that do not overlap, the last ones first found, in ascending order.
    func rangesFromEnd(of part: Text, limit: Int) -> [Range<Int>] {
        if part.isEmpty { return Array(scalarOffsets.gaps.suffix(limit)) }
        guard part.bytes.count <= bytes.count else { return [] }
        let mirrored = ByteSearch(part.bytes.reversed()).ranges(in: bytes.reversed(), limit: limit)
        return mirrored.reversed().map { bytes.count - $0.upperBound..<bytes.count - $0.lowerBound }
    }

    func contains(_ part: Text) -> Bool { !ranges(of: part, limit: 1).isEmpty }

    func hasPrefix(_ prefix: Text) -> Bool { bytes.starts(with: prefix.bytes) }

    func hasSuffix(_ suffix: Text) -> Bool {
        bytes.count >= suffix.bytes.count && bytes.suffix(suffix.bytes.count).elementsEqual(suffix.bytes)
    }

    /// The text with these ranges, ascending and apart, replaced.
    func replacing(_ ranges: [Range<Int>], with replacement: Text) -> Text {
        var builder = TextBuilder(capacity: bytes.count)
        var position = 0
        for range in ranges {
            builder.append(self, position..<range.lowerBound)
            builder.append(replacement)
            position = range.upperBound
        }
        builder.append(self, position..<bytes.count)
        return builder.finished()
    }

    /// The parts between these ranges, ascending and apart.
    func split(at ranges: [Range<Int>]) -> [Text] {
        var parts: [Text] = []
        var position = 0
        for range in ranges {
            parts.append(self[position..<range.lowerBound])
            position = range.upperBound
        }
        parts.append(self[position..<bytes.count])
        return parts
    }

    /// The words between whitespace, at most `limit` cuts; the last one is all that is left.
    func words(limit: Int = .max) -> [Text] {
        var words: [Text] = []
        var position = UTF8Scan.skipWhitespace(in: bytes, from: 0, to: bytes.count)
        while position < bytes.count {
            if words.count == limit {
                words.append(self[position..<bytes.count])
                break
            }
            let start = position
            while position < bytes.count {
                let (scalar, length) = UTF8Scan.scalar(in: bytes, at: position)
                if UTF8Scan.isWhitespace(scalar) { break }
                position += length
            }
            words.append(self[start..<position])
            position = UTF8Scan.skipWhitespace(in: bytes, from: position, to: bytes.count)
        }
        return words
    }

    /// The words between whitespace, cut from the end; the first one is all that is left.
    func wordsFromEnd(limit: Int) -> [Text] {
        var words: [Text] = []
        var end = UTF8Scan.trimTrailing(in: bytes, from: 0, to: bytes.count)
        while end > 0 {
            if words.count == limit {
                words.append(self[0..<end])
                break
            }
            var start = end
            while start > 0 {
                let (scalar, length) = UTF8Scan.scalar(in: bytes, before: start)
                if UTF8Scan.isWhitespace(scalar) { break }
                start -= length
            }
            words.append(self[start..<end])
            end = UTF8Scan.trimTrailing(in: bytes, from: 0, to: start)
        }
        return words.reversed()
    }

    /// The lines, with or without their ends; a line end at the very end opens no new line.
    func lines(keepingEnds: Bool = false) -> [Text] {
        var lines: [Text] = []
        var start = 0
        var position = 0
        while position < bytes.count {
            let (scalar, length) = UTF8Scan.scalar(in: bytes, at: position)
            var next = position + length
            if Self.isLineEnd(scalar) {
                if scalar == "\r", next < bytes.count, bytes[next] == UInt8(ascii: "\n") { next += 1 }
                lines.append(self[start..<(keepingEnds ? next : position)])
                start = next
            }
            position = next
        }
        if start < bytes.count { lines.append(self[start..<bytes.count]) }
        return lines
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// The text without the given scalars, or whitespace, at its start and end.
    func trimmed(_ characters: Text? = nil, start trimsStart: Bool = true, end trimsEnd: Bool = true) -> Text
    {
        let set = characters.map { Set($0.string.unicodeScalars) }
        func isTrimmed(_ scalar: Unicode.Scalar) -> Bool {
            set?.contains(scalar) ?? UTF8Scan.isWhitespace(scalar)
        }
        var start = 0
        var end = bytes.count
        while trimsStart, start < end {
            let (scalar, length) = UTF8Scan.scalar(in: bytes, at: start)
            if !isTrimmed(scalar) { break }
            start += length
        }
        while trimsEnd, end > start {
            let (scalar, length) = UTF8Scan.scalar(in: bytes, before: end)
            if !isTrimmed(scalar) { break }
            end -= length
        }
        return self[start..<end]
    }
}
