/// Which words of two texts are the same, for showing them side by side.
struct WordDifference: Equatable {
    /// Words that stand together and share their fate.
    struct Piece: Equatable {
        /// The words, with the spaces before them.
        var text: String
        /// Whether the other text lacks them.
        var isChanged: Bool
    }

    /// The first text, in pieces that join to it.
    let left: [Piece]
    /// The second one.
    let right: [Piece]

    /// Longer texts are shown without their difference: finding it takes time and memory of
    /// the product of their changes.
    static let longest = 2_000

    /// Compares two texts word by word, by Myers's shortest edit.
    init(_ left: String, _ right: String) {
        let (before, after) = (Self.words(left), Self.words(right))
        guard max(before.count, after.count) <= Self.longest else {
            self.left = left.isEmpty ? [] : [Piece(text: left, isChanged: false)]
            self.right = right.isEmpty ? [] : [Piece(text: right, isChanged: false)]
            return
        }
        var removed = Set<Int>()
        var added = Set<Int>()
        for change in after.map(\.word).difference(from: before.map(\.word)) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        self.left = Self.pieces(before.map(\.text), changed: removed)
        self.right = Self.pieces(after.map(\.text), changed: added)
    }

    /// A word as it stands, with the white space before it, and as it is compared.
    private struct Word {
        var text: Substring
        var word: Substring
    }

    /// The words of a text; white space after the last one belongs to it.
    private static func words(_ text: String) -> [Word] {
        var words: [Word] = []
        var start = text.startIndex
        while start < text.endIndex {
            let word = text[start...].drop(while: \.isWhitespace)
            var end = word.firstIndex(where: \.isWhitespace) ?? text.endIndex
            if text[end...].allSatisfy(\.isWhitespace) { end = text.endIndex }
            words.append(Word(text: text[start..<end], word: word[..<end]))
            start = end
        }
        return words
    }

    private static func pieces(_ words: [Substring], changed: Set<Int>) -> [Piece] {
        var pieces: [Piece] = []
        for (index, word) in words.enumerated() {
            let isChanged = changed.contains(index)
            if pieces.last?.isChanged == isChanged {
                pieces[pieces.count - 1].text += word
            } else {
                pieces.append(Piece(text: String(word), isChanged: isChanged))
            }
        }
        return pieces
    }
}
