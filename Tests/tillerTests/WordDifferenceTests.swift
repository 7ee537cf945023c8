import Testing

@testable import tiller

@Suite struct WordDifferenceTests {
    private func changed(_ pieces: [WordDifference.Piece]) -> [String] {
        pieces.filter(\.isChanged).map(\.text)
    }

    @Test func wordsThatOnlyOneSideHasAreMarked() {
        let difference = WordDifference("I was very sad today.", "I was happy today.")
        #expect(changed(difference.left) == [" very sad"])
        #expect(changed(difference.right) == [" happy"])
    }

    @Test(arguments: [
        ("", ""), ("a", ""), ("", " b"), ("same words", "same words"), ("  a\n\nb ", "a b"),
        ("早上好 你好", "早上好"), (" ", "\n"),
    ])
    func thePiecesJoinToTheTexts(_ left: String, _ right: String) {
        let difference = WordDifference(left, right)
        #expect(difference.left.map(\.text).joined() == left)
        #expect(difference.right.map(\.text).joined() == right)
        // Pieces alternate, so that each is as long as it can be.
        for pieces in [difference.left, difference.right] {
            #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.isChanged != $1.isChanged })
        }
    }

    @Test func whiteSpaceIsNoDifference() {
        #expect(changed(WordDifference("a b", "a\n b").right).isEmpty)
    }

    @Test func aVeryLongTextIsShownWithoutItsDifference() {
        let long = String(repeating: "word ", count: WordDifference.longest + 1)
        let difference = WordDifference(long, "x")
        #expect(changed(difference.left).isEmpty && difference.left.map(\.text) == [long])
    }
}
