public import Terms

extension Tokenizer {
    /// The bytes of a token: part of a character, or several; none for ids outside the vocabulary.
    public func bytes(of id: TokenID) -> [UInt8] {
        var bytes: [UInt8] = []
        append(id, to: &bytes)
        return bytes
    }

    /// A token as text, for people; bytes that are no whole character show as U+FFFD.
    public func piece(_ id: TokenID) -> String {
        String(decoding: bytes(of: id), as: UTF8.self)
    }

    /// The text of some tokens. Bytes that are not UTF-8 become U+FFFD.
    ///
    /// - Parameter skippingSilent: whether those are left out that add nothing to what people read.
    public func decode(_ ids: [TokenID], skippingSilent: Bool = false) -> String {
        String(decoding: decodedBytes(ids, skippingSilent: skippingSilent), as: UTF8.self)
    }

    /// The bytes of some tokens. The space that a SentencePiece model puts in front of a text is taken off.
    public func decodedBytes(_ ids: [TokenID], skippingSilent: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * ids.count)
        var mayDropSpace = decoding == .spaces(dropsFirst: true)
        for id in ids {
            if skippingSilent, isSilent(id) { continue }
            let start = bytes.count
            append(id, to: &bytes)
            if mayDropSpace, !isSpecial(id) {
                if bytes.count > start, bytes[start] == UInt8(ascii: " ") { bytes.remove(at: start) }
                mayDropSpace = false
            }
        }
        return bytes
    }

    private func append(_ id: TokenID, to bytes: inout [UInt8]) {
        guard contains(id) else { return }
        let own = vocabulary.bytes(of: id.rawValue)
        let type = vocabulary.types.base[id.index]
        guard case .spaces = decoding, type != .control, type != .unknown else {
            bytes.append(contentsOf: own)
            return
        }
        if type == .byte, let byte = Vocabulary.byteValue(of: Array(own)[...]) {
            bytes.append(byte)
            return
        }
        var index = 0
        while index < own.count {
            if own[index] == 0xE2, own[index...].starts(with: SentencePieceNormalizer.space) {
                bytes.append(UInt8(ascii: " "))
                index += 3
            } else {
                bytes.append(own[index])
                index += 1
            }
        }
    }
}

/// How tokens become bytes.
enum Decoding: Equatable {
    /// They are bytes.
    case bytes
    /// `▁` is a space and `<0x0A>` a byte; a text that was encoded may have got a space in front.
    case spaces(dropsFirst: Bool)
}
