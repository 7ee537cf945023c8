public import Terms

/// Two prompts that differ only in the trait.
public struct ExamplePair: Sendable, Hashable {
    /// The prompt that has the trait.
    public var positive: [TokenID]

    /// The prompt that lacks it.
    public var negative: [TokenID]

    /// What it was made from: the index of its suffix (of its persona where there is only one suffix), or of
    /// its ready-made pair. Pairs of one source are kept on one side of the split into train and held-out.
    public var source: Int

    /// The persona or the instructions that made the two sides differ; nil for ready-made pairs. A direction
    /// of the trait holds for a persona that it has not seen.
    public var persona: Int?

    /// How many of the last tokens of each side are the answer; 0 where the answer has not
    /// begun, nil where nobody says.
    public var answerLengths: AnswerLengths?

    /// How much the pair counts.
    public var weight = 1.0

    /// Keeps the parts.
    public init(
        positive: [TokenID], negative: [TokenID], source: Int, persona: Int? = nil,
        answerLengths: AnswerLengths? = nil
    ) {
        self.positive = positive
        self.negative = negative
        self.source = source
        self.persona = persona
        self.answerLengths = answerLengths
    }
}

/// How many tokens the answers of both sides have.
public struct AnswerLengths: Sendable, Hashable {
    /// Of the positive side.
    public var positive: Int
    /// Of the negative side.
    public var negative: Int

    /// Keeps both.
    public init(positive: Int, negative: Int) {
        self.positive = positive
        self.negative = negative
    }
}
