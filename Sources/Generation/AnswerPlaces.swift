import ChatTemplates
import Terms
import Tokenizers

/// Where the answers of a conversation stand in its rendering, however the template has changed them: it may
/// trim them, leave out what was thought, or write tags of its own into them.
///
/// What the template writes around an answer is found by a rendering with a mark in the answer's place. An
/// answer whose mark it refuses has no place, as one of which nothing is left. A template that needs more
/// than it may have refuses nothing: that is an error, as without marks.
struct AnswerPlaces {
    /// The bytes of each answer in the rendered text, with the index of its message. Not
    /// every answer has any.
    private(set) var ranges: [Range<Int>: Int] = [:]

    init(
        of indices: [Int], in rendered: RenderedPrompt, _ messages: [ChatMessage], of model: LanguageModel
    ) throws {
        guard !indices.isEmpty else { return }
        if let marked = try Self.render(Self.marking(indices, in: messages), of: model),
            let ranges = Self.ranges(of: marked, in: rendered, indices)
        {
            self.ranges = ranges
            return
        }
        // The template writes something else around one of them, or refuses its mark:
        // each is looked for by itself.
        let text = Array(rendered.text.utf8)
        var end = 0
        for index in indices {
            guard let marked = try Self.render(Self.marking([index], in: messages), of: model),
                let range = Self.range(of: Self.mark(index), marked, in: text), range.lowerBound >= end
            else { continue }
            ranges[range] = index
            end = range.upperBound
        }
    }

    /// Private-use characters: no text of a template has them.
    private static func mark(_ index: Int) -> String { "\u{F8FF}\(index)\u{F8FF}" }

    private static func marking(_ indices: [Int], in messages: [ChatMessage]) -> [ChatMessage] {
        var marked = messages
        for index in indices { marked[index].content = mark(index) }
        return marked
    }

    /// A rendering with marks; nil where the template refuses one, as one that reads answers as JSON.
    private static func render(_ messages: [ChatMessage], of model: LanguageModel) throws -> RenderedPrompt? {
        do {
            return try model.render(messages)
        } catch let error as ChatTemplateError where refusals.contains(error.kind) {
            return nil
        }
    }

    /// What a template ends with that cannot do with a mark what it does with an answer.
    private static let refusals: Set<ChatTemplateError.Kind> = [
        .raisedByTemplate, .invalidJSON, .wrongType, .wrongArgument, .undefinedValue,
    ]

    /// The places of all answers, if each is one segment and all other segments are as
    /// they are with the marks.
    private static func ranges(
        of marked: RenderedPrompt, in rendered: RenderedPrompt, _ indices: [Int]
    ) -> [Range<Int>: Int]? {
        guard marked.segments.count == rendered.segments.count else { return nil }
        let marks = Dictionary(uniqueKeysWithValues: indices.map { (mark($0), $0) })
        var ranges: [Range<Int>: Int] = [:]
        var end = 0
        for (segment, actual) in zip(marked.segments, rendered.segments) {
            let start = end
            end += actual.text.utf8.count
            if let index = marks[segment.text], !actual.isTemplateText {
                ranges[start..<end] = index
            } else if segment != actual {
                return nil
            }
        }
        return ranges
    }

    /// The place of one answer: between what stands before its mark and what stands behind it.
    private static func range(
        of mark: String, _ marked: RenderedPrompt, in text: [UInt8]
    ) -> Range<Int>? {
        let parts = marked.segments.split(
            separator: .init(text: mark, isTemplateText: false), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let before = parts[0].flatMap { Array($0.text.utf8) }
        let after = parts[1].flatMap { Array($0.text.utf8) }
        guard before.count + after.count < text.count, text.starts(with: before),
            text.suffix(after.count).elementsEqual(after)
        else { return nil }
        return before.count..<text.count - after.count
    }
}

extension Tokenizer {
    /// The bytes of a text that each of its tokens stands for; nil where they spell another text, as one
    /// that was composed. White space that only one of both has is passed over, and so are control tokens
    /// that the text does not name.
    func places(of ids: [TokenID], in text: [UInt8]) -> [Range<Int>]? {
        func isSpace(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }
        var places: [Range<Int>] = []
        var position = 0
        for id in ids {
            let bytes = bytes(of: id)
            if isSpecial(id), !text[position...].drop(while: isSpace).starts(with: bytes) {
                places.append(position..<position)
                continue
            }
            var start = position
            for (index, byte) in bytes.enumerated() {
                if position < text.count, text[position] == byte {
                    position += 1
                } else if !isSpace(byte) {
                    while position < text.count, isSpace(text[position]) { position += 1 }
                    guard position < text.count, text[position] == byte else { return nil }
                    if index == 0 { start = position }
                    position += 1
                }
            }
            places.append(start..<position)
        }
        return places
    }
}
