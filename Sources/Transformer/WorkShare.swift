import Synchronization

/// One worker's share of a piece of work, from which others take too when they have done theirs.
///
/// Pieces are numbered, and every worker goes through all of them in order. Whoever comes first to a
/// share of a piece, its owner or another, opens it, which happens only once every share of the
/// piece before is all taken.
final class WorkShare: Sendable {
    /// The number of the piece (24 bits), how many units are taken at the front and at
    /// the back (20 bits each).
    private let state = Atomic<UInt64>(0)
    /// How many pieces the owner has gone through.
    private let piece = Atomic<UInt32>(0)
    /// Keeps two shares from one cache line, and from a pair of them.
    private let padding: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) =
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    /// The most units that a share may have.
    static let mostUnits = (1 << 20) - 1

    /// The number of the piece that the owner now comes to.
    func nextPiece() -> UInt32 {
        piece.add(1, ordering: .relaxed).newValue & 0xFF_FFFF
    }

    /// Comes to where another's owner is, with nothing left to take: its own owner has not gone
    /// through the pieces between.
    func follow(_ other: WorkShare) {
        let number = other.piece.load(ordering: .relaxed)
        piece.store(number, ordering: .relaxed)
        state.store(UInt64(number & 0xFF_FFFF) << 40, ordering: .relaxed)
    }

    /// Some of the `count` units of a piece's share that nobody has taken: half of what is left, from the
    /// front for the owner, from the back for others; nil where nothing is left.
    func take(of count: Int, piece: UInt32, fromFront: Bool) -> Range<Int>? {
        var seen = state.load(ordering: .relaxed)
        while true {
            // The difference of two 24-bit numbers, as a signed one.
            let ahead = Int32(bitPattern: (UInt32(truncatingIfNeeded: seen >> 40) &- piece) << 8) >> 8
            if ahead > 0 { return nil }
            let front = ahead < 0 ? 0 : Int(seen >> 20 & 0xF_FFFF)
            let back = ahead < 0 ? 0 : Int(seen & 0xF_FFFF)
            let left = count - front - back
            // An empty share goes on with the pieces, too: one that stayed behind by half of the numbers
            // would be taken for one ahead.
            guard left > 0 || ahead < 0 else { return nil }
            let taken = (left + 1) / 2
            let (newFront, newBack) = fromFront ? (front + taken, back) : (front, back + taken)
            let desired = UInt64(piece) << 40 | UInt64(newFront) << 20 | UInt64(newBack)
            let (done, found) = state.weakCompareExchange(
                expected: seen, desired: desired, ordering: .relaxed)
            if done, left == 0 { return nil }
            if done { return fromFront ? front..<newFront : count - newBack..<count - back }
            seen = found
        }
    }
}
