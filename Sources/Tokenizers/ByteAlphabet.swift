/// GPT-2's alphabet: each byte as a printable character, so that a vocabulary can be written as text.
///
/// The bytes 0x21-0x7E, 0xA1-0xAC and 0xAE-0xFF stand for themselves; the other 68 are U+0100, U+0101, … in
/// their order, so that a space is `Ġ` and a newline `Ċ`.
enum ByteAlphabet {
    /// The byte of each scalar below 0x144; −1 for those outside the alphabet.
    private static let byteOfScalar = FrozenBuffer<Int16>(count: 0x144, initial: -1) { table in
        var next = 0x100
        for byte in 0..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                table[byte] = Int16(byte)
            default:
                table[next] = Int16(byte)
                next += 1
            }
        }
    }

    /// Writes the bytes of an encoded string and answers how many they are.
    ///
    /// A string that has a character outside the alphabet is copied as it is. The target must have room for
    /// as many bytes as the source.
    static func decode(
        _ source: UnsafePointer<UInt8>, count: Int, into target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let table = byteOfScalar.base
        var read = 0
        var written = 0
        while read < count {
            let first = source[read]
            if first > 0x20 && first < 0x7F {
                target[written] = first
                read += 1
            } else if first >= 0xC2 && first <= 0xC5 && read + 1 < count && source[read + 1] & 0xC0 == 0x80 {
                let scalar = Int(first & 0x1F) << 6 | Int(source[read + 1] & 0x3F)
                guard scalar < 0x144, table[scalar] >= 0 else { break }
                target[written] = UInt8(truncatingIfNeeded: table[scalar])
                read += 2
            } else {
                break
            }
            written += 1
        }
        if read == count { return written }
        target.update(from: source, count: count)
        return count
    }
}
