import Terms

/// Byte-level byte-pair encoding, as in GPT-2: a pre-tokeniser cuts text into pieces; within a piece the
/// bytes merge pair by pair, the pair of the lowest rank first.
struct ByteLevelEncoder: FragmentEncoder {
    let vocabulary: Vocabulary
    let merges: MergeTable
    let preTokenizer: PreTokenizer
    let ignoresMerges: Bool
    let composes: Bool

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ fragments: [Fragment], continuesText: Bool,
        into tokens: inout [TokenID]
    ) {
        var session = Session(merger: PairMerger(merges))
        for fragment in fragments {
            switch fragment {
            case .token(let id):
                tokens.append(TokenID(id))
            case .text(let range):
                let part = UnsafeBufferPointer(rebasing: text[range])
                if composes, let composed = Composition.composed(part) {
                    composed.withUnsafeBufferPointer { encode($0, &session, into: &tokens) }
                } else {
                    encode(part, &session, into: &tokens)
                }
            }
        }
    }

    private struct Session: ~Copyable {
        var scalars = ScalarText()
        var pieces: [Int] = []
        var scratch: [Int] = []
        var merger: PairMerger<MergeTable>
    }

    private func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ session: inout Session, into tokens: inout [TokenID]
    ) {
        guard let base = text.baseAddress else { return }
        session.scalars.set(text)
        preTokenizer.split(session.scalars, into: &session.pieces, scratch: &session.scratch)
        let byteTokens = vocabulary.byteTokens.base
        var scalarStart = 0
        var start = 0
        for scalarEnd in session.pieces {
            let count = session.scalars.byteCount(scalarStart..<scalarEnd)
            let piece = base + start
            scalarStart = scalarEnd
            start += count
            if ignoresMerges {
                let id = vocabulary.findText(piece, count: count)
                if id >= 0 {
                    tokens.append(TokenID(id))
                    continue
                }
            }
            session.merger.reserve(count)
            for index in 0..<count { session.merger.symbols[index] = byteTokens[Int(piece[index])] }
            let merged = session.merger.merge(count: count)
            // A byte that the vocabulary does not have is lost. The file's unknown token is no text:
            // SmolLM2's is `<|endoftext|>`.
            for index in 0..<merged where session.merger.symbols[index] >= 0 {
                tokens.append(TokenID(session.merger.symbols[index]))
            }
        }
    }
}
