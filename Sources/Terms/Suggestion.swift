/// Finds what a person may have meant.
public enum Suggestion {
    /// No name that people give to things is longer; looking for what is close to a whole
    /// file would take long.
    private static let longestWord = 256

    /// The candidate that is closest to a mistyped word, or whose beginning is: within a
    /// third of its letters.
    public static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
        let word = word.lowercased()
        guard !word.isEmpty, word.utf8.count <= longestWord else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let lowered = candidate.lowercased()
            // Half a name counts as meant too, but the whole name comes first.
            let beginning = word.count >= 3 ? editDistance(word, String(lowered.prefix(word.count))) : Int.max
            let distance = min(editDistance(word, lowered), beginning)
            if distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, word.count / 3) else { return nil }
        return best.candidate
    }

    /// How many letters have to be added, removed or replaced to make one word of the other (Levenshtein).
    static func editDistance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var previous = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var current = [i + 1]
            for (j, b) in right.enumerated() {
                current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a == b ? 0 : 1)))
            }
            previous = current
        }
        return previous[right.count]
    }
}
