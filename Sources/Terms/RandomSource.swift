import Glibc

/// A seeded source of random numbers: SplitMix64 (Steele, Lea and Flood, 2014).
///
/// The same seed gives the same numbers on every machine; no library draws from the clock.
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts at a seed.
    public init(seed: UInt64) {
        state = seed
    }

    /// The seed of one of many streams. A seed plus a multiple of a number may be a place further on in the
    /// same numbers, which this one has only by chance.
    public static func seed(_ seed: UInt64, stream: Int) -> UInt64 {
        var source = RandomSource(seed: UInt64(bitPattern: Int64(stream)))
        source.state = source.next() ^ seed
        return source.next()
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next number in 0 ..< 1, with 53 random bits.
    public mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// The next of independent numbers of a normal distribution of mean 0 and deviation 1,
    /// by Box and Muller's method.
    public mutating func nextNormal() -> Double {
        // Half a step above 0, which has no logarithm.
        let (radius, turn) = ((Double(next() >> 11) + 0.5) * 0x1p-53, (Double(next() >> 11) + 0.5) * 0x1p-53)
        return (-2 * log(radius)).squareRoot() * cos(2 * .pi * turn)
    }

    /// The next number in 0..<bound, by Lemire's multiplication; its bias is under bound / 2^64.
    public mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: UInt64(bound).multipliedFullWidth(by: next()).high)
    }
}
