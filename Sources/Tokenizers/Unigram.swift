/// SentencePiece's unigram model: of all ways to cut a word into tokens, the one with the highest sum of
/// scores (Kudo 2018, `EncodeOptimized`). Ties go to the way that was found first, from the left and from
/// short to long.
struct Unigram: SentencePieceAlgorithm {
    let vocabulary: Vocabulary
    private let scores: FrozenBuffer<Float>
    private let prefixes: PrefixFilter
    private let unknownScore: Double
    /// Whether sums are rounded to 32 bits, as SentencePiece has them; ties between equal words depend on it.
    private let roundsSums: Bool

    /// An unknown character costs this much more than the worst token.
    private static let unknownPenalty = 10.0

    init(_ vocabulary: Vocabulary, scores: [Float], roundsSums: Bool) throws(TokenizerError) {
        self.vocabulary = vocabulary
        self.roundsSums = roundsSums
        var worst = Float.infinity
        for id in 0..<vocabulary.count {
            guard scores[id].isFinite else { throw .malformedScore(id: id) }
            if vocabulary.types.base[id] == .normal { worst = min(worst, scores[id]) }
        }
        self.scores = FrozenBuffer(scores)
        unknownScore = Double(worst.isFinite ? worst : 0) - Self.unknownPenalty
        prefixes = PrefixFilter(vocabulary)
    }

    /// The best way to reach each byte of a word: the score, where its last token starts, and which it is.
    struct Session {
        var scores: [Double] = []  // [bytes + 1]
        var starts: [Int] = []  // [bytes + 1]
        var ids: [Int32] = []  // [bytes + 1]; −1 for a character that is no token
        var path: [Int] = []
    }

    func run(_ forEachWord: ((UnsafeBufferPointer<UInt8>, inout TokenOutput) -> Void) -> Void) {
        var session = Session()
        forEachWord { encode($0, &session, into: &$1) }
    }

    private func encode(
        _ word: UnsafeBufferPointer<UInt8>, _ session: inout Session, into output: inout TokenOutput
    ) {
        guard let base = word.baseAddress else { return }
        session.scores.removeAll(keepingCapacity: true)
        session.scores.append(contentsOf: repeatElement(-.infinity, count: word.count + 1))
        session.starts.removeAll(keepingCapacity: true)
        session.starts.append(contentsOf: repeatElement(0, count: word.count + 1))
        session.ids.removeAll(keepingCapacity: true)
        session.ids.append(contentsOf: repeatElement(-1, count: word.count + 1))
        session.scores[0] = 0
        var start = 0
        while start < word.count {
            let width = min(UTF8Width.ofScalar(startingWith: word[start]), word.count - start)
            let score = session.scores[start]
            var hasCharacter = false
            var prefix = PrefixFilter.empty
            var end = start
            while end < word.count {
                let next = min(end + UTF8Width.ofScalar(startingWith: word[end]), word.count)
                prefix = PrefixFilter.extend(prefix, base + end, count: next - end)
                end = next
                guard prefixes.mayContain(prefix) else { break }
                let id = vocabulary.findText(base + start, count: end - start)
                guard id >= 0, vocabulary.types.base[Int(id)] != .unused else { continue }
                if end - start == width { hasCharacter = true }
                session.reach(end, from: start, by: id, rounded(score + Double(scores.base[Int(id)])))
            }
            if !hasCharacter {
                session.reach(start + width, from: start, by: -1, rounded(score + unknownScore))
            }
            start += width
        }
        session.path.removeAll(keepingCapacity: true)
        var end = word.count
        while end > 0 {
            session.path.append(end)
            end = session.starts[end]
        }
        for end in session.path.reversed() {
            if session.ids[end] >= 0 {
                output.append(session.ids[end])
            } else {
                output.appendUnknown(UnsafeBufferPointer(rebasing: word[session.starts[end]..<end]))
            }
        }
    }
}

extension Unigram {
    @inline(__always)
    private func rounded(_ sum: Double) -> Double {
        roundsSums ? Double(Float(sum)) : sum
    }
}

extension Unigram.Session {
    @inline(__always)
    fileprivate mutating func reach(_ end: Int, from start: Int, by id: Int32, _ score: Double) {
        guard score > scores[end] else { return }
        scores[end] = score
        starts[end] = start
        ids[end] = id
    }
}

/// Says whether some token may begin with certain characters: a filter with rare false alarms, one bit a
/// prefix.
///
/// A trie of a quarter of a million tokens has a million nodes and takes longer to build than many texts
/// take.
struct PrefixFilter: Sendable {
    static let empty: UInt64 = 0x9E37_79B9_7F4A_7C15
    private let bits: FrozenBuffer<UInt64>
    private let shift: UInt64

    init(_ vocabulary: Vocabulary) {
        var logarithm: UInt64 = 16
        while 1 << logarithm < vocabulary.count * 32 { logarithm += 1 }
        let shift = 64 - logarithm
        bits = FrozenBuffer(count: 1 << (logarithm - 6), initial: 0) { bits in
            for id in 0..<Int32(vocabulary.count) where vocabulary.isText(id) {
                let bytes = vocabulary.bytes(of: id)
                guard let base = bytes.baseAddress else { continue }
                var prefix = Self.empty
                var index = 0
                while index < bytes.count {
                    let width = min(UTF8Width.ofScalar(startingWith: bytes[index]), bytes.count - index)
                    prefix = Self.extend(prefix, base + index, count: width)
                    index += width
                    let place = prefix >> shift
                    bits[Int(place >> 6)] |= 1 << (place & 63)
                }
            }
        }
        self.shift = shift
    }

    /// The hash of a prefix with one more character.
    @inline(__always)
    static func extend(_ prefix: UInt64, _ character: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        var value = prefix
        for index in 0..<count {
            value = (value ^ UInt64(character[index])) &* 0xD6E8_FEB8_6659_FD93
            value ^= value >> 32
        }
        return value
    }

    @inline(__always)
    func mayContain(_ prefix: UInt64) -> Bool {
        let place = prefix >> shift
        return bits.base[Int(place >> 6)] >> (place & 63) & 1 != 0
    }
}
