/// Contrastive prompts for one trait: what a direction is extracted from.
///
/// Either personas, which become pairs by templates and suffixes, or ready-made pairs. A value of this type
/// is valid: both of its initialisers refuse what an extraction could not use.
public struct Dataset: Sendable, Equatable {
    /// The trait, for example `happy`.
    public let name: String

    /// What the positive side has and the negative side lacks, in one sentence.
    public let description: String?

    /// The BCP 47 tag of the prompts' language, for example `ja`.
    public let language: String?

    /// The prompts.
    public let content: Content

    /// Prompts are used as they stand, with their special tokens parsed, instead of through
    /// the model's chat template.
    public let isRaw: Bool

    /// Words whose occurrences a sweep counts.
    public let markers: Markers

    /// Open questions, unseen by the extraction, to try a vector on.
    public let questions: [String]

    /// The two forms of a dataset.
    public enum Content: Sendable, Equatable {
        /// Every suffix under every pair of personas.
        case personas(PersonaPrompts)
        /// Texts that are already pairs.
        case pairs([TextPair])
        /// Prompts that the model itself answers, under instructions for and against the trait.
        case instructions(InstructionPrompts)

        /// Ready-made pairs are rendered prompts; personas, and answers to a prompt, go through
        /// the model's chat template.
        var isRawByDefault: Bool {
            switch self {
            case .personas, .instructions: false
            case .pairs(let pairs): pairs.allSatisfy { $0.prompt == nil }
            }
        }
    }

    /// Checks and keeps the parts; errors name the dataset and the field.
    public init(
        name: String, description: String? = nil, language: String? = nil, content: Content,
        isRaw: Bool? = nil,
        markers: Markers = Markers(), questions: [String] = []
    ) throws(SteeringError) {
        try self.init(
            name: name, description: description, language: language, content: content, isRaw: isRaw,
            markers: markers, questions: questions
        ) { field, index in
            "dataset \(name): \(field)" + (index.map { "[\($0)]" } ?? "")
        }
    }

    init(
        name: String, description: String?, language: String?, content: Content, isRaw: Bool?,
        markers: Markers, questions: [String], place: @escaping DatasetCheck.Place
    ) throws(SteeringError) {
        let check = DatasetCheck(place: place)
        try check.name(name)
        switch content {
        case .personas(let prompts): try check.personas(prompts)
        case .pairs(let pairs): try check.pairs(pairs)
        case .instructions(let prompts): try check.instructions(prompts)
        }
        try check.notBlank("markers.positive", markers.positive)
        try check.notBlank("markers.negative", markers.negative)
        try check.notBlank("questions", questions)
        self.name = name
        self.description = description
        self.language = language
        self.content = content
        self.isRaw = isRaw ?? content.isRawByDefault
        self.markers = markers
        self.questions = questions
    }
}

extension Dataset {
    /// The same prompts without a chat template, their special tokens parsed.
    public func usingRawPrompts() -> Dataset {
        Dataset(checked: self, isRaw: true)
    }

    private init(checked dataset: Dataset, isRaw: Bool) {
        name = dataset.name
        description = dataset.description
        language = dataset.language
        content = dataset.content
        self.isRaw = isRaw
        markers = dataset.markers
        questions = dataset.questions
    }
}

/// Personas, the turn that asks for them, and the starts of answers.
public struct PersonaPrompts: Sendable, Equatable {
    /// The place of the persona in `template` and `system`.
    public static let placeholder = "{persona}"

    /// The user turn, for example `Act as if you're extremely {persona}.`
    public var template: String

    /// The system turn; without one, the model's chat template decides.
    public var system: String?

    /// Words or phrases that have the trait; paired by index with `negative`.
    public var positive: [String]

    /// Their opposites.
    public var negative: [String]

    /// Starts of the assistant's answer, alike on both sides. Without any, the readout is
    /// the prompt's last token.
    public var suffixes: [String]

    /// Every proper token-prefix of each suffix is an example, as repeng does, instead of the whole suffix.
    public var truncates: Bool

    /// Keeps the parts; `Dataset` checks them.
    public init(
        template: String, system: String? = nil, positive: [String], negative: [String],
        suffixes: [String] = [],
        truncates: Bool = false
    ) {
        self.template = template
        self.system = system
        self.positive = positive
        self.negative = negative
        self.suffixes = suffixes
        self.truncates = truncates
    }
}

/// Instructions for and against a trait, and what the model is asked under each of them.
public struct InstructionPrompts: Sendable, Equatable {
    /// System turns, for the trait and against it.
    public var instructions: [TextPair]

    /// User turns. The extraction answers them; `questions` it never sees.
    public var prompts: [String]

    /// What a judge is asked about an answer, with `{question}` and `{answer}` where they stand; nil for a
    /// prompt of the trait's name and description. Used only where a judge is.
    public var judgePrompt: String?

    /// Keeps the parts; `Dataset` checks them.
    public init(instructions: [TextPair], prompts: [String], judgePrompt: String? = nil) {
        self.instructions = instructions
        self.prompts = prompts
        self.judgePrompt = judgePrompt
    }
}

/// Two texts that differ in the trait: whole prompts, or the beginnings of two answers to one prompt.
public struct TextPair: Sendable, Equatable, Codable {
    /// The user turn that both sides answer; without one, the sides are prompts themselves.
    public var prompt: String?

    /// The text that has the trait.
    public var positive: String

    /// The text that lacks it.
    public var negative: String

    /// Keeps both sides, and what they answer.
    public init(prompt: String? = nil, positive: String, negative: String) {
        self.prompt = prompt
        self.positive = positive
        self.negative = negative
    }
}

/// Words whose occurrences tell the sides apart; `delight*` also counts words that begin so.
public struct Markers: Sendable, Equatable, Codable {
    /// Words of the positive side.
    public var positive: [String]

    /// Words of the negative side.
    public var negative: [String]

    /// Keeps both lists.
    public init(positive: [String] = [], negative: [String] = []) {
        self.positive = positive
        self.negative = negative
    }
}
