/// Something about a dataset that its author should know before a vector is made from it.
public struct LintFinding: Sendable, Equatable {
    /// What is looked at; the raw value is the stable name that scripts see.
    public enum Rule: String, Sendable, CaseIterable {
        /// The file cannot be used at all; the error's own code says why.
        case unusable
        /// Both sides of a pair are the same.
        case identicalSides
        /// There are few pairs, or few sources of pairs.
        case tooFewPairs
        /// A text stands in the dataset twice.
        case duplicates
        /// A text stands on both sides.
        case contradiction
        /// One side is much longer than the other.
        case lengthSkew
        /// Raw prompts without the turns of the model's chat template.
        case templateNotApplied
        /// A text that goes through the chat template has a template's marks in it, or
        /// those of another model.
        case foreignTemplate
        /// The token that is read out differs between the sides.
        case lastTokenDiffers
        /// A suffix, alike on both sides, has words of one side in it.
        case suffixTakesSides
        /// A question for evaluation is also a text of the extraction.
        case questionSeen
        /// There is nothing to try a vector with.
        case noQuestions
    }

    /// How much it matters.
    public enum Severity: String, Sendable, CaseIterable, Comparable {
        /// Worth knowing.
        case note
        /// The direction will probably follow something else than the trait.
        case warning
        /// No direction can come out of it.
        case error

        /// A note is less than a warning, a warning less than an error.
        public static func < (left: Severity, right: Severity) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// A number that the finding rests on.
    public struct Number: Sendable, Equatable {
        /// Its name, for scripts.
        public var name: String
        /// Its value.
        public var value: Double
    }

    /// What was looked at.
    public let rule: Rule
    /// How much it matters.
    public let severity: Severity
    /// What was found, with its numbers.
    public let message: String
    /// What repairs it.
    public let remedy: String
    /// The numbers of the message, in its order.
    public let numbers: [Number]

    init(
        _ rule: Rule, _ severity: Severity, _ message: String, remedy: String,
        numbers: KeyValuePairs<String, Double> = [:]
    ) {
        self.rule = rule
        self.severity = severity
        self.message = message
        self.remedy = remedy
        self.numbers = numbers.map { Number(name: $0.key, value: $0.value) }
    }
}

extension LintFinding {
    /// An error that keeps a dataset from being read, as a finding.
    public init(_ error: SteeringError) {
        self.init(
            error.kind == .identicalSides
                ? .identicalSides : error.kind == .tooFewPairs ? .tooFewPairs : .unusable,
            .error, error.message, remedy: error.remedy ?? "correct the file")
    }
}
