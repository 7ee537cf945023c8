/// Where a normalised text may be cut without changing its tokens.
enum SentencePieceWords: Sendable {
    /// Nowhere: some token goes on behind a space.
    case none
    /// Before each run of `▁`: no token has one behind another character.
    case beforeSpaces
    /// Before each `▁`.
    case beforeEachSpace

    /// Looks at all tokens that text may become.
    ///
    /// Merges never cross such a cut, so the tokens are the same; but a word of a few characters is scanned
    /// instead of a megabyte that needs a heap.
    init(_ vocabulary: Vocabulary) {
        self = .beforeSpaces
        for id in 0..<Int32(vocabulary.count) where vocabulary.isText(id) {
            let bytes = vocabulary.bytes(of: id)
            guard bytes.count > 3 else { continue }
            for index in 1...bytes.count - 3 where Self.isSpace(bytes, index) {
                if index < 3 || !Self.isSpace(bytes, index - 3) {
                    self = .none
                    return
                }
            }
        }
    }

    /// The end of the word that begins at a place.
    @inline(__always)
    func wordEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        if case .none = self { return text.count }
        var index = start
        var isAfterSpace = false
        while index < text.count {
            let isSpace = text[index] == 0xE2 && index + 3 <= text.count && Self.isSpace(text, index)
            if isSpace {
                if index > start, !isAfterSpace || self == .beforeEachSpace { return index }
                index += 3
            } else {
                index += 1
            }
            isAfterSpace = isSpace
        }
        return index
    }

    @inline(__always)
    private static func isSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        bytes[index] == 0xE2 && bytes[index + 1] == 0x96 && bytes[index + 2] == 0x81
    }
}
