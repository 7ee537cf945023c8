import Transformer

/// When a rule acts: while a reading is on one side of a threshold.
public struct SteeringCondition: Sendable, Codable, Equatable {
    /// A side of the threshold.
    public enum Side: String, Sendable, Codable, CaseIterable {
        /// The rule acts where the reading is greater.
        case above
        /// The rule acts where the reading is less.
        case below
    }

    /// When the condition is looked at.
    public enum Moment: String, Sendable, Codable, CaseIterable {
        /// Once, at the prompt's end: it holds for the whole answer.
        case prompt
        /// At the prompt's end, and again after each token of the answer.
        case token
    }

    /// What is read.
    public var reading: StateReading
    /// On which side of the threshold the rule acts.
    public var side: Side
    /// The threshold.
    public var threshold: Double
    /// When it is looked at.
    public var moment: Moment

    /// A threshold of a reading.
    public init(_ reading: StateReading, _ side: Side, _ threshold: Double, moment: Moment = .prompt) {
        self.reading = reading
        self.side = side
        self.threshold = threshold
        self.moment = moment
    }

    /// What the reading came to at the prompt's end.
    public struct Outcome: Sendable, Equatable {
        /// The mean over the condition's window.
        public let reading: Double
        /// Whether the rule acted from there on.
        public let isMet: Bool
    }

    /// Whether the rule acts. A reading that is not a number is on neither side.
    func isMet(by value: Double) -> Bool {
        switch side {
        case .above: value > threshold
        case .below: value < threshold
        }
    }

    func check(_ model: TransformerModel) throws {
        try reading.check(model)
        guard threshold.isFinite else {
            throw GenerationError.invalidSetting(
                name: "the threshold of a condition", found: "\(threshold)", expected: "a number")
        }
    }
}
