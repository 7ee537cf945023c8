/// Writing systems, as coarse as it takes to see that a text drifts from one into another: kana and Chinese
/// characters are one, because Japanese needs both.
public enum Script: Hashable, Sendable {
    case latin, greek, cyrillic, armenian, hebrew, arabic, thai, georgian, hangul, ethiopic, khmer
    case eastAsian
    /// Scripts in blocks of 128 from U+0780 to U+109F: Devanagari, Bengali, Tamil, Lao, Tibetan, Burmese…
    case block(UInt32)
    case other

    /// The script that a letter is of, by its block.
    public init(of letter: Unicode.Scalar) {
        self.init(ofCodePoint: letter.value)
    }

    /// The scripts that a text has letters of; digits, marks and emoji belong to none.
    public static func all(in text: String) -> Set<Script> {
        Set(text.unicodeScalars.lazy.filter(\.properties.isAlphabetic).map { Script(of: $0) })
    }

    /// The scripts of all characters that bytes may still become: one mostly, two or more where scripts meet.
    /// Nil where some of these characters are of no script that is told apart.
    ///
    /// - Parameter beginning: The first one to three bytes of a character in UTF-8.
    public static func all(ofCharacterWith beginning: some Collection<UInt8>) -> Set<Script>? {
        guard let byte = beginning.first else { return nil }
        let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
        let lead = UInt32(byte) & (0xFF >> UInt32(length + 1))
        let known = beginning.dropFirst().reduce(lead) { $0 << 6 | UInt32($1 & 0x3F) }
        let open = UInt32(6 * max(0, length - beginning.count))
        // Fewer bytes spell what is below the first of these, and no UTF-8 has surrogates.
        let first = max(known << open, [0x80, 0x800, 0x10000][length - 2])
        let last = (known + 1) << open - 1
        let end = surrogates.contains(last) ? surrogates.lowerBound - 1 : last
        guard first <= end else { return nil }
        var scripts: Set<Script> = []
        // Scripts begin and end at multiples of 16, but for three ends, at which what has
        // none is in the same range.
        for value in stride(from: first, through: end, by: 16) {
            let script = Script(ofCodePoint: value)
            if script == .other { return nil }
            scripts.insert(script)
        }
        return scripts
    }

    private static let surrogates: ClosedRange<UInt32> = 0xD800...0xDFFF

    /// The block of Hangul's compatibility letters.
    private static let hangulCompatibility: ClosedRange<UInt32> = 0x3130...0x318F

    private init(ofCodePoint value: UInt32) {
        switch value {
        case 0...0x02FF, 0x1D00...0x1DBF, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF,
            0xFB00...0xFB06, 0xFF21...0xFF5A:
            self = .latin
        case 0x0370...0x03FF, 0x1F00...0x1FFF: self = .greek
        case 0x0400...0x052F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: self = .cyrillic
        case 0x0530...0x058F: self = .armenian
        case 0x0590...0x05FF: self = .hebrew
        case 0x0600...0x077F, 0x08A0...0x08FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF: self = .arabic
        case 0x0E00...0x0E7F: self = .thai
        case 0x10A0...0x10FF: self = .georgian
        case 0x0780...0x109F: self = .block(value >> 7)
        case 0x1100...0x11FF, Self.hangulCompatibility, 0xA960...0xA97F, 0xAC00...0xD7FF: self = .hangul
        case 0x1200...0x139F: self = .ethiopic
        case 0x1780...0x17FF: self = .khmer
        case 0x2E80...0x312F, 0x3190...0x9FFF, 0xF900...0xFAFF, 0xFF66...0xFF9F, 0x20000...0x3FFFF:
            self = .eastAsian
        default: self = .other
        }
    }
}
