/// What SentencePiece does to a text before it encodes it: replaces characters, tidies white space, puts
/// a space in front, and writes spaces as `▁` (U+2581).
struct SentencePieceNormalizer: Sendable {
    /// The UTF-8 of `▁`.
    static let space: [UInt8] = [0xE2, 0x96, 0x81]

    /// What stands in front of a stretch of text.
    enum Start {
        /// Nothing: the whole text begins with it.
        case nothing
        /// A special token.
        case token
        /// Text that it goes on with.
        case text
    }

    let prefix: SpacePrefix
    let removesExtraWhitespace: Bool
    let characterMap: CharacterMap?
    let composes: Bool

    /// Writes the normal form of a stretch of text.
    ///
    /// - Parameters:
    ///   - start: what stands in front of it.
    ///   - result: where it is written; what was there is lost.
    func normalize(_ text: UnsafeBufferPointer<UInt8>, behind start: Start, into result: inout [UInt8]) {
        result.removeAll(keepingCapacity: true)
        var replaced: [UInt8]?
        if composes { replaced = Composition.composed(text) }
        if let characterMap {
            replaced = (replaced ?? Array(text)).withUnsafeBufferPointer(characterMap.replace)
        }
        if let replaced {
            replaced.withUnsafeBufferPointer { escape($0, behind: start, into: &result) }
        } else {
            escape(text, behind: start, into: &result)
        }
    }

    private func escape(_ text: UnsafeBufferPointer<UInt8>, behind start: Start, into result: inout [UInt8]) {
        let blank = UInt8(ascii: " ")
        var rest = text[...]
        if removesExtraWhitespace, start != .text {
            rest = rest.drop { $0 == blank }
        }
        if rest.isEmpty { return }
        let hasSpace = rest[rest.startIndex] == blank || rest.starts(with: Self.space)
        let isPrefixed =
            switch (prefix, start) {
            case (.never, _), (_, .text): false
            case (.always, _): true
            case (.alwaysUnlessSpace, _): !hasSpace
            case (.firstUnlessSpace, _): start == .nothing && !hasSpace
            }
        if isPrefixed { result.append(contentsOf: Self.space) }
        var isAfterSpace = false
        for byte in rest {
            if byte != blank {
                result.append(byte)
            } else if !(isAfterSpace && removesExtraWhitespace) {
                result.append(0xE2)
                result.append(0x96)
                result.append(0x81)
            }
            isAfterSpace = byte == blank
        }
        // Also those that the text has as `▁`, and the one in front of a text that has nothing else.
        while removesExtraWhitespace, result.suffix(3).elementsEqual(Self.space) { result.removeLast(3) }
    }
}
