/// How many letters of each script a text has.
struct ScriptCount: Equatable {
    /// Writing systems, as coarse as drift needs them: kana and Chinese characters are one, because Japanese needs both.
    enum Script: Hashable {
        case latin, greek, cyrillic, armenian, hebrew, arabic, thai, georgian, hangul, ethiopic, khmer
        case eastAsian
        /// Scripts in blocks of 128 from U+0780 to U+109F: Devanagari, Bengali, Tamil, Lao, Tibetan, Burmese…
        case block(UInt32)
        case other
    }

    /// Letters by script; digits, marks and emoji belong to none.
    private(set) var letters: [Script: Int] = [:]

    /// All letters.
    var total: Int { letters.values.reduce(0, +) }

    init(_ text: String) {
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            letters[Self.script(of: scalar), default: 0] += 1
        }
    }

    /// The letters in scripts of which `reference` has no letter; 0 where it has no letters at all, and nothing is expected.
    func foreignLetters(to reference: ScriptCount) -> Int {
        guard !reference.letters.isEmpty else { return 0 }
        return letters.reduce(0) { $0 + (reference.letters[$1.key] == nil ? $1.value : 0) }
    }

    private static func script(of scalar: Unicode.Scalar) -> Script {
        switch scalar.value {
        case 0...0x02FF, 0x1D00...0x1DBF, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA720...0xA7FF,
            0xFB00...0xFB06, 0xFF21...0xFF5A:
            .latin
        case 0x0370...0x03FF, 0x1F00...0x1FFF: .greek
        case 0x0400...0x052F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: .cyrillic
        case 0x0530...0x058F: .armenian
        case 0x0590...0x05FF: .hebrew
        case 0x0600...0x077F, 0x08A0...0x08FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF: .arabic
        case 0x0E00...0x0E7F: .thai
        case 0x0780...0x109F: .block(scalar.value >> 7)
        case 0x10A0...0x10FF: .georgian
        case 0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF: .hangul
        case 0x1200...0x139F: .ethiopic
        case 0x1780...0x17FF: .khmer
        case 0x2E80...0x312F, 0x31A0...0x9FFF, 0xF900...0xFAFF, 0xFF66...0xFF9F, 0x20000...0x3FFFF: .eastAsian
        default: .other
        }
    }
}
