/// Byte-pair encoding by rank on characters, with bytes for those that are no token: how `tokenizer.json`
/// writes a SentencePiece model.
struct RankMerging: SentencePieceAlgorithm {
    let vocabulary: Vocabulary
    let merges: MergeTable
    let ignoresMerges: Bool

    func run(_ forEachWord: ((UnsafeBufferPointer<UInt8>, inout TokenOutput) -> Void) -> Void) {
        var session = PairMerger(merges)
        forEachWord { encode($0, &session, into: &$1) }
    }

    private func encode(
        _ word: UnsafeBufferPointer<UInt8>, _ session: inout PairMerger<MergeTable>,
        into output: inout TokenOutput
    ) {
        guard let base = word.baseAddress else { return }
        if ignoresMerges {
            let id = vocabulary.findText(base, count: word.count)
            if id >= 0 {
                output.append(id)
                return
            }
        }
        session.reserve(word.count)
        // A character without a token stands as −1 − its place, so that it can be spelled afterwards.
        var count = 0
        var start = 0
        while start < word.count {
            let width = min(UTF8Width.ofScalar(startingWith: word[start]), word.count - start)
            let id = vocabulary.findText(base + start, count: width)
            let bytes = word[start..<start + width].map { vocabulary.byteTokens.base[Int($0)] }
            if id >= 0 {
                session.symbols[count] = id
                count += 1
            } else if bytes.allSatisfy({ $0 >= 0 }) {
                for byte in bytes {
                    session.symbols[count] = byte
                    count += 1
                }
            } else {
                session.symbols[count] = Int32(-1 - start)
                count += 1
            }
            start += width
        }
        let merged = session.merge(count: count)
        for index in 0..<merged {
            let symbol = session.symbols[index]
            if symbol >= 0 {
                output.append(symbol)
            } else {
                let start = Int(-1 - symbol)
                let width = min(UTF8Width.ofScalar(startingWith: word[start]), word.count - start)
                output.appendUnknown(UnsafeBufferPointer(rebasing: word[start..<start + width]))
            }
        }
    }
}
