public import Generation
import Terms
public import Transformer

/// A conversation with a model whose steering may change between any two answers.
///
/// The generator keeps what has been computed: a next question computes its own tokens and nothing
/// before them, another strength computes the conversation again, and going back to a strength
/// finds what is still kept of it.
public final class ChatSession {
    /// A vector that steers the conversation.
    public struct Vector: Sendable {
        /// What the user calls it.
        public var name: String
        /// What is added, how much of it, and where.
        public var term: SteeringPlan.Term
        /// Where it was read from; nil where it is no file's.
        public var path: String?

        /// A vector under a name.
        public init(name: String, term: SteeringPlan.Term, path: String? = nil) {
            self.name = name
            self.term = term
            self.path = path
        }
    }

    /// Tokens of an answer where nobody says: people can end one with Ctrl-C.
    public static let standardLength = 512

    /// The model that answers.
    public let model: LanguageModel
    /// How tokens are chosen.
    public var sampling: SamplingOptions
    /// An answer's length in tokens at the most.
    public var maximumTokens: Int
    /// What steers the next answer.
    public var vectors: [Vector] = []
    /// What steers it after the vectors.
    public var rules = SteeringProgram()
    /// What has been said.
    public var conversation: Conversation
    /// The system turn under which each of its questions was answered last.
    private var systems: [String?] = []
    private let generator: Generator
    private let contextSize: Int

    /// A conversation in which nothing has been said yet.
    ///
    /// - Parameters:
    ///   - context: Used alone by the session; the whole conversation has to fit into it.
    ///   - contextSize: How many tokens a conversation may have.
    /// - Throws: `noChatTemplate`, or `ChatTemplateError` for a template that cannot be used: before
    ///   anyone has typed a word.
    public init(
        _ model: LanguageModel, in context: InferenceContext, contextSize: Int, system: String? = nil,
        sampling: SamplingOptions = SamplingOptions(), maximumTokens: Int = ChatSession.standardLength
    ) throws {
        do {
            _ = try model.chatTokens(user: "x", system: system)
        } catch GenerationError.noChatTemplate(let file) {
            throw SteeringError(
                .noChatTemplate, "\(file): the model has no chat template, so it cannot hold a conversation",
                remedy:
                    "use a model that was trained for chats, or continue a text with tiller generate --raw")
        }
        self.model = model
        self.sampling = sampling
        self.maximumTokens = maximumTokens
        self.contextSize = min(contextSize, context.capacity)
        conversation = Conversation(system: system)
        generator = Generator(context, tokenizer: model.tokenizer)
    }

    /// What the last answer took.
    public var timing: GenerationTiming { generator.timing }

    /// Answers a question and keeps both. Nothing is kept where that fails.
    ///
    /// - Parameters:
    ///   - watch: Reads the answer.
    ///   - onToken: Hears of each token after the watch has read it.
    ///   - onText: Gets each piece of text; returns whether the answer is still wanted.
    /// - Throws: `GenerationError`, `SteeringError`, `ChatTemplateError` or `TransformerError`.
    public func ask(
        _ question: String, watch: AnswerWatch? = nil, onToken: (AnswerToken) -> Void = { _ in },
        onText: (String) -> Bool = { _ in true }
    ) throws -> Generation {
        let answer = try self.answer(
            question, behind: conversation, by: (vectors, rules), watch, onToken: onToken, onText: onText)
        // Turns may have been taken back since.
        systems = systems.prefix(conversation.turns.count) + [conversation.system]
        conversation.append(
            Conversation.Turn(question: question, answer: answer.text, ids: Array(answer.wholeIDs)))
        return answer
    }

    /// Answers the last question once more, in the place of its answer; nil where nothing has been asked.
    public func askAgain(
        watch: AnswerWatch? = nil, onToken: (AnswerToken) -> Void = { _ in },
        onText: (String) -> Bool = { _ in true }
    ) throws -> Generation? {
        let before = conversation
        guard let last = conversation.undo() else { return nil }
        do {
            return try ask(last.question, watch: watch, onToken: onToken, onText: onText)
        } catch {
            conversation = before
            throw error
        }
    }

    /// Answers the last question without steering, and keeps nothing of it; nil where nothing has been asked.
    ///
    /// The system turn is the one under which it was answered: another would be one more
    /// difference between the two answers.
    public func withoutSteering(
        watch: AnswerWatch? = nil, onText: (String) -> Bool = { _ in true }
    ) throws -> Generation? {
        var before = conversation
        guard let last = before.undo() else { return nil }
        let place = before.turns.count
        if systems.indices.contains(place) { before.system = systems[place] }
        return try answer(
            last.question, behind: before, by: ([], SteeringProgram()), watch, onToken: { _ in },
            onText: onText)
    }

    private func answer(
        _ question: String, behind conversation: Conversation,
        by steering: (vectors: [Vector], rules: SteeringProgram), _ watch: AnswerWatch?,
        onToken: (AnswerToken) -> Void, onText: (String) -> Bool
    ) throws -> Generation {
        let prompt = try model.tokens(of: conversation, asking: question)
        let room = contextSize - prompt.tokens.count
        guard room > 0 else {
            // Beyond the positions that a model has learned, no context helps.
            let canGrow = contextSize < model.transformer.configuration.positions.count ?? .max
            throw SteeringError(
                .promptTooLong,
                "the conversation has \(prompt.tokens.count) tokens; the context holds \(contextSize), with at least one for the answer",
                remedy: "/undo or /reset" + (canGrow ? ", or start with a larger -c" : ""))
        }
        let plan = try SteeringPlan(steering.vectors.map(\.term), for: model.transformer.configuration)
        var program = SteeringProgram(always: plan.interventions)
        program.rules += steering.rules.rules
        var request = GenerationRequest(
            prompt: prompt.tokens, earlierAnswers: prompt.answers,
            program: program, sampling: sampling, maximumTokens: min(maximumTokens, room))
        request.captures = watch?.hooks ?? []
        return try AnswerWatch.reading(by: [watch]) {
            try generator.generate(
                [request], onText: { onText($1) },
                onToken: { _, token in
                    defer { onToken(token) }
                    return try watch?.read(token) ?? .goOn
                })
        }[0]
    }
}
