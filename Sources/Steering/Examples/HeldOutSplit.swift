/// Which sources of pairs are kept aside, so that accuracy is measured on text that no direction has seen.
public struct HeldOutSplit: Sendable, Equatable {
    /// The sources that are kept aside.
    public let heldOut: Set<Int>

    /// Draws `fraction` of the distinct sources, at least one and never all; none when there is only one.
    ///
    /// The draw is Fisher-Yates over the sorted sources with SplitMix64 and depends on the seed alone, on any
    /// machine and with any version of the standard library.
    public init(sources: some Sequence<Int>, fraction: Double, seed: UInt64) {
        var sources = Set(sources).sorted()
        let share = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        let wanted = share > 0 ? max(Int((Double(sources.count) * share).rounded()), 1) : 0
        let count = max(min(wanted, sources.count - 1), 0)
        var generator = SplitMix64(state: seed)
        for index in 0..<count {
            sources.swapAt(index, index + generator.next(below: sources.count - index))
        }
        heldOut = Set(sources.prefix(count))
    }
}

/// Steele, Lea and Flood's SplitMix64: small, seedable, the same everywhere.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in 0..<bound by Lemire's multiplication; its bias is under bound / 2^64.
    mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: UInt64(bound).multipliedFullWidth(by: next()).high)
    }
}
