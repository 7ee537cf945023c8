/// How much of the stack has been used since a point in time.
///
/// A nesting limit alone would have to be as low as the largest frame of any build asks for; this lets it be
/// what templates need, and still keeps within a secondary thread's 512 kB.
struct StackMeter {
    private let start = Self.address()

    /// Half of what the smallest usual thread has, and a little more.
    static let limit = 320 << 10

    /// Whether the calls since the meter was made hold more than the limit.
    var isExhausted: Bool {
        let here = Self.address()
        // stacks grow downwards; anything else is not the same stack and says nothing
        return here < start && start - here > Self.limit && start - here < 1 << 30
    }

    @inline(never)
    private static func address() -> UInt {
        var marker: UInt8 = 0
        return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
    }
}
