import Steering
import Testing

@Suite struct MarkerCountTests {
    @Test(arguments: [
        ("joy", "Joy! A joyous day of joy, enjoy.", 2), ("joy*", "Joy! A joyous day of joy, enjoy.", 3),
        ("so much", "So much fun, so  much", 1), ("!", "Hi! Hi!!", 3), ("été", "L'ÉTÉ. étés", 1),
        ("マジ", "マジでマジマジ", 3), ("最高", "今日は最高だね!", 1), ("aa", "aa aaaa aa", 2), ("can't", "I can't, can", 1),
        ("straße", "Straße", 1), ("*", "a * b", 1), ("joy", "", 0), ("a", "a1 a-b ä", 1),
    ])
    func wordsAreCounted(marker: String, text: String, expected: Int) {
        #expect(MarkerCount(Markers(positive: [marker]), in: text).positive == expected)
    }

    @Test func sidesAreCountedApart() {
        let count = MarkerCount(
            Markers(positive: ["happy", "glad"], negative: ["sad"]), in: "Glad and happy, never sad.")
        #expect(count.positive == 2)
        #expect(count.negative == 1)
    }
}
