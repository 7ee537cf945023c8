/// Kimi K2: runs of Chinese characters, and otherwise GPT-4o's words without them:
///
///     \p{Han}+|[^\r\n\p{L}\p{N}]?U*W+C?|[^\r\n\p{L}\p{N}]?U+W*C?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
///     |\s*[\r\n]+|\s+(?!\S)|\s+
///
/// where U and W are those of `CasedWords` less `\p{Han}`.
struct KimiWords: SplitRule {
    private let words = CasedWords(excluded: Self.han, takesSlashes: false)

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        var index = start
        while index < end, Self.han.contains(text[index]) { index += 1 }
        return index > start ? index : words.matchEnd(text, start, end)
    }

    /// The script Han in Unicode 16.
    private static let han = ScalarSet(ranges: [
        0x2E80...0x2E99, 0x2E9B...0x2EF3, 0x2F00...0x2FD5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029,
        0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFA6D, 0xFA70...0xFAD9,
        0x16FE2...0x16FE3,
        0x16FF0...0x16FF1, 0x20000...0x2A6DF, 0x2A700...0x2B739, 0x2B740...0x2B81D, 0x2B820...0x2CEA1,
        0x2CEB0...0x2EBE0, 0x2EBF0...0x2EE5D, 0x2F800...0x2FA1D, 0x30000...0x3134A, 0x31350...0x323AF,
    ])
}

/// EXAONE MoE, whose words go on over single spaces:
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}
///     | ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+
struct ExaoneWords: SplitRule {
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let contraction = text.contractionEnd(start, end, ignoringCase: true)
        if contraction > start { return contraction }
        if start + 1 < end, text.isIn(start + 1, .letters), !text.isIn(start, .alphanumeric),
            !text.isNewline(start)
        {
            return wordsEnd(text, start + 2, end)
        }
        if text.isIn(start, .letters) { return wordsEnd(text, start + 1, end) }
        if text.isIn(start, .numbers) { return start + 1 }
        let first = text[start] == ScalarText.space && start + 1 < end ? start + 1 : start
        if text.isIn(first, .notInWords) {
            let run = text.runEnd(first + 1, end, .notInWords)
            return run < end && text.isNewline(run) ? run + 1 : run
        }
        return text.whitespaceEnd(start, end, breaksAtNewlines: true)
    }

    /// Where words end that begin with the letter before `start`.
    private func wordsEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        var index = start
        while true {
            index = text.runEnd(index, end, [.letters, .marks])
            guard index + 1 < end, text[index] == ScalarText.space, text.isIn(index + 1, .letters) else {
                return index
            }
            index += 2
        }
    }
}

/// What Jais 2 makes of white space, after Llama 3's rule:
/// `\s{512}(?!\S)|\s{256}(?!\S)|…|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}` in place of `\s+(?!\S)|\s+`, that is, each
/// such run in powers of two.
struct HalvedWhitespace: SplitRule {
    /// Works on whole pieces only.
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int { start }

    func split(_ text: borrowing ScalarText, _ pieces: [Int], into result: inout [Int]) {
        var pieceStart = 0
        for pieceEnd in pieces {
            var index = pieceStart
            // A run that ends with a newline is the alternative before.
            if text.isIn(pieceStart, .whitespace), text.isIn(pieceEnd - 1, .whitespace),
                !text.isNewline(pieceEnd - 1)
            {
                var size = 512
                while index < pieceEnd {
                    while size > pieceEnd - index { size /= 2 }
                    index += size
                    result.append(index)
                }
            } else {
                result.append(pieceEnd)
            }
            pieceStart = pieceEnd
        }
    }
}

/// `[…]+|[…]+`: runs of one of several sets.
struct RunsOfEither: SplitRule {
    var sets: [ScalarSet]

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        for set in sets where set.contains(text, start) {
            var index = start + 1
            while index < end, set.contains(text, index) { index += 1 }
            return index
        }
        return start
    }
}

/// Chameleon's marks for images, `<sentinel:[0-9]+>` or `(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z`.
struct ChameleonMarks: SplitRule {
    /// What a mark begins with.
    var lead: String
    /// The characters that follow, at most `limit` of them, and at least one.
    var inner: ClosedRange<UInt32>
    var limit: Int
    /// The character that ends it.
    var last: UInt32

    static let sentinel = ChameleonMarks(lead: "<sentinel:", inner: 0x30...0x39, limit: .max, last: 0x3E)
    static let image = ChameleonMarks(lead: "IMGIMG", inner: 0x41...0x49, limit: 4, last: 0x5A)

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        var index = start
        for scalar in lead.unicodeScalars {
            guard index < end, text[index] == scalar.value else { return start }
            index += 1
        }
        let first = index
        while index < end, index - first < limit, inner.contains(text[index]) { index += 1 }
        guard index > first, index < end, text[index] == last else { return start }
        return index + 1
    }
}

/// `[\t\n]|    |  ` (Chameleon).
struct Indentation: SplitRule {
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        if text[start] == ScalarText.newline || text[start] == 0x09 { return start + 1 }
        var index = start
        while index < end, index - start < 4, text[index] == ScalarText.space { index += 1 }
        return index - start == 4 ? index : index - start >= 2 ? start + 2 : start
    }
}
