import Testing

@testable import ChatTemplates

@Suite struct ByteSearchTests {
    /// All short texts over two letters, against a search that tries every place.
    @Test func everyShortTextIsSearchedAsByTryingEveryPlace() {
        let words = (1...6).flatMap { length in
            (0..<1 << length).map { bits in (0..<length).map { UInt8(bits >> $0 & 1) } }
        }
        for part in words where part.count < 5 {
            let search = ByteSearch(part)
            for text in words {
                #expect(search.ranges(in: text, limit: .max) == Self.slow(part, text), "\(part) in \(text)")
            }
        }
    }

    static func slow(_ part: [UInt8], _ text: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var position = 0
        while position + part.count <= text.count {
            if Array(text[position..<position + part.count]) == part {
                ranges.append(position..<position + part.count)
                position += part.count
            } else {
                position += 1
            }
        }
        return ranges
    }

    @Test func theLimitStopsTheSearch() {
        #expect(ByteSearch([1]).ranges(in: [1, 1, 1], limit: 2) == [0..<1, 1..<2])
        #expect(ByteSearch([1]).ranges(in: [1, 1, 1], limit: 0).isEmpty)
    }
}
