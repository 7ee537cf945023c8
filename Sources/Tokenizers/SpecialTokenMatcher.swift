/// Takes special tokens out of a text: the leftmost one first, of several at one place the longest.
///
/// So do the makers' own tokenizers. llama.cpp searches for the longest token everywhere, then for
/// the next longest, which differs only where special tokens overlap.
///
/// A token that is part of a character, which a damaged file may hold, is never taken: the text
/// beside it would not be UTF-8.
///
/// A trie of bytes: the children of a node are in a hash table, those of the root in an array.
struct SpecialTokenMatcher: Sendable {
    private let children: MergeTable  // (node, byte) → node
    private let roots: [Int32]  // [256]
    private let tokens: [Int32]  // [nodes]; −1 where no token ends
    private let needsTrust: Set<Int32>
    private let stripsLeft: Set<Int32>
    private let stripsRight: Set<Int32>

    /// Finds the control, unknown and user-defined tokens of a vocabulary.
    init(_ vocabulary: Vocabulary, stripsLeft: [Int], stripsRight: [Int]) {
        let special = (0..<Int32(vocabulary.count)).filter { id in
            switch vocabulary.types.base[Int(id)] {
            case .control, .unknown, .userDefined: !vocabulary.bytes(of: id).isEmpty
            default: false
            }
        }
        let children = MergeTable(count: special.reduce(0) { $0 + vocabulary.bytes(of: $1).count })
        var roots = [Int32](repeating: -1, count: 256)
        var tokens: [Int32] = []
        for id in special {
            let bytes = vocabulary.bytes(of: id)
            var node = roots[Int(bytes[0])]
            if node < 0 {
                node = Int32(tokens.count)
                roots[Int(bytes[0])] = node
                tokens.append(-1)
            }
            for byte in bytes.dropFirst() {
                var child = children.find(left: node, right: Int32(byte)).result
                if child < 0 {
                    child = Int32(tokens.count)
                    children.insert(left: node, right: Int32(byte), rank: 0, result: child)
                    tokens.append(-1)
                }
                node = child
            }
            if tokens[Int(node)] < 0 { tokens[Int(node)] = id }
        }
        self.children = children
        self.roots = roots
        self.tokens = tokens
        needsTrust = Set(special.filter { vocabulary.types.base[Int($0)] != .userDefined })
        self.stripsLeft = Set(stripsLeft.map { Int32($0) })
        self.stripsRight = Set(stripsRight.map { Int32($0) })
    }

    /// Divides a text. Control and unknown tokens are found where all their bytes are trusted.
    ///
    /// - Parameter trusted: the trusted stretches of the text, ascending, none touching the next.
    func fragments(_ text: UnsafeBufferPointer<UInt8>, trusted: [Range<Int>]) -> [Fragment] {
        var fragments: [Fragment] = []
        var trust = 0
        var textStart = 0
        var index = 0
        while index < text.count {
            if roots[Int(text[index])] < 0 || !isBorder(text, index) {
                index += 1
                continue
            }
            while trust < trusted.count, trusted[trust].upperBound <= index { trust += 1 }
            let trustEnd =
                trust < trusted.count && trusted[trust].lowerBound <= index
                ? trusted[trust].upperBound : index
            guard let (id, end) = longestMatch(text, index, trustEnd: trustEnd) else {
                index += 1
                continue
            }
            var textEnd = index
            if stripsLeft.contains(id) {
                while textEnd > textStart,
                    let width = whitespace(text, endingAt: textEnd, notBefore: textStart)
                {
                    textEnd -= width
                }
            }
            if textStart < textEnd { fragments.append(.text(textStart..<textEnd)) }
            fragments.append(.token(id))
            index = end
            if stripsRight.contains(id) {
                while let width = whitespace(text, startingAt: index) { index += width }
            }
            textStart = index
        }
        if textStart < text.count { fragments.append(.text(textStart..<text.count)) }
        return fragments
    }

    private func longestMatch(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, trustEnd: Int
    ) -> (id: Int32, end: Int)? {
        var best: (id: Int32, end: Int)?
        var node = roots[Int(text[start])]
        var end = start + 1
        while node >= 0 {
            let id = tokens[Int(node)]
            if id >= 0, isBorder(text, end), end <= trustEnd || !needsTrust.contains(id) { best = (id, end) }
            if end == text.count { break }
            node = children.find(left: node, right: Int32(text[end])).result
            end += 1
        }
        return best
    }

    /// Whether a place is between two characters, or at one of the text's ends.
    @inline(__always)
    private func isBorder(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        index == text.count || text[index] & 0xC0 != 0x80
    }

    /// The number of bytes of the white space at a place; nil if there is none.
    private func whitespace(_ text: UnsafeBufferPointer<UInt8>, startingAt index: Int) -> Int? {
        guard index < text.count else { return nil }
        let width = min(UTF8Width.ofScalar(startingWith: text[index]), text.count - index)
        return isWhitespace(text[index..<index + width]) ? width : nil
    }

    private func whitespace(
        _ text: UnsafeBufferPointer<UInt8>, endingAt end: Int, notBefore limit: Int
    ) -> Int? {
        var start = end - 1
        while start > limit, text[start] & 0xC0 == 0x80 { start -= 1 }
        return isWhitespace(text[start..<end]) ? end - start : nil
    }

    private func isWhitespace(_ character: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let scalars = String(decoding: character, as: UTF8.self).unicodeScalars
        return scalars.count == 1 && scalars.allSatisfy(\.properties.isWhitespace)
    }
}
