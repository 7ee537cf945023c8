import Testing

@testable import Terms

@Suite struct ScriptTests {
    @Test func lettersHaveScriptsAndNothingElseHas() {
        #expect(Script.all(in: "Naïve café, 42 % 🙂 ¡sí!") == [.latin])
        #expect(Script.all(in: "Да, 東京のカフェ") == [.cyrillic, .eastAsian])
        #expect(Script.all(in: "ناس हिन्दी 한국어 λ") == [.arabic, .block(0x0928 >> 7), .hangul, .greek])
        #expect(Script.all(in: "1 + 1 = 2 → 🎉").isEmpty)
    }

    /// What the first bytes of a character say of it, whatever comes behind them.
    @Test(
        arguments: [
            ([0xC3], [Script.latin]), ([0xD0], [.cyrillic]), ([0xD8], [.arabic]),
            ([0xE3], [.eastAsian, .hangul]), ([0xE3, 0x81], [.eastAsian]), ([0xE3, 0x85], [.hangul]),
            ([0xE3, 0x84], [.eastAsian, .hangul]), ([0xE3, 0x86], [.eastAsian, .hangul]),
            ([0xE5], [.eastAsian]), ([0xEB], [.hangul]), ([0xE0, 0xA4], [.block(18)]),
            ([0xED], [.hangul]), ([0xD4], [.cyrillic, .armenian]), ([0xD6], [.armenian, .hebrew]),
            ([0xE0, 0xA2], [.arabic, .block(17)]), ([0xE1, 0x82], [.georgian, .block(33)]),
            ([0xE2], nil), ([0xE2, 0x80], nil),
            ([0xF0], nil), ([0xF0, 0x9F, 0x99], nil), ([], nil),
        ] as [([UInt8], Set<Script>?)])
    func theBeginningOfACharacterMaySayItsScript(_ bytes: [UInt8], _ scripts: Set<Script>?) {
        #expect(Script.all(ofCharacterWith: bytes) == scripts)
    }

    @Test func theFirstByteOfThreeBeforeHalfOfAsiaSaysSeventeenScripts() {
        let blocks = (UInt32(0x0800 >> 7)...0x0FFF >> 7).filter { $0 != 0x0E00 >> 7 }.map(Script.block)
        #expect(Script.all(ofCharacterWith: [0xE0]) == Set(blocks + [.arabic, .thai]))
    }

    /// By the beginnings of every character beyond ASCII that may have a script: what is
    /// said is exactly what can come.
    @Test func everyBeginningSaysTheScriptsOfAllItsCharacters() {
        var possible: [[UInt8]: Set<Script>] = [:]
        for letter in (UInt32(0x80)...0x3FFFF).lazy.compactMap(Unicode.Scalar.init) {
            let bytes = Array(Unicode.UTF8.encode(letter) ?? .init())
            for count in bytes.indices.dropFirst() {
                possible[Array(bytes.prefix(count)), default: []].insert(Script(of: letter))
            }
        }
        for (beginning, scripts) in possible {
            let expected = scripts.contains(.other) ? nil : scripts
            #expect(Script.all(ofCharacterWith: beginning) == expected, "\(beginning)")
        }
    }
}
