/// Pairs of tokens → the rank of their merge and the token that it makes: an open-addressing hash table.
///
/// `@unchecked Sendable`: the slots are written while the tokenizer is built and only read afterwards.
final class MergeTable: MergeRules, @unchecked Sendable {
    /// One merge: a slot is empty where `key` is 0.
    struct Slot: BitwiseCopyable {
        var key: UInt64
        var rank: UInt32
        var result: Int32
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    private let shift: UInt64

    /// An empty table with room for that many merges.
    init(count: Int) {
        var bits = 4
        while 1 << bits < count + count / 2 { bits += 1 }
        slots = .allocate(capacity: 1 << bits)
        slots.initialize(repeating: Slot(key: 0, rank: 0, result: 0), count: 1 << bits)
        mask = 1 << bits - 1
        shift = UInt64(64 - bits)
    }

    deinit {
        slots.deallocate()
    }

    /// Enters a merge; the first one of a pair counts. The caller enters no more than it announced.
    func insert(left: Int32, right: Int32, rank: UInt32, result: Int32) {
        let key = Self.key(left, right)
        var slot = firstSlot(key)
        while slots[slot].key != 0 {
            if slots[slot].key == key { return }
            slot = (slot + 1) & mask
        }
        slots[slot] = Slot(key: key, rank: rank, result: result)
    }

    /// The merge of two tokens; rank `noRank` if there is none. Tokens below 0 never merge.
    @inline(__always)
    func find(left: Int32, right: Int32) -> (rank: UInt32, result: Int32) {
        if left | right < 0 { return (Self.noRank, -1) }
        let key = Self.key(left, right)
        var slot = firstSlot(key)
        while true {
            let entry = slots[slot]
            if entry.key == key { return (entry.rank, entry.result) }
            if entry.key == 0 { return (Self.noRank, -1) }
            slot = (slot + 1) & mask
        }
    }

    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> (rank: UInt32, result: Int32) {
        find(left: left, right: right)
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        (UInt64(UInt32(bitPattern: left)) + 1) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func firstSlot(_ key: UInt64) -> Int {
        let mixed = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> shift)
    }
}
