import Terms

/// Where a text repeats itself at its end.
enum RepeatedSequences {
    /// The tokens that would go on with a stretch that the text has had before, each with how many of its
    /// last tokens are that stretch: the longest, where a token has followed several.
    ///
    /// Takes time proportional to the text: the Z-algorithm (Gusfield, Algorithms on
    /// Strings, 1.3) from the end.
    ///
    /// - Parameter least: Shorter stretches do not count; at least 1.
    static func continuations(of text: [TokenID], atLeast least: Int) -> [TokenID: Int] {
        guard text.count > least else { return [:] }
        /// A token by its distance from the end.
        func fromEnd(_ distance: Int) -> TokenID { text[text.count - 1 - distance] }
        // How many tokens up to the one at each distance from the end are those at the end.
        var lengths = [Int](repeating: 0, count: text.count)
        // The stretch that reaches furthest back among those known, by its distances from the end.
        var known = 0..<0
        var found: [TokenID: Int] = [:]
        for distance in 1..<text.count {
            var length =
                distance < known.upperBound
                ? min(known.upperBound - distance, lengths[distance - known.lowerBound]) : 0
            while distance + length < text.count, fromEnd(length) == fromEnd(distance + length) {
                length += 1
            }
            lengths[distance] = length
            if distance + length > known.upperBound { known = distance..<distance + length }
            if length >= least {
                found[fromEnd(distance - 1)] = max(length, found[fromEnd(distance - 1)] ?? 0)
            }
        }
        return found
    }
}
