import ChatTemplates
import GGUF
import Generation
import Steering
import Terms

/// What has happened in a chat: what `/save` writes and `--json` prints.
struct ChatTranscript {
    /// One question with its answer, and how that came about.
    struct Turn {
        var question: String
        var answer: Generation
        var vectors: [ChatSession.Vector]
        /// What the rules are called that steered beside the vectors.
        var preset: String?
        var watch: AnswerWatch?
        /// Tokens that went through the model for it.
        var computedTokens: Int
        /// The answer without steering, where there was a `/compare`.
        var baseline: Generation?
        var baselineWatch: AnswerWatch?

        /// The dials that it was answered with, in words; none where nothing was to steer it.
        var dials: [String] { Self.dials(vectors, preset: preset) }

        /// What has steered it: the dials, and the heads that began to.
        var steering: [String] {
            dials
                + (watch?.firings ?? []).filter { $0.head.action == .steer && !$0.isLate }.map {
                    "head \($0.head.name.onOneLine) \(Quantity.strength(Float($0.head.strength)))"
                }
        }

        /// Vectors at another strength than 0, and the rules, in words.
        static func dials(_ vectors: [ChatSession.Vector], preset: String?) -> [String] {
            vectors.filter { $0.term.strength != 0 }.map(ChatWords.dial)
                + [preset].compactMap { $0.map(ChatWords.preset) }
        }
    }

    var turns: [Turn] = []
    /// What lines have done wrong.
    var errors: [Failure] = []

    /// Notes the last question's answer without steering.
    mutating func compare(_ baseline: Generation, _ watch: AnswerWatch?) {
        guard !turns.isEmpty else { return }
        turns[turns.count - 1].baseline = baseline
        turns[turns.count - 1].baselineWatch = watch
    }

    /// The conversation as messages, and what is known of each answer.
    func json(_ session: ChatSession) -> JSONValue {
        let messages = session.conversation.messages().map { message -> JSONValue in
            ["role": .string(message.role.rawValue), "content": .string(message.content)]
        }
        return [
            "model": .string(session.model.file.path), "seed": .integer(Int(session.sampling.seed)),
            "messages": .array(messages), "turns": .array(turns.map(Self.json)),
            "errors": .array(errors.map { .string($0.message) }),
        ]
    }

    private static func json(_ turn: Turn) -> JSONValue {
        var json = json(turn.answer, turn.watch)
        json.append(
            "vectors",
            .array(
                turn.vectors.map {
                    ["name": .string($0.name), "strength": .number($0.term.strength)]
                }))
        json.append("preset", .string(turn.preset))
        json.append("reusedPromptTokens", .integer(turn.answer.reusedPromptTokens))
        json.append("computedTokens", .integer(turn.computedTokens))
        if let baseline = turn.baseline { json.append("baseline", Self.json(baseline, turn.baselineWatch)) }
        return json
    }

    private static func json(_ answer: Generation, _ watch: AnswerWatch?) -> JSONValue {
        var json: JSONValue = [
            "text": .string(answer.text), "ids": .ids(answer.ids),
            "finishReason": .string(answer.finishReason.rawValue),
            "promptTokens": .integer(answer.promptTokenCount), "steeredLayers": .layers(answer.steeredLayers),
        ]
        if let watch { WatchWords(watch).append(to: &json) }
        return json
    }
}
