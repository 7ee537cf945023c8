/// Puts texts together and keeps which bytes came from outside the template.
struct TextBuilder {
    private(set) var bytes: [UInt8] = []
    /// The input's ranges, ascending, neither empty nor touching.
    private(set) var inputRanges: [Range<Int>] = []

    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    var count: Int { bytes.count }

    mutating func append(_ text: Text) {
        let start = bytes.count
        bytes.append(contentsOf: text.bytes)
        switch text.origin {
        case .template: break
        case .input: markInput(start..<bytes.count)
        case .mixed(let ranges):
            for range in ranges { markInput(start + range.lowerBound..<start + range.upperBound) }
        }
    }

    /// Appends a part of a text; `range` must lie on scalar borders.
    mutating func append(_ text: Text, _ range: Range<Int>) {
        let start = bytes.count
        bytes.append(contentsOf: text.bytes[range])
        switch text.origin {
        case .template: break
        case .input: markInput(start..<bytes.count)
        case .mixed:
            for part in text.inputRanges(in: range) {
                markInput(start + part.lowerBound..<start + part.upperBound)
            }
        }
    }

    /// Appends what the template, or this module, says; with `isInput`, what it says in place of input.
    mutating func append(template string: String, isInput: Bool = false) {
        let start = bytes.count
        bytes.append(contentsOf: string.utf8)
        if isInput { markInput(start..<bytes.count) }
    }

    mutating func append(_ byte: UInt8, isInput: Bool = false) {
        bytes.append(byte)
        if isInput { markInput(bytes.count - 1..<bytes.count) }
    }

    mutating func append(_ scalar: Unicode.Scalar, isInput: Bool) {
        let start = bytes.count
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        if isInput { markInput(start..<bytes.count) }
    }

    mutating func append(repeating byte: UInt8, count: Int) {
        bytes.append(contentsOf: repeatElement(byte, count: max(0, count)))
    }

    private mutating func markInput(_ range: Range<Int>) {
        if range.isEmpty { return }
        if let last = inputRanges.last, last.upperBound == range.lowerBound {
            inputRanges[inputRanges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            inputRanges.append(range)
        }
    }

    func finished() -> Text {
        Text(bytes: bytes, origin: Text.Origin(inputRanges, count: bytes.count))
    }

    /// The runs of one origin, in order.
    func segments() -> [RenderedPrompt.Segment] {
        var segments: [RenderedPrompt.Segment] = []
        var position = 0
        func add(upTo end: Int, isTemplateText: Bool) {
            guard end > position else { return }
            let text = String(decoding: bytes[position..<end], as: UTF8.self)
            segments.append(.init(text: text, isTemplateText: isTemplateText))
            position = end
        }
        for range in inputRanges {
            add(upTo: range.lowerBound, isTemplateText: true)
            add(upTo: range.upperBound, isTemplateText: false)
        }
        add(upTo: bytes.count, isTemplateText: true)
        return segments
    }
}
