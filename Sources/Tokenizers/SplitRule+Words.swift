/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
struct GPT2Words: SplitRule {
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let contraction = text.contractionEnd(start, end, ignoringCase: false)
        if contraction > start { return contraction }
        let first = text[start] == ScalarText.space && start + 1 < end ? start + 1 : start
        if text.isIn(first, .letters) { return text.runEnd(first, end, .letters) }
        if text.isIn(first, .numbers) { return text.runEnd(first, end, .numbers) }
        if !text.isIn(first, .whitespace) { return text.runEnd(first, end, .notInWords) }
        return text.whitespaceEnd(start, end, breaksAtNewlines: false)
    }
}

/// Llama 3, Qwen 2 and their kin:
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
///     |\s*[\r\n]+|\s+(?!\S)|\s+
struct Llama3Words: SplitRule {
    /// The most digits of a piece.
    var digits = 3
    /// `[\p{L}\p{M}]` instead of `\p{L}` in words, and no marks in runs of other characters (Qwen 3.5).
    var wordsHaveMarks = false
    /// Whether newlines stay with the punctuation before them (not in Seed-Coder).
    var punctuationTakesNewlines = true
    /// Whether `'s` and its like are pieces (not in Turkish models).
    var hasContractions = true

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        if hasContractions {
            let contraction = text.contractionEnd(start, end, ignoringCase: true)
            if contraction > start { return contraction }
        }
        let word: CharacterClass = wordsHaveMarks ? [.letters, .marks] : .letters
        if start + 1 < end, text.isIn(start + 1, word), !text.isIn(start, .alphanumeric),
            !text.isNewline(start)
        {
            return text.runEnd(start + 2, end, word)
        }
        if text.isIn(start, word) { return text.runEnd(start + 1, end, word) }
        if text.isIn(start, .numbers) {
            return text.runEnd(start + 1, end - start > digits ? start + digits : end, .numbers)
        }
        let other: CharacterClass = wordsHaveMarks ? .notInWords.subtracting(.marks) : .notInWords
        let first = text[start] == ScalarText.space && start + 1 < end ? start + 1 : start
        if text.isIn(first, other) {
            let run = text.runEnd(first + 1, end, other)
            return punctuationTakesNewlines ? text.newlinesEnd(run, end) : run
        }
        return text.whitespaceEnd(start, end, breaksAtNewlines: true)
    }
}

/// DeepSeek V3, after its rules for numbers and East Asian text:
///
///     [!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*
///     |\s*[\r\n]+|\s+(?!\S)|\s+
///
/// Spark 2.5 has ` ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+` behind the words.
struct DeepSeekWords: SplitRule {
    /// Whether newlines go with the punctuation and the white space before them.
    var joinsNewlines = true

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let word: CharacterClass = [.letters, .marks]
        let signs: CharacterClass = [.punctuation, .symbols]
        if text[start] < 0x80, text.isIn(start, signs), start + 1 < end, text.isASCIILetter(start + 1) {
            var index = start + 2
            while index < end, text.isASCIILetter(index) { index += 1 }
            return index
        }
        if start + 1 < end, text.isIn(start + 1, word), !text.isIn(start, signs.union(.letters)),
            !text.isNewline(start)
        {
            return text.runEnd(start + 2, end, word)
        }
        if text.isIn(start, word) { return text.runEnd(start + 1, end, word) }
        let first = text[start] == ScalarText.space && start + 1 < end ? start + 1 : start
        if text.isIn(first, signs) {
            let run = text.runEnd(first + 1, end, signs)
            return joinsNewlines ? text.newlinesEnd(run, end) : run
        }
        if !joinsNewlines, text.isNewline(start) { return start + 1 }
        if text.isIn(start, .whitespace) {
            return text.whitespaceEnd(start, end, breaksAtNewlines: joinsNewlines)
        }
        return start
    }
}

extension CharacterClass {
    static let alphanumeric: CharacterClass = [.letters, .numbers]
    /// `[^\s\p{L}\p{N}]`.
    static let notInWords = CharacterClass(rawValue: ~0).subtracting([.whitespace, .letters, .numbers])
}
