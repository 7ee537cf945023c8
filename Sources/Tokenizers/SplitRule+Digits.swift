/// `\d{1,3}(?=(?:\d{3})*\b)`: numbers in groups of three from their end (Tiny Aya, AFMoE); numbers that go on
/// as a word are left to the rules behind.
struct GroupedDigits: SplitRule {
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        guard text.isIn(start, .digits) else { return start }
        // The groups end where the digits do, because there is no boundary between two digits.
        let runEnd = text.runEnd(start, end, .digits)
        if runEnd < end, isInWord(text, runEnd) { return start }
        let rest = (runEnd - start) % 3
        return start + (rest == 0 ? 3 : rest)
    }

    /// A run of digits at once: asking at each of its groups where it ends would take quadratic time.
    func split(_ text: borrowing ScalarText, _ pieces: [Int], into result: inout [Int]) {
        var pieceStart = 0
        for pieceEnd in pieces {
            var index = pieceStart
            var gapStart = pieceStart
            while index < pieceEnd {
                guard text.isIn(index, .digits) else {
                    index += 1
                    continue
                }
                let runEnd = text.runEnd(index, pieceEnd, .digits)
                if runEnd == pieceEnd || !isInWord(text, runEnd) {
                    if gapStart < index { result.append(index) }
                    var groupEnd = index + (runEnd - index + 2) % 3 + 1
                    while groupEnd <= runEnd {
                        result.append(groupEnd)
                        groupEnd += 3
                    }
                    gapStart = runEnd
                }
                index = runEnd
            }
            if gapStart < pieceEnd { result.append(pieceEnd) }
            pieceStart = pieceEnd
        }
    }

    /// `\w`: letters, marks, digits, connecting punctuation, and what else Unicode calls alphabetic or the
    /// wheel's engine counts among them.
    private func isInWord(_ text: borrowing ScalarText, _ index: Int) -> Bool {
        text.isIn(index, Self.wordClasses) || Self.others.contains(text, index)
    }

    private static let wordClasses: CharacterClass = [
        .letters, .marks, .digits, .letterNumbers, .connectingPunctuation,
    ]
    private static let others = ScalarSet(ranges: [
        0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE, 0x24B6...0x24E9, 0x1F130...0x1F149, 0x1F150...0x1F169,
        0x1F170...0x1F189,
    ])
}

/// `(?=(\d{3})+(?!\d))`: cuts between the thousands, and takes nothing itself (SuperBPE).
struct ThousandsCuts: SplitRule {
    /// The expression matches no character.
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int { start }

    func split(_ text: borrowing ScalarText, _ pieces: [Int], into result: inout [Int]) {
        var pieceStart = 0
        for pieceEnd in pieces {
            var index = pieceStart
            while index < pieceEnd {
                guard text.isIn(index, .digits) else {
                    index += 1
                    continue
                }
                let runEnd = text.runEnd(index, pieceEnd, .digits)
                var cut = index + (runEnd - index) % 3
                while cut < runEnd {
                    if cut > pieceStart { result.append(cut) }
                    cut += 3
                }
                index = runEnd
            }
            result.append(pieceEnd)
            pieceStart = pieceEnd
        }
    }
}

extension CharacterClass {
    /// `\d`.
    static let digits = CharacterClass(rawValue: 1 << 8)
    /// `\p{Nl}`.
    static let letterNumbers = CharacterClass(rawValue: 1 << 9)
    /// `\p{Pc}`.
    static let connectingPunctuation = CharacterClass(rawValue: 1 << 11)
}
