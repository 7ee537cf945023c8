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
    /// Letters and marks that are in no word.
    var excluded: ScalarSet?
    /// Whether runs of other characters take slashes that follow, as they do newlines.
    var takesSlashes = true

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let wordEnd = wordEnd(text, start, end)
        guard wordEnd > start else { return otherEnd(text, start, end) }
        return hasContractions ? text.contractionEnd(wordEnd, end, ignoringCase: true) : wordEnd
    }

    /// The end of a word without its contraction, or `start` if there is none.
    @inline(__always)
    func wordEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let hasPrefix = start + 1 < end && !text.isIn(start, .alphanumeric) && !text.isNewline(start)
        var wordEnd = -1
        if hasPrefix { wordEnd = lowerEnd(text, start + 1, end) }
        if wordEnd < 0 { wordEnd = lowerEnd(text, start, end) }
        if wordEnd < 0, hasPrefix, isIn(text, start + 1, .upperWord) {
            wordEnd = runEnd(text, start + 2, end, .upperWord)
        }
        if wordEnd < 0, isIn(text, start, .upperWord) {
            wordEnd = runEnd(text, start + 1, end, .upperWord)
        }
        return max(wordEnd, start)
    }

    /// The end of what begins at `start` where that is no word.
    @inline(__always)
    func otherEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        if text.isIn(start, .numbers) {
            return text.runEnd(start + 1, end - start > digits ? start + digits : end, .numbers)
        }
        let first = text[start] == ScalarText.space && start + 1 < end ? start + 1 : start
        if text.isIn(first, .notInWords) {
            return text.newlinesEnd(text.runEnd(first + 1, end, .notInWords), end, andSlashes: takesSlashes)
        }
        return text.whitespaceEnd(start, end, breaksAtNewlines: true)
    }

    @inline(__always)
    private func isIn(_ text: borrowing ScalarText, _ index: Int, _ classes: CharacterClass) -> Bool {
        guard text.isIn(index, classes) else { return false }
        return excluded.map { !$0.contains(text[index]) } ?? true
    }

    @inline(__always)
    private func runEnd(
        _ text: borrowing ScalarText, _ start: Int, _ end: Int, _ classes: CharacterClass
    ) -> Int {
        let runEnd = text.runEnd(start, end, classes)
        guard let excluded else { return runEnd }
        var index = start
        while index < runEnd, !excluded.contains(text[index]) { index += 1 }
        return index
    }

    /// The end of `U*W+`, or −1 if it does not match.
    ///
    /// U* takes all it can. If no W follows, it gives back characters until one of them is a W, too: those
    /// behind that one are capitals, so the match ends there.
    @inline(__always)
    private func lowerEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let upperEnd = runEnd(text, start, end, .upperWord)
        if upperEnd < end, isIn(text, upperEnd, .lowerWord) {
            return runEnd(text, upperEnd + 1, end, .lowerWord)
        }
        var index = upperEnd
        while index > start {
            if text.isIn(index - 1, .lowerWord) { return index }
            index -= 1
        }
        return -1
    }
}
