/// XXH64 with seed 0: a 64-bit hash of a stream of bytes, as fast as memory.
///
/// It tells files apart that differ by accident or by training; it is no defence against someone who wants
/// two files to look alike, which a fingerprint is not for. Rejected: FNV-1a, a byte at a time and weak in
/// its high bits; SHA-256, which in portable code takes longer than all the rest of opening a model with a
/// large vocabulary.
///
/// The algorithm and its constants are those of xxHash's specification (Cyan4973/xxHash,
/// doc/xxhash_spec.md, version 0.2.0): four lanes take 8 bytes each of every 32-byte stripe; the lanes, the
/// rest and the length are then mixed until every input bit can change every output bit.
package struct XXHash64 {
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

    private var lanes = SIMD4<UInt64>(prime1 &+ prime2, prime2, 0, 0 &- prime1)
    private var pending: [UInt8] = []  // fewer than 32 bytes
    private var byteCount: UInt64 = 0

    package init() {
        pending.reserveCapacity(32)
    }

    /// Takes in bytes; how they are cut into calls does not matter.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        byteCount &+= UInt64(bytes.count)
        var position = 0
        if !pending.isEmpty {
            position = min(32 - pending.count, bytes.count)
            pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<position]))
            guard pending.count == 32 else { return }
            let stripe = pending
            pending.removeAll(keepingCapacity: true)
            stripe.withUnsafeBytes { stripe in
                if let start = stripe.baseAddress { consume(start, stripes: 1) }
            }
        }
        let stripes = (bytes.count - position) / 32
        consume(start + position, stripes: stripes)
        position += 32 * stripes
        pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[position...]))
    }

    /// The hash of everything so far.
    package var value: UInt64 {
        var hash: UInt64
        if byteCount >= 32 {
            hash = Self.rotate(lanes[0], 1) &+ Self.rotate(lanes[1], 7)
            hash &+= Self.rotate(lanes[2], 12) &+ Self.rotate(lanes[3], 18)
            for lane in 0..<4 {
                hash = (hash ^ Self.round(0, lanes[lane])) &* Self.prime1 &+ Self.prime4
            }
        } else {
            hash = Self.prime5
        }
        hash &+= byteCount
        pending.withUnsafeBytes { rest in
            var position = 0
            while position + 8 <= rest.count {
                let word = UInt64(littleEndian: rest.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                hash = Self.rotate(hash ^ Self.round(0, word), 27) &* Self.prime1 &+ Self.prime4
                position += 8
            }
            if position + 4 <= rest.count {
                let word = UInt32(littleEndian: rest.loadUnaligned(fromByteOffset: position, as: UInt32.self))
                hash = Self.rotate(hash ^ (UInt64(word) &* Self.prime1), 23) &* Self.prime2 &+ Self.prime3
                position += 4
            }
            while position < rest.count {
                hash = Self.rotate(hash ^ (UInt64(rest[position]) &* Self.prime5), 11) &* Self.prime1
                position += 1
            }
        }
        hash = (hash ^ (hash >> 33)) &* Self.prime2
        hash = (hash ^ (hash >> 29)) &* Self.prime3
        return hash ^ (hash >> 32)
    }

    private mutating func consume(_ start: UnsafeRawPointer, stripes: Int) {
        var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
        for stripe in 0..<stripes {
            let at = start + 32 * stripe
            a = Self.round(a, UInt64(littleEndian: at.loadUnaligned(as: UInt64.self)))
            b = Self.round(b, UInt64(littleEndian: at.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            c = Self.round(c, UInt64(littleEndian: at.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
            d = Self.round(d, UInt64(littleEndian: at.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
        }
        lanes = SIMD4(a, b, c, d)
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotate(lane &+ word &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }
}
