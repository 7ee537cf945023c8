public import Terms
import Tokenizers

extension LanguageModel {
    /// The tokens of an answer, or of its beginning, behind those of its prompt; special
    /// tokens in it are text.
    ///
    /// A prompt may end in white space that is text, as `<|assistant|>\n` does where that is no token. The
    /// model goes on right behind it, so no space is put in front, as SentencePiece does at the beginning of
    /// a text. Behind any other text, as `ASSISTANT:`, answers begin with that space.
    public func answerTokens(_ text: String, behind prompt: [TokenID]) -> [TokenID] {
        tokenizer.encode([TextSegment(text, isTrusted: false)], continuesText: endsInWhiteSpace(prompt))
    }

    /// Whether some tokens end in white space that stands in no special token.
    private func endsInWhiteSpace(_ tokens: [TokenID]) -> Bool {
        guard let last = tokens.last, !tokenizer.isSpecial(last),
            let byte = tokenizer.bytes(of: last).last
        else { return false }
        return byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }
}
