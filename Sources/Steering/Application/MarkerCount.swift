/// How often the marker words of a dataset occur in a text.
public struct MarkerCount: Sendable, Equatable, Codable {
    /// Occurrences of positive markers.
    public let positive: Int

    /// Occurrences of negative markers.
    public let negative: Int

    /// Counts whole words, whatever their case; a marker that ends in `*` also counts longer words that begin
    /// so. In scripts that are written without spaces (kana, Chinese characters, Thai) a marker counts
    /// wherever it stands. Of overlapping occurrences of one marker the first counts.
    public init(_ markers: Markers, in text: String) {
        let folded = Self.fold(text)
        positive = markers.positive.reduce(0) { $0 + Self.count($1, in: folded) }
        negative = markers.negative.reduce(0) { $0 + Self.count($1, in: folded) }
    }

    private static func count(_ marker: String, in text: [Unicode.Scalar]) -> Int {
        var needle = fold(marker)
        let isStem = needle.count > 1 && needle.last == "*"
        if isStem { needle.removeLast() }
        guard let first = needle.first, let last = needle.last else { return 0 }
        var count = 0
        var start = 0
        while start + needle.count <= text.count {
            let end = start + needle.count
            guard text[start] == first, text[start..<end].elementsEqual(needle) else {
                start += 1
                continue
            }
            let opens = start == 0 || !joins(text[start - 1], first)
            let closes = isStem || end == text.count || !joins(last, text[end])
            if opens && closes {
                count += 1
                start = end
            } else {
                start += 1
            }
        }
        return count
    }

    /// Whether two neighbours belong to one word: both are letters or digits of scripts
    /// with spaces between words.
    private static func joins(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        isWordScalar(left) && isWordScalar(right)
    }

    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Thai and Lao, Burmese, Khmer
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF: false
        // Kana
        case 0x3000...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F: false
        // Chinese characters
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: false
        default: scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }
    }

    private static func fold(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.flatMap { $0.properties.lowercaseMapping.unicodeScalars }
    }
}
