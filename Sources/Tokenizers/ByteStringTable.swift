import Foundation

/// Byte strings → their numbers: an open-addressing hash table over one blob.
///
/// Each slot has 32 bits of the hash and the number + 1, so that a look-up that fails, the most frequent
/// kind, touches the slots only.
///
/// `@unchecked Sendable`: the slots are written while the tokenizer is built and only read afterwards.
final class ByteStringTable: @unchecked Sendable {
    private let bytes: UnsafePointer<UInt8>
    private let starts: UnsafePointer<UInt32>  // [count + 1]
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int

    /// An empty table over strings that the caller keeps alive, with room for all of them.
    init(bytes: UnsafePointer<UInt8>, starts: UnsafePointer<UInt32>, count: Int) {
        self.bytes = bytes
        self.starts = starts
        var capacity = 16
        while capacity < count + count / 2 { capacity *= 2 }
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        mask = capacity - 1
    }

    deinit {
        slots.deallocate()
    }

    /// The number of a string; −1 if it is not there.
    @inline(__always)
    func find(_ string: UnsafePointer<UInt8>, count: Int) -> Int32 {
        let hash = Self.hash(string, count: count)
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = slots[slot]
            if entry == 0 { return -1 }
            if UInt32(truncatingIfNeeded: entry >> 32) == tag {
                let id = Int(UInt32(truncatingIfNeeded: entry)) - 1
                let start = Int(starts[id])
                if Int(starts[id + 1]) - start == count, memcmp(bytes + start, string, count) == 0 {
                    return Int32(truncatingIfNeeded: id)
                }
            }
            slot = (slot + 1) & mask
        }
    }

    /// Enters a string of the blob, unless an equal one is there: then its number is the answer, else −1.
    func insert(_ id: Int) -> Int32 {
        let start = Int(starts[id])
        let count = Int(starts[id + 1]) - start
        let existing = find(bytes + start, count: count)
        if existing >= 0 { return existing }
        let hash = Self.hash(bytes + start, count: count)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = hash & ~0xFFFF_FFFF | UInt64(id + 1)
        return -1
    }

    /// Two 64-bit multiplications fold 16 bytes at a time, in the manner of wyhash.
    @inline(__always)
    private static func hash(_ string: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        let raw = UnsafeRawPointer(string)
        var state = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)
        var offset = 0
        while count - offset > 16 {
            state = fold(
                state ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
                raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self) ^ 0xD1B5_4A32_D192_ED03)
            offset += 16
        }
        let rest = count - offset
        var low: UInt64 = 0
        var high: UInt64 = 0
        if rest >= 8 {
            low = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            high = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if rest >= 4 {
            low = UInt64(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            high = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else if rest > 0 {
            low = UInt64(string[offset]) | UInt64(string[offset + rest >> 1]) << 8
            high = UInt64(string[count - 1])
        }
        return fold(state ^ low, high ^ 0xA0761D6478BD642F)
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
