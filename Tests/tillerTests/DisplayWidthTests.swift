import Testing

@testable import tiller

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("ｶﾅ", 2), ("Ａ", 2), ("한글", 4), ("👩‍👩‍👧", 2),
        ("❤️", 2), ("🇯🇵", 2), ("a\u{200B}b", 2), ("×–…", 3), ("▁the", 4), ("\u{1B}[1m", 3),
    ])
    func aCharacterTakesTheColumnsOfATerminal(_ text: String, _ columns: Int) {
        #expect(DisplayWidth.columns(of: text) == columns)
    }

    @Test func aTextIsCutBetweenCharactersAndSaysSo() {
        #expect(DisplayWidth.truncated("日本語です", to: 6) == "日本…")
        #expect(DisplayWidth.truncated("short", to: 5) == "short")
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two", "three"]),
        ("incomprehensible", 6, ["incomp", "rehens", "ible"]),
        ("今日はいい天気ですね", 8, ["今日はい", "い天気で", "すね"]),
        ("a\n\nb", 5, ["a", "", "b"]),
        ("ab 日本語", 6, ["ab 日", "本語"]),
        ("", 4, [""]),
    ])
    func longTextIsWrappedAtSpacesAndBetweenWideCharacters(_ text: String, _ limit: Int, _ lines: [String]) {
        #expect(DisplayWidth.wrapped(text, to: limit) == lines)
    }

    @Test(arguments: 2...40)
    func noWrappedLineIsTooWideAndNoLetterIsLost(_ limit: Int) {
        let text = "The 日本 quick brown狐 jumps over antidisestablishmentarianism 👩‍👩‍👧👩‍👩‍👧 and rests"
        let lines = DisplayWidth.wrapped(text, to: limit)
        #expect(lines.allSatisfy { DisplayWidth.columns(of: $0) <= limit })
        #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
    }
}
