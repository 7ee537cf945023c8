/// A fragment of text as scalar values with their categories, for the scanners of the pre-tokenisers.
///
/// Each element has the scalar value in its low 24 bits and the category in the high 8.
struct ScalarText: ~Copyable {
    private(set) var count = 0
    private var capacity = 0
    private var elements = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)

    init() {}

    deinit {
        elements.deallocate()
    }

    /// Replaces the text by some UTF-8. It is valid, as that of a `String` is, which special tokens leave at
    /// borders of characters only: `byteCount` takes a scalar's width from its value.
    mutating func set(_ bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.count > capacity {
            elements.deallocate()
            capacity = bytes.count
            elements = .allocate(capacity: capacity)
        }
        count = 0
        guard let base = bytes.baseAddress else { return }
        let categories = UnicodeCategories.shared
        var index = 0
        while index < bytes.count {
            let first = UInt32(base[index])
            var scalar = first
            let width = UTF8Width.ofScalar(startingWith: base[index])
            if width > 1 && index + width <= bytes.count {
                scalar = first & (0x7F >> UInt32(width))
                for offset in 1..<width {
                    scalar = scalar << 6 | UInt32(base[index + offset] & 0x3F)
                }
                scalar = min(scalar, 0x10FFFF)
            }
            elements[count] = categories.category(of: scalar) << 24 | scalar
            count += 1
            index += width
        }
    }

    /// A scalar value.
    @inline(__always)
    subscript(index: Int) -> UInt32 {
        elements[index] & 0xFF_FFFF
    }

    /// Whether a scalar is of one of some categories.
    @inline(__always)
    func isIn(_ index: Int, _ classes: CharacterClass) -> Bool {
        classes.rawValue &>> (elements[index] >> 24) & 1 != 0
    }

    /// The number of bytes of some scalars.
    @inline(__always)
    func byteCount(_ range: Range<Int>) -> Int {
        var total = 0
        for index in range {
            let scalar = self[index]
            total += scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
        }
        return total
    }
}

/// The lengths of characters in UTF-8.
enum UTF8Width {
    /// The number of bytes of a scalar whose first byte this is; 1 for a byte that begins none.
    @inline(__always)
    static func ofScalar(startingWith byte: UInt8) -> Int {
        byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }
}
