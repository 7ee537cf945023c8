/// Watches an answer with readout heads: it takes the hidden states of each token and
/// says which heads have fired.
///
/// A head fires at most once an answer. That is enough to end an answer or to warn; and steering that has
/// begun stays, since what it adds is in the hidden states that the head reads, so that a head that let go
/// would begin again and again.
public struct HeadMonitor: Sendable {
    /// A head that has fired.
    public struct Firing: Sendable, Equatable {
        /// Which head.
        public let head: HeadDefinition
        /// The mean over its window.
        public let reading: Double
        /// The token of the answer with which it fired, from 0.
        public let token: Int
        /// Whether the answer was over by then, so that the head neither steered nor ended
        /// anything; known once the answer has ended, or where another head ended it with the same
        /// token. A warning is never late.
        public internal(set) var isLate = false
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

    /// The head that ends answers and has fired first, at their end too; nil where none has.
    public var ending: HeadDefinition? { firings.first { $0.head.action.endsAnswer }?.head }

    /// Whether a person has to look at the answer: a head that escalates has fired, at its end too, whatever
    /// else has fired before or with it.
    public var isEscalated: Bool { firings.contains { $0.head.action == .escalate } }

    /// Takes what the heads' meters read of one token of the answer: what fires with it.
    ///
    /// - Parameter readings: One for each of `meters`; one that is not a number fires nothing.
    public mutating func read(_ readings: [Double]) -> [Firing] {
        defer { tokenCount += 1 }
        for index in watches.indices {
            watches[index].recent.append(readings[index])
            if watches[index].recent.count > watches[index].head.window {
                watches[index].recent.removeFirst()
            }
        }
        var fired = fire(at: tokenCount) { $0.recent.count == $0.head.window }
        // No token of an answer that ends here is left to steer.
        if fired.contains(where: { $0.head.action.endsAnswer }) {
            for index in fired.indices where fired[index].head.action == .steer { fired[index].isLate = true }
        }
        firings += fired
        return fired
    }

    /// The end of the answer: what fires of heads whose windows it has not filled.
    ///
    /// - Parameter endedByHead: Whether a head has ended it. Where its length or the model did, a head that
    ///   ends answers and fired with the last token came too late, as one that steers did in any case: the
    ///   token after it was never computed.
    public mutating func finish(endedByHead: Bool = false) -> [Firing] {
        guard tokenCount > 0 else { return [] }
        for index in firings.indices where firings[index].token == tokenCount - 1 {
            let action = firings[index].head.action
            firings[index].isLate = action == .steer || action.endsAnswer && !endedByHead
        }
        var fired = fire(at: tokenCount - 1) { $0.recent.count < $0.head.window }
        for index in fired.indices { fired[index].isLate = fired[index].head.action != .warn }
        firings += fired
        return fired
    }

    /// What fires of the heads whose windows are read now.
    private mutating func fire(at token: Int, where isRead: (Watch) -> Bool) -> [Firing] {
        watches.indices.compactMap { index in
            let watch = watches[index]
            guard isRead(watch), !watch.hasFired else { return nil }
            let reading = watch.recent.reduce(0, +) / Double(watch.recent.count)
            guard watch.head.fires(at: reading) else { return nil }
            watches[index].hasFired = true
            return Firing(head: watch.head, reading: reading, token: token)
        }
    }
}
