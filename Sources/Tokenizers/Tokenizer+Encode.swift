public import Terms

extension Tokenizer {
    /// The tokens of a text of at most 2 GB.
    ///
    /// - Parameters:
    ///   - special: whether names of special tokens in the text become those tokens.
    ///   - addsBeginning: whether to put the beginning token in front, if the file asks for it. One that
    ///     the text begins with itself is not taken into account.
    public func encode(
        _ text: String, special: SpecialTokens, addsBeginning: Bool = false
    ) -> [TokenID] {
        encode([TextSegment(text, isTrusted: special == .parsed)], addsBeginning: addsBeginning)
    }

    /// The tokens of a prompt whose parts have different origins.
    ///
    /// Special tokens are recognised where all of their bytes are in trusted parts. What lies between them is
    /// encoded as one text, so that the tokens are those of the whole prompt, wherever its parts meet.
    ///
    /// - Parameters:
    ///   - addsBeginning: whether to put the beginning token in front, if the file asks for it.
    ///   - continuesText: whether text stands in front of them whose tokens are there already, so that no
    ///     space is put before the first.
    public func encode(
        _ segments: [TextSegment], addsBeginning: Bool = false, continuesText: Bool = false
    ) -> [TokenID] {
        var tokens: [TokenID] = []
        if addsBeginning, addsBeginningOfSequence, let beginningOfSequence {
            tokens.append(beginningOfSequence)
        }
        var text = segments.count == 1 ? segments[0].text : segments.lazy.map(\.text).joined()
        var trusted: [Range<Int>] = []
        var start = 0
        for segment in segments {
            let end = start + segment.text.utf8.count
            if segment.isTrusted, start < end {
                if let last = trusted.last, last.upperBound == start {
                    trusted[trusted.count - 1] = last.lowerBound..<end
                } else {
                    trusted.append(start..<end)
                }
            }
            start = end
        }
        text.withUTF8 { bytes in
            tokens.reserveCapacity(tokens.count + bytes.count / 3 + 1)
            let fragments = matcher.fragments(bytes, trusted: trusted)
            encoder.encode(bytes, fragments, continuesText: continuesText, into: &tokens)
        }
        return tokens
    }
}
