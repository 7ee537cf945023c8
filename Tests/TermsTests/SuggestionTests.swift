import Testing

@testable import Terms

@Suite struct SuggestionTests {
    private let names = ["smollm2-135m-instruct", "gemma3-270m"]

    @Test(arguments: [
        ("smolm2-135m-instruct", "smollm2-135m-instruct"), ("SMOLLM2", "smollm2-135m-instruct"),
        ("smollm2-135m", "smollm2-135m-instruct"), ("gema3-270m", "gemma3-270m"),
    ])
    func aSlipOfTheFingerIsUnderstood(_ word: String, _ meant: String) {
        #expect(Suggestion.closest(to: word, among: names) == meant)
    }

    @Test(arguments: ["", "x", "llama-3-8b", "/tmp/model.gguf"])
    func aStrangerIsNotMistakenForAFriend(_ word: String) {
        #expect(Suggestion.closest(to: word, among: names) == nil)
    }

    @Test(arguments: [("", "", 0), ("kitten", "sitting", 3), ("a", "", 1), ("abc", "abc", 0)])
    func theDistanceCountsTheChanges(_ left: String, _ right: String, _ distance: Int) {
        #expect(Suggestion.editDistance(left, right) == distance)
    }
}
