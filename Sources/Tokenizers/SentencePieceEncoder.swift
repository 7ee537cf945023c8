import Terms

/// One of SentencePiece's algorithms: a word → tokens.
protocol SentencePieceAlgorithm: Sendable {
    /// Encodes all words of a text with memory that they share: hands what encodes one word to `forEachWord`.
    func run(_ forEachWord: (_ encodeWord: (UnsafeBufferPointer<UInt8>, inout TokenOutput) -> Void) -> Void)
}

/// SentencePiece: spaces are `▁` and belong to words; one of three algorithms encodes them.
struct SentencePieceEncoder: FragmentEncoder {
    let algorithm: any SentencePieceAlgorithm
    let vocabulary: Vocabulary
    let normalizer: SentencePieceNormalizer
    let words: SentencePieceWords
    let unknown: Int32?

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ fragments: [Fragment], continuesText: Bool,
        into tokens: inout [TokenID]
    ) {
        var output = TokenOutput(tokens: tokens, vocabulary: vocabulary, unknown: unknown)
        tokens = []
        algorithm.run { encodeWord in
            var normalized: [UInt8] = []
            for fragment in fragments {
                switch fragment {
                case .token(let id):
                    output.append(id)
                case .text(let range):
                    let start: SentencePieceNormalizer.Start =
                        range.lowerBound > 0 ? .token : continuesText ? .text : .nothing
                    normalizer.normalize(
                        UnsafeBufferPointer(rebasing: text[range]), behind: start, into: &normalized)
                    normalized.withUnsafeBufferPointer { forEachWord($0, encodeWord, &output) }
                }
            }
        }
        tokens = output.tokens
    }

    private func forEachWord(
        _ text: UnsafeBufferPointer<UInt8>,
        _ encodeWord: (UnsafeBufferPointer<UInt8>, inout TokenOutput) -> Void, _ output: inout TokenOutput
    ) {
        var start = 0
        while start < text.count {
            let end = words.wordEnd(text, start)
            encodeWord(UnsafeBufferPointer(rebasing: text[start..<end]), &output)
            start = end
        }
    }
}

/// Tokens on their way out, with what becomes of characters that the vocabulary does not have.
struct TokenOutput {
    var tokens: [TokenID]
    let vocabulary: Vocabulary
    let unknown: Int32?
    private var isAfterUnknown = false

    init(tokens: [TokenID], vocabulary: Vocabulary, unknown: Int32?) {
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.unknown = unknown
    }

    /// A token of the vocabulary.
    mutating func append(_ id: Int32) {
        tokens.append(TokenID(id))
        isAfterUnknown = false
    }

    /// Characters that are no token: their bytes, where each byte has a token; else one unknown token for
    /// a whole run of them.
    mutating func appendUnknown(_ bytes: UnsafeBufferPointer<UInt8>) {
        let byteTokens = vocabulary.byteTokens.base
        if bytes.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
            for byte in bytes { append(byteTokens[Int(byte)]) }
        } else if !isAfterUnknown, let unknown {
            tokens.append(TokenID(unknown))
            isAfterUnknown = true
        }
    }
}
