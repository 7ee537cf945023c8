public import ChatTemplates
public import Terms

/// What has been said in a chat: a system turn, and questions with their answers.
public struct Conversation: Sendable, Equatable {
    /// One question and its answer.
    public struct Turn: Sendable, Equatable {
        /// What the user said.
        public var question: String
        /// What the model answered.
        public var answer: String
        /// The answer's tokens, as they were generated, but for those of a character that its end has cut.
        public var ids: [TokenID]

        /// Keeps all of it.
        public init(question: String, answer: String, ids: [TokenID]) {
            self.question = question
            self.answer = answer
            self.ids = ids
        }
    }

    /// The system turn; nil for the chat template's own.
    public var system: String?
    /// The turns, the oldest first.
    public private(set) var turns: [Turn] = []

    /// A conversation in which nothing has been said yet.
    public init(system: String? = nil) {
        self.system = system
    }

    /// Adds a question with its answer.
    public mutating func append(_ turn: Turn) { turns.append(turn) }

    /// Takes the last turn back; nil where there is none.
    public mutating func undo() -> Turn? { turns.popLast() }

    /// Takes all turns back; the system turn stays.
    public mutating func reset() { turns = [] }

    /// The messages of all turns, and a question after them.
    public func messages(asking question: String? = nil) -> [ChatMessage] {
        var messages = turns.flatMap {
            [
                ChatMessage(role: "user", content: $0.question),
                ChatMessage(role: "assistant", content: $0.answer),
            ]
        }
        if let question { messages.append(ChatMessage(role: "user", content: question)) }
        if let system { messages.insert(ChatMessage(role: "system", content: system), at: 0) }
        return messages
    }

    /// The tokens of the answers among those messages, by the message's index.
    public var answers: [Int: [TokenID]] {
        let first = system == nil ? 1 : 2
        return turns.enumerated().reduce(into: [:]) { $0[first + 2 * $1.offset] = $1.element.ids }
    }
}

extension LanguageModel {
    /// The tokens of a question behind a conversation, and which of them are its answers.
    ///
    /// - Throws: `GenerationError.noChatTemplate` or `ChatTemplateError`.
    public func tokens(of conversation: Conversation, asking question: String) throws -> ConversationTokens {
        try self.conversation(conversation.messages(asking: question), answers: conversation.answers)
    }
}
