public import ChatTemplates
public import Terms
import Tokenizers

/// The tokens of a conversation that is to be answered, and which of them are earlier answers.
public struct ConversationTokens: Sendable, Equatable {
    /// The rendered conversation, up to where the next answer begins.
    public var tokens: [TokenID]
    /// Where earlier answers stand in it, ascending: `GenerationRequest.earlierAnswers`.
    public var answers: [Range<Int>]

    /// Keeps both.
    public init(tokens: [TokenID], answers: [Range<Int>]) {
        self.tokens = tokens
        self.answers = answers
    }
}

extension LanguageModel {
    /// Renders a conversation for its next answer, with earlier answers in the very tokens in
    /// which they were generated.
    ///
    /// A text has many spellings in tokens, and the tokenizer's own need not be the one that the model chose:
    /// without the generated tokens nothing behind an answer's first deviation could be reused, and the model
    /// would read other tokens than it has written. Answers that the template changes, as one that leaves out
    /// what was thought, are tokenised anew.
    ///
    /// - Parameters:
    ///   - messages: The conversation; the last is what is to be answered.
    ///   - answers: The tokens of messages of the assistant, by the message's index.
    /// - Throws: `GenerationError.noChatTemplate` or `ChatTemplateError`.
    public func conversation(
        _ messages: [ChatMessage], answers: [Int: [TokenID]] = [:]
    ) throws -> ConversationTokens {
        let rendered = try render(messages)
        let indices = answers.keys.filter(messages.indices.contains).sorted()
        let places = try AnswerPlaces(of: indices, in: rendered, messages, of: self).ranges
        var result = ConversationTokens(tokens: [], answers: [])
        var waiting = RenderedRun(start: 0)
        var end = 0
        for segment in rendered.segments {
            let bytes = end..<end + segment.text.utf8.count
            end = bytes.upperBound
            guard let index = places[bytes], segment.text == messages[index].content,
                let ids = answers[index], !ids.isEmpty
            else {
                waiting.segments.append(segment)
                continue
            }
            append(waiting, places.keys, to: &result)
            waiting = RenderedRun(start: end)
            result.answers.append(result.tokens.count..<result.tokens.count + ids.count)
            result.tokens += ids
        }
        append(waiting, places.keys, to: &result)
        return result
    }

    /// Appends a run of segments. `answers`: the bytes of all answers in the rendered text, of which
    /// those in the run are noted
    private func append(
        _ run: RenderedRun, _ answers: some Sequence<Range<Int>>, to result: inout ConversationTokens
    ) {
        let ids =
            result.tokens.isEmpty
            ? tokens(of: RenderedPrompt(segments: run.segments))
            : tokenizer.encode(
                run.segments.map { TextSegment($0.text, isTrusted: $0.isTemplateText) }, continuesText: true)
        let text = run.segments.flatMap { Array($0.text.utf8) }
        let changed = answers.filter {
            $0.lowerBound >= run.start && $0.upperBound <= run.start + text.count
        }.sorted { $0.lowerBound < $1.lowerBound }
        if !changed.isEmpty, let bytes = tokenizer.places(of: ids, in: text) {
            for answer in changed {
                let own = answer.lowerBound - run.start..<answer.upperBound - run.start
                guard let first = bytes.firstIndex(where: { $0.overlaps(own) }),
                    let last = bytes.lastIndex(where: { $0.overlaps(own) })
                else { continue }
                result.answers.append(result.tokens.count + first..<result.tokens.count + last + 1)
            }
        }
        result.tokens += ids
    }
}

/// Segments of a rendered conversation that are tokenised together.
private struct RenderedRun {
    /// The first byte in the rendered text.
    var start: Int
    var segments: [RenderedPrompt.Segment] = []
}
