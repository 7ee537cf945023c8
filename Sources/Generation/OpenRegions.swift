import Terms
import Tokenizers

/// Which regions are open at a place in a text that is read byte by byte.
///
/// A control token, as between the turns of a chat, ends them all.
struct OpenRegions {
    private var code = CodeFence()
    private var json = OpenJSON()
    /// How each open tag closes; nil where only the end of the turn closes it.
    private var tags: [(region: TextRegion, closing: [UInt8]?)] = []
    /// The last bytes, in which tags are looked for.
    private var tail: [UInt8] = []

    /// Whether the next byte stands in a region.
    func contains(_ region: TextRegion) -> Bool {
        switch region {
        case .code: code.isOpen
        case .json: json.isOpen
        case .toolCall, .thinking: tags.contains { $0.region == region }
        }
    }

    /// Reads the next token of the text.
    mutating func read(_ token: TokenID, _ tokenizer: Tokenizer) {
        guard tokenizer.isSpecial(token) else {
            for byte in tokenizer.bytes(of: token) { read(byte) }
            return
        }
        // Its name may be a tag, and is no text: a line begins behind it.
        self = OpenRegions()
        for byte in tokenizer.bytes(of: token) { readTag(byte) }
    }

    /// Reads the next byte of the text.
    mutating func read(_ byte: UInt8) {
        code.read(byte)
        json.read(byte)
        readTag(byte)
    }

    /// Begins an answer: it has lines of its own, whatever code the question has left open. Tags stay open,
    /// because templates open them for the answer.
    mutating func beginAnswer() {
        code = CodeFence()
        json = OpenJSON()
    }

    private mutating func readTag(_ byte: UInt8) {
        if tail.count == Self.longestTag { tail.removeFirst() }
        tail.append(byte)
        guard Self.lastBytes.contains(byte) else { return }
        if let open = tags.firstIndex(where: { $0.closing.map(endsWith) ?? false }) {
            tags.remove(at: open)
        } else if let tag = Self.tags.first(where: { endsWith($0.opening) }),
            !tags.contains(where: { $0.region == tag.region })
        {
            tags.append((tag.region, tag.closing))
        }
    }

    private func endsWith(_ tag: [UInt8]) -> Bool { tail.suffix(tag.count).elementsEqual(tag) }

    private static let tags: [(region: TextRegion, opening: [UInt8], closing: [UInt8]?)] = [
        tag(.thinking, "<think>", "</think>"), tag(.thinking, "<thinking>", "</thinking>"),
        tag(.toolCall, "<tool_call>", "</tool_call>"),
        tag(.toolCall, "<function_call>", "</function_call>"),
        tag(.toolCall, "[TOOL_CALLS]", nil), tag(.toolCall, "<|python_tag|>", nil),
    ]
    private static let longestTag = tags.map { max($0.opening.count, $0.closing?.count ?? 0) }.max() ?? 0
    private static let lastBytes: [UInt8] = [UInt8(ascii: ">"), UInt8(ascii: "]")]

    private static func tag(
        _ region: TextRegion, _ opening: String, _ closing: String?
    ) -> (region: TextRegion, opening: [UInt8], closing: [UInt8]?) {
        (region, Array(opening.utf8), closing.map { Array($0.utf8) })
    }
}
