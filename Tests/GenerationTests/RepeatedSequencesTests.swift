import Terms
import Testing

@testable import Generation

@Suite struct RepeatedSequencesTests {
    /// By the definition: every earlier place, compared token by token.
    private func expected(_ text: [TokenID], atLeast least: Int) -> [TokenID: Int] {
        var found: [TokenID: Int] = [:]
        for next in text.indices.dropFirst() {
            let length = zip(text[..<next].reversed(), text.reversed()).prefix { $0 == $1 }.count
            if length >= least { found[text[next]] = max(length, found[text[next]] ?? 0) }
        }
        return found
    }

    @Test func theyAreThoseOfTheDefinition() {
        var random = RandomSource(seed: 3)
        for round in 0..<600 {
            // Few different tokens repeat themselves in every way.
            let kinds = Double(1 + round % 4)
            let text = (0..<round % 40).map { _ in TokenID(Int32(random.nextUnit() * kinds)) }
            for least in 1...4 {
                #expect(
                    RepeatedSequences.continuations(of: text, atLeast: least)
                        == expected(text, atLeast: least), "\(text)")
            }
        }
    }

    @Test func theLongestOfSeveralCounts() {
        // "a b c", "x b d", "a b": c has followed two of the tokens at the end, d one.
        let text: [TokenID] = [0, 1, 2, 9, 1, 3, 0, 1]
        #expect(RepeatedSequences.continuations(of: text, atLeast: 1) == [2: 2, 3: 1])
        #expect(RepeatedSequences.continuations(of: text, atLeast: 2) == [2: 2])
        #expect(RepeatedSequences.continuations(of: text, atLeast: 3).isEmpty)
    }
}
