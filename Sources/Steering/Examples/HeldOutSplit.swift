import Terms

/// Which sources of pairs are kept aside, so that accuracy is measured on text that no direction has seen.
public struct HeldOutSplit: Sendable, Equatable {
    /// The sources that are kept aside.
    public let heldOut: Set<Int>

    /// Draws `fraction` of the distinct sources, at least one and never all; none when there is only one.
    ///
    /// The draw is Fisher-Yates over the sorted sources with `RandomSource` and depends on the seed alone, on
    /// any machine and with any version of the standard library.
    public init(sources: some Sequence<Int>, fraction: Double, seed: UInt64) {
        var sources = Set(sources).sorted()
        let share = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        let wanted = share > 0 ? max(Int((Double(sources.count) * share).rounded()), 1) : 0
        let count = max(min(wanted, sources.count - 1), 0)
        var generator = RandomSource(seed: seed)
        for index in 0..<count {
            sources.swapAt(index, index + generator.next(below: sources.count - index))
        }
        heldOut = Set(sources.prefix(count))
    }
}
