/// GPT-4o, Llama 4 and Mistral's Tekken, whose words turn from capitals to small letters at most once:
///
///     [^\r\n\p{L}\p{N}]?U*W+C?|[^\r\n\p{L}\p{N}]?U+W*C?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*
///     |\s*[\r\n]+|\s+(?!\S)|\s+
///
/// where U is `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, W is `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` and C is
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`.
///
/// llama.cpp writes U and W as "a letter, but not a-z" and "a letter, but not A-Z", without marks; this
/// follows the makers' own expressions.
struct CasedWords: SplitRule {
    /// The most digits of a piece.
    var digits = 3
    /// Whether a word takes the contraction that follows it.
    var hasContractions = true

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let hasPrefix = start + 1 < end && !text.isIn(start, .alphanumeric) && !text.isNewline(start)
        var wordEnd = -1
        if hasPrefix { wordEnd = lowerEnd(text, start + 1, end) }
        if wordEnd < 0 { wordEnd = lowerEnd(text, start, end) }
        if wordEnd < 0, hasPrefix, text.isIn(start + 1, .upperWord) {
            wordEnd = text.runEnd(start + 2, end, .upperWord)
        }
        if wordEnd < 0, text.isIn(start, .upperWord) {
            wordEnd = text.runEnd(start + 1, end, .upperWord)
        }
        if wordEnd >= 0 {
            return hasContractions ? text.contractionEnd(wordEnd, end, ignoringCase: true) : wordEnd
        }
        if text.isIn(start, .numbers) {
            return text.runEnd(start + 1, end - start > digits ? start + digits : end, .numbers)
        }
        let first = text[start] == ScalarText.space && start + 1 < end ? start + 1 : start
        if text.isIn(first, .notInWords) {
            return text.newlinesEnd(text.runEnd(first + 1, end, .notInWords), end, andSlashes: true)
        }
        return text.whitespaceEnd(start, end, breaksAtNewlines: true)
    }

    /// The end of `U*W+`, or −1 if it does not match.
    ///
    /// U* takes all it can. If no W follows, it gives back characters until one of them is a W, too: those
    /// behind that one are capitals, so the match ends there.
    @inline(__always)
    private func lowerEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let upperEnd = text.runEnd(start, end, .upperWord)
        if upperEnd < end, text.isIn(upperEnd, .lowerWord) {
            return text.runEnd(upperEnd + 1, end, .lowerWord)
        }
        var index = upperEnd
        while index > start {
            if text.isIn(index - 1, .lowerWord) { return index }
            index -= 1
        }
        return -1
    }
}
