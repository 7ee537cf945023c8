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
    public func decode(_ ids: [TokenID], skippingSpecial: Bool = false) -> String {
        String(decoding: decodedBytes(ids, skippingSpecial: skippingSpecial), as: UTF8.self)
    }

    /// The bytes of some tokens.
    public func decodedBytes(_ ids: [TokenID], skippingSpecial: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * ids.count)
        for id in ids where !(skippingSpecial && isSpecial(id)) {
            append(id, to: &bytes)
        }
        return bytes
    }

    private func append(_ id: TokenID, to bytes: inout [UInt8]) {
        guard contains(id) else { return }
        bytes.append(contentsOf: vocabulary.bytes(of: id.rawValue))
    }
}
