/// A set of Unicode general categories, one bit each, as the regular expressions of tokenizers name them.
///
/// `\s` is the property White_Space: all separators, and six control characters that have a bit of their own.
struct CharacterClass: OptionSet, Sendable {
    let rawValue: UInt32

    // The order of the categories in `UnicodeCategories.ranges`: Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No
    // Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn, then control characters that are white space.
    static let letters = CharacterClass(rawValue: 0b11111)
    static let marks = CharacterClass(rawValue: 0b111 << 5)
    static let numbers = CharacterClass(rawValue: 0b111 << 8)
    static let punctuation = CharacterClass(rawValue: 0b111_1111 << 11)
    static let symbols = CharacterClass(rawValue: 0b1111 << 18)
    static let whitespace = CharacterClass(rawValue: 0b111 << 22 | 1 << 30)

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`: what may stand in the capitals of a word.
    static let upperWord = CharacterClass(rawValue: 0b11101).union(.marks)
    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`: what may stand in the small letters of a word.
    static let lowerWord = CharacterClass(rawValue: 0b11010).union(.marks)
}

/// The general category of every code point, in a table of two stages.
///
/// The table has Unicode 16.0, the version of the `tokenizers` wheel, whatever version the standard library
/// has. Asking `Unicode.Scalar.Properties` for all code points takes 138 ms; expanding the ranges takes 0.1
/// ms.
///
/// `@unchecked Sendable`: both buffers are written in `init` only and live as long as the process.
final class UnicodeCategories: @unchecked Sendable {
    static let shared = UnicodeCategories()

    private let blockOfPage: UnsafePointer<UInt16>  // [0x110000 / 256]
    private let categories: UnsafePointer<UInt8>  // [blocks, 256]

    private init() {
        let pageCount = 0x110000 >> 8
        let blocks = UnsafeMutablePointer<UInt16>.allocate(capacity: pageCount)
        var bytes: [UInt8] = []
        var uniformBlock: [UInt8: UInt16] = [:]
        var range = 0
        let ranges = Self.ranges
        func rangeEnd(_ range: Int) -> Int {
            range + 1 < ranges.count ? Int(ranges[range + 1] >> 5) : 0x110000
        }
        for page in 0..<pageCount {
            var scalar = page << 8
            while rangeEnd(range) <= scalar { range += 1 }
            let first = UInt8(ranges[range] & 31)
            let isUniform = rangeEnd(range) >= scalar + 256
            if isUniform, let block = uniformBlock[first] {
                blocks[page] = block
                continue
            }
            let block = UInt16(bytes.count >> 8)
            blocks[page] = block
            if isUniform { uniformBlock[first] = block }
            let end = scalar + 256
            while scalar < end {
                while rangeEnd(range) <= scalar { range += 1 }
                let stop = min(end, rangeEnd(range))
                bytes.append(contentsOf: repeatElement(UInt8(ranges[range] & 31), count: stop - scalar))
                scalar = stop
            }
        }
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
        table.initialize(from: bytes, count: bytes.count)
        blockOfPage = UnsafePointer(blocks)
        categories = UnsafePointer(table)
    }

    /// The number of the category of a scalar value; the caller has a value below 0x110000.
    @inline(__always)
    func category(of scalar: UInt32) -> UInt32 {
        let block = Int(blockOfPage[Int(scalar >> 8)])
        return UInt32(categories[block << 8 | Int(scalar & 255)])
    }
}
