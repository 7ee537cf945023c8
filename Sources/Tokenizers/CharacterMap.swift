/// SentencePiece's compiled table of character replacements (`precompiled_charsmap`): the longest known
/// beginning of the rest of a text is replaced, again and again.
///
/// The format: the size of the index in bytes (32 bits, little-endian), the index, and the replacements, each
/// ended by a zero byte. The index is a double-array trie of darts-clone with 32-bit units: bits 0-7 are
/// the label (with bit 31 set in units that hold a value), bit 8 says that a key ends here, bits 10-30 are
/// the offset of the children, shifted by 8 more if bit 9 is set.
struct CharacterMap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// Checks the sizes; nil for an empty table.
    init?(_ bytes: [UInt8]) throws(TokenizerError) {
        if bytes.isEmpty { return nil }
        func word(at offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
        }
        guard bytes.count > 4 else {
            throw .malformedCharacterMap(reason: "it has \(bytes.count) bytes")
        }
        let size = Int(word(at: 0))
        guard size >= 4, size % 4 == 0, size < bytes.count - 4 else {
            throw .malformedCharacterMap(reason: "an index of \(size) bytes in \(bytes.count) bytes")
        }
        guard bytes[bytes.count - 1] == 0 else {
            throw .malformedCharacterMap(reason: "the last replacement has no end")
        }
        units = stride(from: 4, to: size + 4, by: 4).map { word(at: $0) }
        replacements = Array(bytes[(size + 4)...])
    }

    /// The text with all replacements made.
    func replace(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 4)
        var index = 0
        while index < text.count {
            if let (length, start) = longestMatch(text, index) {
                var end = start
                while replacements[end] != 0 { end += 1 }
                result.append(contentsOf: replacements[start..<end])
                index += length
            } else {
                let width = min(UTF8Width.ofScalar(startingWith: text[index]), text.count - index)
                result.append(contentsOf: text[index..<index + width])
                index += width
            }
        }
        return result
    }

    /// The longest key at a place and where its replacement starts. A walk that leaves the table ends.
    private func longestMatch(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int
    ) -> (length: Int, replacement: Int)? {
        var best: (Int, Int)?
        var node = Self.offset(units[0])
        for index in start..<text.count {
            let byte = UInt32(text[index])
            node ^= byte
            guard node < units.count, units[Int(node)] & 0x8000_00FF == byte else { break }
            let unit = units[Int(node)]
            node ^= Self.offset(unit)
            if unit >> 8 & 1 != 0 {
                guard node < units.count else { break }
                let replacement = Int(units[Int(node)] & 0x7FFF_FFFF)
                guard replacement < replacements.count else { break }
                best = (index - start + 1, replacement)
            }
        }
        return best
    }

    private static func offset(_ unit: UInt32) -> UInt32 {
        (unit >> 10) << ((unit & 1 << 9) >> 6)
    }
}
