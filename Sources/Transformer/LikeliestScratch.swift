import CKernels
import Synchronization

/// The memory of a search for the likeliest tokens, one worker's; made once for a context. What a worker has
/// found is read by the others after the next barrier, but for what it has published.
final class LikeliestScratch {
    /// From more wanted tokens on, all logits are computed.
    static let mostWanted = 512
    /// The tokens that are looked at together. The first parts of so many tokens' weights, three times, stay
    /// in a processor's second cache.
    static let tokensAtATime = 256
    /// And before there is a threshold, as all of them are candidates.
    static let tokensAtFirst = 64

    /// Eight tokens one of which can be among the likeliest, by the number of their group, and which of them
    /// are wanted in any case: a bit for each.
    struct Candidate {
        let group: Int32
        let named: UInt8
    }

    /// What bounds need to know of the activations. [hiddenSize / 32, TL_REACH]
    let reach: FloatBuffer
    /// What is left of them without a share of the mean column. [hiddenSize / 32, TL_CENTRED]
    let centred: FloatBuffer
    /// What all workers know of the mean column.
    let mean: MeanColumn
    /// The highest logits that the worker has computed, of tokens that nobody has named.
    private(set) var found: HighestLogits
    /// Groups whose bounds by the first part alone have reached the threshold, of the
    /// tokens that were looked at last.
    private(set) var suspects: [Candidate] = []
    /// Groups whose closer bounds have, too: those that have not been computed yet after
    /// those that have been.
    let candidates: UnsafeMutableBufferPointer<Candidate>
    private(set) var candidateCount = 0
    private(set) var computedCount = 0
    /// How many groups the search has bounded since there is a threshold, and how many of these
    /// reached it and are not named.
    private var boundedCount = 0
    private var reachingCount = 0
    /// Whether closer bounds of all groups are computed at once: from where by the others a quarter were
    /// suspect until by these fewer than one in sixteen are candidates. (SmolLM2: one in six and one in
    /// sixteen; Gemma3-270M one in seventy and one in a hundred.)
    private(set) var looksCloser = false
    /// Room for the logits of one group, or for their bounds.
    let products: FloatBuffer
    private let published = Published()
    private let memory: FloatBuffer
    private let memoryOfAll: FloatBuffer

    /// What the other workers read while this one writes everything else.
    private final class Published: Sendable {
        let least = Atomic<UInt32>((-Float.infinity).bitPattern)
        /// Keeps it from the cache lines of what is written all the time.
        private let padding:
            (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
                (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    }

    init(_ configuration: ModelConfiguration, mean: MeanColumn) throws(TransformerError) {
        self.mean = mean
        centred = try FloatBuffer(count: configuration.hiddenSize / 32 * Int(TL_CENTRED))
        reach = try FloatBuffer(count: configuration.hiddenSize / 32 * Int(TL_REACH))
        products = try FloatBuffer(count: Int(TL_INTERLEAVED_ROWS))
        memory = try FloatBuffer(count: Self.mostWanted)
        memoryOfAll = try FloatBuffer(count: Self.mostWanted)
        found = HighestLogits(limit: 1, in: memory)
        let height = Int(TL_INTERLEAVED_ROWS)
        candidates = .allocate(capacity: (configuration.vocabularySize + height - 1) / height)
        suspects.reserveCapacity(Self.tokensAtATime / height)
    }

    deinit { candidates.deallocate() }

    func begin(keeping limit: Int) {
        found = HighestLogits(limit: limit, in: memory)
        candidateCount = 0
        computedCount = 0
        boundedCount = 0
        reachingCount = 0
        suspects.removeAll(keepingCapacity: true)
    }

    /// To be said of groups that were bounded, and of how many unnamed ones have reached
    /// a threshold that was there.
    func bounded(_ count: Int, reaching: Int) {
        boundedCount += count
        reachingCount += reaching
    }

    /// What the search costs besides bounds by the first part alone, as a share of these: about a quarter
    /// where closer ones of all groups are computed, else twice as much for a suspect's as for another's.
    var cost: Double {
        let reaching = Double(reachingCount) / Double(max(1, boundedCount))
        return looksCloser ? 0.25 + reaching : 2 * reaching
    }

    /// To be called when no worker searches any more, before the next search.
    func end() {
        published.least.store((-Float.infinity).bitPattern, ordering: .relaxed)
        looksCloser = reachingCount * (looksCloser ? 16 : 4) > boundedCount
    }

    /// To be called when the bounds of the next search will be others: how many suspects
    /// these leave is not known.
    func forgetDistances() { looksCloser = false }

    func suspect(_ group: Candidate) { suspects.append(group) }

    func clearSuspects() { suspects.removeAll(keepingCapacity: true) }

    func append(_ candidate: Candidate) {
        candidates[candidateCount] = candidate
        candidateCount += 1
    }

    func nextToCompute() -> Candidate {
        computedCount += 1
        return candidates[computedCount - 1]
    }

    /// Takes the logits of a candidate's tokens. `logits`: [count]
    func keep(_ logits: UnsafePointer<Float>, of candidate: Candidate, count: Int) {
        let least = found.least
        for row in 0..<count where logits[row] > least && candidate.named >> UInt8(row) & 1 == 0 {
            found.keep(logits[row])
        }
    }

    /// Says how far the worker has come.
    func publish() { published.least.store(found.least.bitPattern, ordering: .relaxed) }

    /// What as many tokens as are wanted reach, as far as the worker has said; other
    /// workers may ask at any time.
    var least: Float { Float(bitPattern: published.least.load(ordering: .relaxed)) }

    /// What as many tokens as are wanted reach in what all workers have found.
    func least(_ limit: Int, of all: ArraySlice<LikeliestScratch>) -> Float {
        var highest = HighestLogits(limit: limit, in: memoryOfAll)
        for worker in all { highest.keep(worker.found) }
        return highest.least
    }
}
