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
    /// Renders a conversation for its next answer, with earlier answers in the very tokens in which they were generated.
    ///
    /// A text has many spellings in tokens, and the tokenizer's own need not be the one that the model chose: without the
    /// generated tokens nothing behind an answer's first deviation could be reused, and the model would read other tokens than
    /// it has written. Answers that the template changes, as one that leaves out what was thought, are tokenised anew.
    ///
    /// - Parameters:
    ///   - messages: The conversation; the last is what is to be answered.
    ///   - answers: The tokens of messages of the assistant, by the message's index.
    /// - Throws: `GenerationError.noChatTemplate` or `ChatTemplateError`.
    public func conversation(
        _ messages: [ChatMessage], answers: [Int: [TokenID]] = [:]
    ) throws -> ConversationTokens {
        let rendered = try render(messages)
        var marked = messages
        var marks: [String: Int] = [:]
        for index in answers.keys where messages.indices.contains(index) {
            // Private-use characters: no text of a template has them.
            let mark = "\u{F8FF}\(index)\u{F8FF}"
            marked[index].content = mark
            marks[mark] = index
        }
        guard !marks.isEmpty else { return ConversationTokens(tokens: tokens(of: rendered), answers: []) }
        let segments = try render(marked).segments
        guard segments.count == rendered.segments.count else {
            return ConversationTokens(tokens: tokens(of: rendered), answers: [])
        }

        var result = ConversationTokens(tokens: [], answers: [])
        var waiting: [RenderedPrompt.Segment] = []
        for (segment, actual) in zip(segments, rendered.segments) {
            guard let index = marks[segment.text], actual.text == messages[index].content,
                let ids = answers[index]
            else {
                waiting.append(actual)
                continue
            }
            append(waiting, to: &result)
            waiting = []
            result.answers.append(result.tokens.count..<result.tokens.count + ids.count)
            result.tokens += ids
        }
        append(waiting, to: &result)
        return result
    }

    private func append(_ segments: [RenderedPrompt.Segment], to result: inout ConversationTokens) {
        if result.tokens.isEmpty {
            result.tokens = tokens(of: RenderedPrompt(segments: segments))
        } else {
            result.tokens += tokenizer.encode(
                segments.map { TextSegment($0.text, isTrusted: $0.isTemplateText) })
        }
    }
}
