/// Watches an answer with readout heads: it takes the hidden states of each token and says which heads have fired.
///
/// A head fires at most once an answer. That is enough to end an answer or to warn; and steering that has begun stays, since
/// what it adds is in the hidden states that the head reads, so that a head that let go would begin again and again.
public struct HeadMonitor: Sendable {
    /// A head that has fired.
    public struct Firing: Sendable, Equatable {
        /// Which head.
        public let head: HeadDefinition
        /// The mean over its window.
        public let reading: Double
        /// The token of the answer with which it fired, from 0.
        public let token: Int
    }

    /// One head with its meter and its last readings.
    private struct Watch: Sendable {
        let head: HeadDefinition
        let meter: Meter
        var recent: [Double] = []
        var hasFired = false
    }

    private var watches: [Watch]
    /// How many tokens of the answer have been read.
    public private(set) var tokenCount = 0
    /// What has fired, in order.
    public private(set) var firings: [Firing] = []

    /// A monitor at the start of an answer.
    public init(_ heads: [(HeadDefinition, Meter)]) {
        watches = heads.map { Watch(head: $0.0, meter: $0.1) }
    }

    /// The meters of the heads, in their order: what has to be read of each token.
    public var meters: [Meter] { watches.map(\.meter) }

    /// The head that has ended the answer; nil where it may go on.
    public var ending: HeadDefinition? { firings.first { $0.head.action.endsAnswer }?.head }

    /// Takes what the heads' meters read of one token of the answer: what fires with it.
    ///
    /// - Parameter readings: One for each of `meters`; one that is not a number fires nothing.
    public mutating func read(_ readings: [Double]) -> [Firing] {
        defer { tokenCount += 1 }
        return watches.indices.compactMap { index in
            watches[index].recent.append(readings[index])
            if watches[index].recent.count > watches[index].head.window {
                watches[index].recent.removeFirst()
            }
            return watches[index].recent.count == watches[index].head.window
                ? fire(index, at: tokenCount) : nil
        }
    }

    /// The end of the answer: what fires of heads whose windows it has not filled.
    public mutating func finish() -> [Firing] {
        guard tokenCount > 0 else { return [] }
        return watches.indices.compactMap { index in
            watches[index].recent.count < watches[index].head.window ? fire(index, at: tokenCount - 1) : nil
        }
    }

    private mutating func fire(_ index: Int, at token: Int) -> Firing? {
        let watch = watches[index]
        let reading = watch.recent.reduce(0, +) / Double(watch.recent.count)
        guard !watch.hasFired, watch.head.fires(at: reading) else { return nil }
        watches[index].hasFired = true
        let firing = Firing(head: watch.head, reading: reading, token: token)
        firings.append(firing)
        return firing
    }
}
