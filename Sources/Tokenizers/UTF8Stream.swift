/// Bytes in, whole characters out: holds back the bytes of a character that is not complete yet.
///
/// All pieces together are the text that decoding all bytes at once gives, but for a
/// character that was cut at the end.
public struct UTF8Stream: Sendable {
    private var pending: [UInt8] = []

    /// An empty stream.
    public init() {}

    /// Takes bytes and answers the text that is complete with them; what can never become a character is
    /// U+FFFD.
    public mutating func append(_ bytes: some Sequence<UInt8>) -> String {
        pending.append(contentsOf: bytes)
        let complete = pending.count - heldBack
        let text = String(decoding: pending[..<complete], as: UTF8.self)
        pending.removeFirst(complete)
        return text
    }

    /// Whether all that has come so far is whole characters.
    public var isBetweenCharacters: Bool { pending.isEmpty }

    /// Whether bytes go on with what has come so far: neither they nor what is held back
    /// would become U+FFFD with them.
    public func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        var ahead = self
        ahead.pending.append(contentsOf: bytes)
        let complete = ahead.pending.count - ahead.heldBack
        return String(validating: ahead.pending[..<complete], as: UTF8.self) != nil
    }

    /// Ends the stream: a character that was not completed becomes U+FFFD, or nothing where the bytes
    /// were cut off before their end.
    public mutating func finish(isCut: Bool = false) -> String {
        defer { pending.removeAll() }
        return isCut ? "" : String(decoding: pending, as: UTF8.self)
    }

    /// The number of bytes at the end that may be the beginning of a character.
    private var heldBack: Int {
        for length in 1...3 where length <= pending.count {
            let tail = pending.suffix(length)
            let first = tail[tail.startIndex]
            if first & 0xC0 == 0x80 { continue }
            return isPrefix(first, tail.dropFirst()) ? length : 0
        }
        return 0
    }

    /// Whether bytes may still become one character, by the table of well-formed UTF-8 in the Unicode
    /// standard (3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
    private func isPrefix(_ first: UInt8, _ rest: ArraySlice<UInt8>) -> Bool {
        let length: Int
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return false
        }
        guard rest.count + 1 < length else { return false }
        guard let second = rest.first else { return true }
        switch first {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
