/// How much of a text says again what it has said.
public enum Repetition {
    /// The share of an answer's stretches of four tokens that have come before in it, 0…1; 0
    /// for fewer than five tokens.
    public static func share(of ids: [some Hashable]) -> Double {
        guard ids.count > 4 else { return 0 }
        let starts = 0...(ids.count - 4)
        let distinct = Set(starts.map { Array(ids[$0..<($0 + 4)]) })
        return 1 - Double(distinct.count) / Double(starts.count)
    }

    /// Longer circles are not looked for: no answer that people wait for says a page three times.
    private static let longestPeriod = 256

    /// Whether somewhere the same stretch of tokens comes three times in a row or more, over twelve tokens or
    /// more: "very, very" and lists are no loops, a sentence that is said three times is.
    public static func isLoop(_ ids: [some Hashable]) -> Bool {
        guard ids.count >= 12 else { return false }
        for period in 1...min(ids.count / 3, longestPeriod) {
            let needed = max(3 * period, 12) - period
            var matches = 0
            for index in period..<ids.count {
                matches = ids[index] == ids[index - period] ? matches + 1 : 0
                if matches >= needed { return true }
            }
        }
        return false
    }

    /// Whether a letter stands twelve times in a row: "ooooooooooooo", in however few tokens.
    /// Rules of dashes are no letters.
    static func hasLetterRun(_ text: String) -> Bool {
        var previous: Unicode.Scalar?
        var length = 0
        for scalar in text.unicodeScalars {
            length = scalar == previous ? length + 1 : 1
            previous = scalar
            if length >= 12, scalar.properties.isAlphabetic { return true }
        }
        return false
    }
}
