/// A string inside the evaluator: valid UTF-8, and which bytes of it came from outside the template.
struct Text: Sendable {
    let bytes: [UInt8]
    let origin: Origin

    /// Where the bytes of a text come from. What is not known to be the template's is input.
    enum Origin: Sendable, Equatable {
        case template
        case input
        /// The input's byte ranges, ascending, neither empty nor touching; the rest is the template's.
        case mixed([Range<Int>])
    }

    init(bytes: [UInt8], origin: Origin) {
        self.bytes = bytes
        self.origin = origin
    }

    /// Text of the template, or of this module.
    init(_ string: String) {
        self.init(bytes: Array(string.utf8), origin: .template)
    }

    /// Text of a message, a tool or a variable.
    init(input string: String) {
        self.init(bytes: Array(string.utf8), origin: .input)
    }

    static let empty = Text(bytes: [], origin: .template)

    var isEmpty: Bool { bytes.isEmpty }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether any byte came from outside the template.
    var touchesInput: Bool { origin != .template && !bytes.isEmpty }

    /// The input's byte ranges within `range`, counted from its start.
    func inputRanges(in range: Range<Int>) -> [Range<Int>] {
        switch origin {
        case .template: return []
        case .input: return range.isEmpty ? [] : [0..<range.count]
        case .mixed(let ranges):
            var shared: [Range<Int>] = []
            for input in ranges[Self.firstIndex(in: ranges, endingAfter: range.lowerBound)...] {
                let part = input.clamped(to: range)
                if part.isEmpty { break }
                shared.append(part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound)
            }
            return shared
        }
    }

    /// Where the first of some ascending ranges stands that ends after a position: by halves, since a text of
    /// many ranges is cut into as many parts.
    private static func firstIndex(in ranges: [Range<Int>], endingAfter position: Int) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound > position { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// A part of the text; `range` must lie on scalar borders.
    subscript(range: Range<Int>) -> Text {
        if range == 0..<bytes.count { return self }
        let origin: Origin =
            switch self.origin {
            case .mixed: Origin(inputRanges(in: range), count: range.count)
            case let whole: whole
            }
        return Text(bytes: Array(bytes[range]), origin: origin)
    }

    func appending(_ other: Text) -> Text {
        if other.isEmpty { return self }
        if isEmpty { return other }
        var builder = TextBuilder(capacity: bytes.count + other.bytes.count)
        builder.append(self)
        builder.append(other)
        return builder.finished()
    }
}

extension Text.Origin {
    /// The origin of a text of `count` bytes with these input ranges, in its shortest form.
    init(_ ranges: [Range<Int>], count: Int) {
        if ranges.isEmpty {
            self = .template
        } else if ranges.count == 1, ranges[0] == 0..<count {
            self = .input
        } else {
            self = .mixed(ranges)
        }
    }
}

extension Text: Hashable {
    /// Two texts are the same string wherever their bytes come from.
    static func == (left: Text, right: Text) -> Bool { left.bytes == right.bytes }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension Text: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self.init(value) }
}
