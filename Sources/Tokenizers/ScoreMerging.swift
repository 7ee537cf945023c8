/// SentencePiece's byte-pair encoding: the pair whose concatenation is the token of the highest score merges
/// first, ties leftmost (Kudo & Richardson 2018; `bpe_model.cc`).
struct ScoreMerging: SentencePieceAlgorithm {
    let vocabulary: Vocabulary
    /// The order of each token among merges: the higher its score, the lower.  // [vocabularySize]
    private let ranks: FrozenBuffer<UInt32>

    init(_ vocabulary: Vocabulary, scores: [Float]) throws(TokenizerError) {
        self.vocabulary = vocabulary
        var ranks = [UInt32](repeating: 0, count: vocabulary.count)
        for id in ranks.indices where !scores.isEmpty {
            if scores[id].isNaN { throw .malformedScore(id: id) }
            // Float bits in ascending order are: flip the sign bit of positive ones, all bits of negative
            // ones.
            let bits = (scores[id] + 0).bitPattern
            ranks[id] = ~(bits >> 31 == 0 ? bits | 1 << 31 : ~bits)
        }
        self.ranks = FrozenBuffer(ranks)
    }

    func run(_ forEachWord: ((UnsafeBufferPointer<UInt8>, inout TokenOutput) -> Void) -> Void) {
        var session = PairMerger(Rules(vocabulary: vocabulary, ranks: ranks))
        forEachWord { encode($0, &session, into: &$1) }
    }

    private func encode(
        _ word: UnsafeBufferPointer<UInt8>, _ session: inout PairMerger<Rules>, into output: inout TokenOutput
    ) {
        guard let base = word.baseAddress else { return }
        session.rules.text = base
        session.reserve(word.count)
        var count = 0
        var start = 0
        while start < word.count {
            let width = min(UTF8Width.ofScalar(startingWith: word[start]), word.count - start)
            session.symbols[count] = Span(start: Int32(start), count: Int32(width))
            count += 1
            start += width
        }
        let merged = session.merge(count: count)
        for index in 0..<merged {
            append(session.symbols[index], word, session.rules.leftCounts, into: &output)
        }
    }

    /// A token that is marked as unused is taken apart again.
    private func append(
        _ span: Span, _ word: UnsafeBufferPointer<UInt8>, _ leftCounts: [Int32: Int32],
        into output: inout TokenOutput
    ) {
        let bytes = UnsafeBufferPointer(rebasing: word[Int(span.start)..<Int(span.start + span.count)])
        let id = bytes.baseAddress.map { vocabulary.findText($0, count: bytes.count) } ?? -1
        if id < 0 {
            output.appendUnknown(bytes)
        } else if let left = leftCounts[id], left < span.count {
            append(Span(start: span.start, count: left), word, leftCounts, into: &output)
            append(
                Span(start: span.start + left, count: span.count - left), word, leftCounts, into: &output)
        } else {
            output.append(id)
        }
    }

    /// A stretch of the word.
    struct Span: BitwiseCopyable {
        var start: Int32
        var count: Int32
    }

    struct Rules: MergeRules {
        let vocabulary: Vocabulary
        let ranks: FrozenBuffer<UInt32>
        var text: UnsafePointer<UInt8>?
        /// How each unused token was put together last: the size of its left part.
        var leftCounts: [Int32: Int32] = [:]

        init(vocabulary: Vocabulary, ranks: FrozenBuffer<UInt32>) {
            self.vocabulary = vocabulary
            self.ranks = ranks
        }

        @inline(__always)
        mutating func merge(_ left: Span, _ right: Span) -> (rank: UInt32, result: Span) {
            let both = Span(start: left.start, count: left.count + right.count)
            guard let text else { return (Self.noRank, both) }
            let id = vocabulary.findText(text + Int(both.start), count: Int(both.count))
            if id < 0 { return (Self.noRank, both) }
            if vocabulary.types.base[Int(id)] == .unused { leftCounts[id] = left.count }
            return (ranks.base[Int(id)], both)
        }
    }
}
