/// Finds one text in others in linear time, whatever both are (Knuth, Morris and Pratt 1977): a search that
/// backs up would let a template spend minutes on two long texts of the same letter.
struct ByteSearch {
    private let part: [UInt8]
    /// For every length of a match, the longest shorter match that it ends with.
    private let fallback: [Int]

    /// `part` must not be empty.
    init(_ part: [UInt8]) {
        self.part = part
        var fallback = [Int](repeating: 0, count: part.count)
        var matched = 0
        for index in 1..<max(1, part.count) {
            while matched > 0, part[index] != part[matched] { matched = fallback[matched - 1] }
            if part[index] == part[matched] { matched += 1 }
            fallback[index] = matched
        }
        self.fallback = fallback
    }

    /// The first place of the part from `start` on.
    func firstPlace(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let first = part[0]
        var matched = 0
        var position = start
        while position < text.count {
            if matched == 0 {
                while position < text.count, text[position] != first { position += 1 }
                if position == text.count { return nil }
            }
            while matched > 0, text[position] != part[matched] { matched = fallback[matched - 1] }
            if text[position] == part[matched] { matched += 1 }
            position += 1
            if matched == part.count { return position - matched }
        }
        return nil
    }

    /// The places of the part that do not overlap, at most `limit`.
    func ranges(in text: [UInt8], limit: Int) -> [Range<Int>] {
        text.withUnsafeBufferPointer { text in
            var ranges: [Range<Int>] = []
            var position = 0
            while ranges.count < limit, let place = firstPlace(in: text, from: position) {
                position = place + part.count
                ranges.append(place..<position)
            }
            return ranges
        }
    }
}
