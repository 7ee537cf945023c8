/// `[…]+`, `[…]{1,3}` or `\s?[…]+`: runs of a set of scalars.
struct Runs: SplitRule {
    var set: ScalarSet
    /// The most scalars of a run.
    var limit = Int.max
    /// Whether a run takes one character of white space in front of it.
    var takesWhitespace = false
    /// Whether a run takes one space in front of it.
    var takesSpace = false

    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        var index = start
        let takesFirst =
            takesWhitespace && text.isIn(start, .whitespace) || takesSpace && text[start] == ScalarText.space
        if takesFirst, start + 1 < end, set.contains(text, start + 1) { index += 1 }
        let stop = end - index > limit ? index + limit : end
        while index < stop, set.contains(text, index) { index += 1 }
        return index
    }
}

/// `[0-9][0-9][0-9]`.
struct ThreeDigits: SplitRule {
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        guard start + 3 <= end else { return start }
        for index in start..<start + 3 where text[index] < 0x30 || text[index] > 0x39 { return start }
        return start + 3
    }
}

/// `[^\n]+|[\n]+`.
struct Lines: SplitRule {
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let isNewline = text[start] == ScalarText.newline
        var index = start + 1
        while index < end, (text[index] == ScalarText.newline) == isNewline { index += 1 }
        return index
    }
}

/// `\s+$`.
struct TrailingWhitespace: SplitRule {
    func matchEnd(_ text: borrowing ScalarText, _ start: Int, _ end: Int) -> Int {
        let runEnd = text.runEnd(start, end, .whitespace)
        return runEnd == end ? runEnd : start
    }

    /// From the end of each piece: trying every start would take quadratic time on inner white space.
    func split(_ text: borrowing ScalarText, _ pieces: [Int], into result: inout [Int]) {
        var pieceStart = 0
        for pieceEnd in pieces {
            var index = pieceEnd
            while index > pieceStart, text.isIn(index - 1, .whitespace) { index -= 1 }
            if index > pieceStart, index < pieceEnd { result.append(index) }
            result.append(pieceEnd)
            pieceStart = pieceEnd
        }
    }
}

/// Scalars given by categories, by ranges, and as ASCII characters.
struct ScalarSet: Sendable {
    private let classes: CharacterClass
    private let ranges: [ClosedRange<UInt32>]  // ascending, above ASCII
    private let ascii: (low: UInt64, high: UInt64)
    private let isInverted: Bool

    init(
        _ classes: CharacterClass = [], characters: String = "", ranges: [ClosedRange<UInt32>] = [],
        isInverted: Bool = false
    ) {
        self.classes = classes
        self.isInverted = isInverted
        var ascii: (low: UInt64, high: UInt64) = (0, 0)
        var wide: [ClosedRange<UInt32>] = []
        let singles = characters.unicodeScalars.map { $0.value...$0.value }
        for range in singles + ranges {
            for scalar in range.prefix(0x80) where scalar < 0x80 {
                if scalar < 64 { ascii.low |= 1 << scalar } else { ascii.high |= 1 << (scalar - 64) }
            }
            if range.upperBound > 0x7F { wide.append(max(range.lowerBound, 0x80)...range.upperBound) }
        }
        self.ascii = ascii
        self.ranges = wide.sorted { $0.lowerBound < $1.lowerBound }
    }

    @inline(__always)
    func contains(_ text: borrowing ScalarText, _ index: Int) -> Bool {
        (text.isIn(index, classes) || isListed(text[index])) != isInverted
    }

    /// Whether a scalar is one of those that are given by ranges or as characters.
    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool { isListed(scalar) != isInverted }

    @inline(__always)
    private func isListed(_ scalar: UInt32) -> Bool {
        if scalar < 64 { return ascii.low >> UInt64(scalar) & 1 != 0 }
        if scalar < 128 { return ascii.high >> UInt64(scalar - 64) & 1 != 0 }
        return !ranges.isEmpty && isInRanges(scalar)
    }

    private func isInRanges(_ scalar: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar)
    }
}
