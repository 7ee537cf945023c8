/// What another model said of the answers that a vector was found in.
public struct Judgement: Sendable, Equatable, Encodable {
    /// Of the answers of one side.
    public struct Side: Sendable, Equatable, Encodable {
        /// Answers that the judge was asked about.
        public var judged: Int
        /// Those whose score lies on their own side of the threshold.
        public var kept: Int
        /// Those that it called refusals instead of scoring them.
        public var refused: Int

        /// Keeps the counts.
        public init(judged: Int = 0, kept: Int = 0, refused: Int = 0) {
            self.judged = judged
            self.kept = kept
            self.refused = refused
        }
    }

    /// The name that the judge was asked for by.
    public var model: String
    /// Answers for the trait were kept from this score on, answers against it below; 0…100.
    public var threshold: Double
    /// Answers under the instructions for the trait.
    public var positive = Side()
    /// Answers under the instructions against it.
    public var negative = Side()

    /// Nothing has been said yet.
    public init(model: String, threshold: Double) {
        self.model = model
        self.threshold = threshold
    }
}

extension Judgement {
    /// "gpt-4.1-mini kept 11 of 12 answers for the trait and 12 of 12 against it, at the threshold 50".
    public var words: String {
        func refusals(_ side: Side) -> String { side.refused > 0 ? " (\(side.refused) refused)" : "" }
        let score = threshold == threshold.rounded() ? "\(Int(threshold))" : "\(threshold)"
        return
            "\(model) kept \(positive.kept) of \(positive.judged) answers for the trait\(refusals(positive)) and "
            + "\(negative.kept) of \(negative.judged) against it\(refusals(negative)), at the threshold \(score)"
    }
}
