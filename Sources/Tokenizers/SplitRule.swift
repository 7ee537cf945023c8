/// One expression of a pre-tokeniser: it divides a piece of text into smaller ones.
///
/// As with the `Split` of Hugging Face and llama.cpp's lists of expressions, matches become pieces, what lies
/// between matches stays as pieces too, and a piece is a text of its own: its end is the end that
/// look-aheads see.
protocol SplitRule: Sendable {
    /// The end of the match that begins at `start`, or `start` if there is none. A piece ends at `end`.
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int

    /// Divides each piece; pieces are given by their ends.
    func split(_ text: borrowing ScalarText, _ pieces: [Int], into result: inout [Int])
}

extension SplitRule {
    func split(_ text: borrowing ScalarText, _ pieces: [Int], into result: inout [Int]) {
        var pieceStart = 0
        for pieceEnd in pieces {
            var index = pieceStart
            var gapStart = pieceStart
            while index < pieceEnd {
                let matchEnd = matchEnd(text, index, pieceEnd)
                if matchEnd == index {
                    index += 1
                    continue
                }
                if gapStart < index { result.append(index) }
                result.append(matchEnd)
                index = matchEnd
                gapStart = matchEnd
            }
            if gapStart < pieceEnd { result.append(pieceEnd) }
            pieceStart = pieceEnd
        }
    }
}
