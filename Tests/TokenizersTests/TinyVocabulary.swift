import Tokenizers

/// A byte-level vocabulary small enough to follow by hand: the 256 bytes, a few merges, special tokens.
enum TinyVocabulary {
    /// GPT-2's alphabet: the text of each byte.
    static let alphabet: [String] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            let isPrintable =
                (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
            var scalar = UInt32(byte)
            if !isPrintable {
                scalar = next
                next += 1
            }
            return Unicode.Scalar(scalar).map { String($0) } ?? ""
        }
    }()

    /// `merges` make the tokens 256, 257, …; then come control tokens, then user-defined ones.
    static func definition(
        preTokenizer: String = "gpt-2", merges: [String] = [], control: [String] = [],
        userDefined: [String] = []
    ) -> TokenizerDefinition {
        let merged = merges.map { $0.split(separator: " ").joined() }
        var definition = TokenizerDefinition(
            model: .byteLevel(preTokenizer: preTokenizer),
            tokens: ByteStrings(alphabet + merged + control + userDefined))
        definition.types =
            [Int32](repeating: 1, count: 256 + merged.count) + control.map { _ in 3 }
            + userDefined.map { _ in 4 }
        definition.merges = MergeList(merges)
        return definition
    }
}
