/// How many columns of a terminal a character takes.
///
/// One grapheme cluster is drawn as one shape: it takes the columns of its widest scalar, so that a family
/// emoji or a letter with three accents is not counted part by part.
enum DisplayWidth {
    /// Columns of a text without line breaks.
    static func columns(of text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    /// Columns of one character: 0, 1 or 2.
    static func columns(of character: Character) -> Int {
        var widest = 0
        var count = 0
        for scalar in character.unicodeScalars {
            // An emoji presentation selector and the second of two regional indicators make a wide shape.
            if scalar.value == 0xFE0F, count > 0 { return 2 }
            widest = max(widest, columns(of: scalar))
            count += 1
        }
        return widest
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x7F { return value >= 0x20 ? 1 : 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if value < 0x1100 { return 1 }
        if scalar.properties.isEmojiPresentation { return 2 }
        return isWide(value) ? 2 : 1
    }

    /// Blocks that are wide or fullwidth as a whole in Unicode's EastAsianWidth.txt;
    /// emoji come from their property.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F,  // Hangul Jamo
        0x2E80...0x303E,  // CJK radicals, punctuation
        0x3041...0x33FF,  // Kana, Bopomofo, Hangul compatibility, CJK symbols
        0x3400...0x4DBF,  // CJK extension A
        0x4E00...0x9FFF,  // CJK unified ideographs
        0xA000...0xA4CF,  // Yi
        0xA960...0xA97F,  // Hangul Jamo extended A
        0xAC00...0xD7A3,  // Hangul syllables
        0xF900...0xFAFF,  // CJK compatibility ideographs
        0xFE10...0xFE19,  // vertical forms
        0xFE30...0xFE6F,  // CJK compatibility and small forms
        0xFF00...0xFF60,  // fullwidth forms
        0xFFE0...0xFFE6,  // fullwidth signs
        0x16FE0...0x18D08,  // Tangut, Khitan
        0x1AFF0...0x1B2FB,  // Kana extended and supplement, Nushu
        0x20000...0x3FFFD,  // CJK extensions B and later
    ]

    private static func isWide(_ value: UInt32) -> Bool {
        var low = 0
        var high = wideRanges.count
        while low < high {
            let middle = (low + high) / 2
            if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < wideRanges.count && wideRanges[low].contains(value)
    }
}

extension DisplayWidth {
    /// The text cut to so many columns, with an ellipsis where something was cut.
    static func truncated(_ text: String, to limit: Int) -> String {
        guard columns(of: text) > limit else { return text }
        var kept = ""
        var used = 0
        for character in text {
            let width = columns(of: character)
            if used + width > limit - 1 { break }
            kept.append(character)
            used += width
        }
        return kept + "…"
    }

    /// The text filled with spaces to so many columns.
    static func padded(_ text: String, to width: Int, alignment: Table.Alignment = .left) -> String {
        let spaces = String(repeating: " ", count: max(0, width - columns(of: text)))
        return alignment == .left ? text + spaces : spaces + text
    }

    /// The text in lines of at most so many columns, broken at spaces, or between wide characters, or inside
    /// of a word that is longer than a line.
    static func wrapped(_ text: String, to limit: Int) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
            wrappedLine($0, to: max(2, limit))
        }
    }

    private static func wrappedLine(_ line: Substring, to limit: Int) -> [String] {
        var lines: [String] = []
        var current = ""
        var used = 0
        /// Where `current` may end, and the columns up to there.
        var breakPoint: (index: String.Index, columns: Int)?
        for character in line {
            let width = columns(of: character)
            if used + width > limit {
                if character == " " {
                    lines.append(current)
                    (current, used, breakPoint) = ("", 0, nil)
                    continue
                }
                if let point = breakPoint {
                    lines.append(String(current[..<point.index].reversed().drop { $0 == " " }.reversed()))
                    current = String(current[point.index...])
                    used -= point.columns
                } else {
                    lines.append(current)
                    (current, used) = ("", 0)
                }
                breakPoint = nil
            }
            if width == 2, !current.isEmpty { breakPoint = (current.endIndex, used) }
            current.append(character)
            used += width
            if character == " " || width == 2 { breakPoint = (current.endIndex, used) }
        }
        lines.append(current)
        return lines
    }
}
