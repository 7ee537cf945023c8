import ChatTemplates
import GGUF
import Generation
import Steering
import Terms
import Transformer

/// What has happened in a chat: what `/save` writes and `--json` prints.
struct ChatTranscript {
    /// One question with its answer, and how that came about.
    struct Turn {
        var question: String
        var answer: Generation
        /// The system turn under which it was answered; nil for the chat template's own.
        var system: String?
        /// Where its draws began.
        var seed: UInt64
        var steering: SteeringWords
        var watch: AnswerWatch?
        /// Tokens that went through the model for it.
        var computedTokens: Int
        /// The answer without steering, where there was a `/compare`.
        var baseline: Generation?
        var baselineWatch: AnswerWatch?

        /// What has steered it, in words: the dials, and the heads that began to.
        var steeringWords: [String] {
            steering.dials
                + (watch?.firings ?? []).filter { $0.head.action == .steer && !$0.isLate }.map {
                    "head \($0.head.name.onOneLine) \(Quantity.strength(Float($0.head.strength)))"
                }
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
    ///
    /// Messages begin with the system turn of the first question: a later one is said
    /// with its own question's turn.
    func json(_ session: ChatSession) -> JSONValue {
        let model = session.model.transformer.configuration
        var conversation = session.conversation
        if let first = turns.first { conversation.system = first.system }
        let messages = conversation.messages().map { message -> JSONValue in
            ["role": .string(message.role.rawValue), "content": .string(message.content)]
        }
        return [
            "model": .string(session.model.file.path), "seed": .integer(Int(session.sampling.seed)),
            "messages": .array(messages), "turns": .array(turns.map { Self.json($0, on: model) }),
            "errors": .array(errors.map { .string($0.message) }),
        ]
    }

    private static func json(_ turn: Turn, on model: ModelConfiguration) -> JSONValue {
        var json = json(turn.answer, turn.watch)
        json.append("seed", .integer(Int(clamping: turn.seed)))
        if let system = turn.system { json.append("system", .string(system)) }
        turn.steering.append(to: &json, turn.answer, on: model)
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
