public import Generation
public import Terms

/// A sweep with everything that a person, a script or a page wants to know of it.
public struct SweepReport: Sendable, Equatable, Codable {
    /// What was swept on.
    public struct Model: Sendable, Equatable, Codable {
        /// Its name, or its file's.
        public var name: String
        /// Architecture, depth and width.
        public var summary: String
        /// The digest of its fingerprint.
        public var digest: String

        /// A model.
        public init(name: String, summary: String, digest: String) {
            self.name = name
            self.summary = summary
            self.digest = digest
        }
    }

    /// One of the vectors that were swept.
    public struct Vector: Sendable, Equatable, Codable {
        /// What people call it.
        public var name: String
        /// The hash of what it adds and where.
        public var digest: String
        /// The layers that it steers, ascending.
        public var layers: [LayerIndex]
        /// The layers that answers were measured in, ascending.
        public var meterLayers: [LayerIndex]
        /// What the prompts asked for in words, for the trait and against it; empty where nothing was asked.
        public var instructions: [String]
        /// Why nothing was asked for in words.
        public var whyNoInstructions: String?

        /// A vector.
        public init(
            name: String, digest: String, layers: [LayerIndex], meterLayers: [LayerIndex],
            instructions: [String] = [], whyNoInstructions: String? = nil
        ) {
            self.name = name
            self.digest = digest
            self.layers = layers
            self.meterLayers = meterLayers
            self.instructions = instructions
            self.whyNoInstructions = whyNoInstructions
        }
    }

    /// How prompts were put and answers computed.
    public struct Conditions: Sendable, Equatable, Codable {
        /// The system turn of each prompt; nil for the chat template's own, or none.
        public var system: String?
        /// Whether prompts were taken as they are.
        public var isRaw: Bool
        /// Whether activations were float32 everywhere.
        public var isExact: Bool

        /// Conditions.
        public init(system: String? = nil, isRaw: Bool = false, isExact: Bool = false) {
            self.system = system
            self.isRaw = isRaw
            self.isExact = isExact
        }
    }

    /// The version of the tool.
    public var toolVersion: String
    /// What was swept on.
    public var model: Model
    /// What was swept.
    public var vectors: [Vector]
    /// What was asked.
    public var prompts: [String]
    /// At which strengths, 0 among them.
    public var strengths: [Double]
    /// How tokens were chosen.
    public var sampling: SamplingOptions
    /// The length of an answer in tokens at the most.
    public var maximumTokens: Int
    /// How prompts were put and answers computed; nil in what was kept before this was.
    public var conditions: Conditions?
    /// Every answer: for each vector, for each prompt and draw, the strengths; then the
    /// controls of each vector.
    public var answers: [SweepAnswer]

    /// A report.
    public init(
        toolVersion: String, model: Model, vectors: [Vector], prompts: [String], strengths: [Double],
        sampling: SamplingOptions, maximumTokens: Int, conditions: Conditions? = nil,
        answers: [SweepAnswer] = []
    ) {
        self.toolVersion = toolVersion
        self.model = model
        self.vectors = vectors
        self.prompts = prompts
        self.strengths = strengths
        self.sampling = sampling
        self.maximumTokens = maximumTokens
        self.conditions = conditions
        self.answers = answers
    }

    /// The report without its answers.
    public var withoutAnswers: SweepReport {
        var report = self
        report.answers = []
        return report
    }
}
