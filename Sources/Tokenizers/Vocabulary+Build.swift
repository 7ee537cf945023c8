/// The steps of building a vocabulary.
extension Vocabulary {
    /// Takes the tokens out of GPT-2's alphabet, but for those that the maker wrote as they are.
    static func decode(
        _ tokens: ByteStrings, _ types: [TokenType], usesAlphabet: Bool
    ) -> (FrozenBuffer<UInt8>, FrozenBuffer<UInt32>) {
        var starts = [UInt32](repeating: 0, count: tokens.count + 1)
        let bytes = FrozenBuffer<UInt8>(count: tokens.bytes.count, initial: 0) { target in
            tokens.bytes.withUnsafeBufferPointer { source in
                guard let base = source.baseAddress else { return }
                var read = 0
                var written = 0
                for id in 0..<tokens.count {
                    let count = tokens.ends[id] - read
                    switch types[id] {
                    case .normal, .unused, .undefined, .byte:
                        if usesAlphabet {
                            written += ByteAlphabet.decode(base + read, count: count, into: target + written)
                            break
                        }
                        fallthrough
                    case .control, .unknown, .userDefined:
                        (target + written).update(from: base + read, count: count)
                        written += count
                    }
                    read = tokens.ends[id]
                    starts[id + 1] = UInt32(truncatingIfNeeded: written)
                }
            }
        }
        return (bytes, FrozenBuffer(starts))
    }

    /// Enters the tokens: normal ones first, then those of them that are copied as they are, then those that
    /// the maker added, then control tokens. Where bytes collide although the file's texts differ (`Ġ` in the
    /// alphabet and a space as it is), the first entered wins: what bytes merge into is in the alphabet.
    ///
    /// Empty tokens, which some converters leave behind, are never found; two equal texts are an error.
    static func enter(
        _ tokens: ByteStrings, _ types: [TokenType], _ starts: UnsafePointer<UInt32>,
        into table: ByteStringTable
    ) throws(TokenizerError) {
        for turn in 0..<4 {
            for id in 0..<tokens.count where starts[id] != starts[id + 1] {
                let wanted =
                    switch types[id] {
                    case .normal, .unused, .undefined, .byte:
                        Int(starts[id + 1] - starts[id]) == tokens.range(of: id).count
                            && !tokens[id].allSatisfy { (0x21...0x7E).contains($0) } ? 1 : 0
                    case .userDefined: 2
                    case .control, .unknown: 3
                    }
                guard wanted == turn else { continue }
                let existing = Int(table.insert(id))
                if existing >= 0, tokens[existing].elementsEqual(tokens[id]) {
                    throw .duplicateToken(
                        text: tokens.text(id), first: min(existing, id), second: max(existing, id))
                }
            }
        }
    }

    /// The tokens written `<0x00>` … `<0xFF>`.  // [256]
    static func byteTokens(_ tokens: ByteStrings, _ types: [TokenType]) throws(TokenizerError) -> [Int32] {
        var result = [Int32](repeating: -1, count: 256)
        for id in 0..<tokens.count where types[id] == .byte {
            guard let byte = byteValue(of: tokens[id]) else {
                throw .malformedByteToken(id: id, text: tokens.text(id))
            }
            if result[Int(byte)] < 0 { result[Int(byte)] = Int32(truncatingIfNeeded: id) }
        }
        return result
    }

    /// The byte of a text such as `<0x0A>`.
    static func byteValue(of text: ArraySlice<UInt8>) -> UInt8? {
        let bytes = Array(text)
        guard bytes.count == 6, bytes.starts(with: "<0x".utf8), bytes[5] == UInt8(ascii: ">"),
            let high = Unicode.Scalar(bytes[3]).properties.isASCIIHexDigit ? bytes[3] : nil,
            let low = Unicode.Scalar(bytes[4]).properties.isASCIIHexDigit ? bytes[4] : nil
        else { return nil }
        return UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
    }
}
