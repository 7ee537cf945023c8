public import Terms

/// The same prompts answered while a vector moves the model more and more, beside what moves it otherwise:
/// the controls without which a number says nothing.
public struct Sweep: Sendable {
    /// A prompt as the user wrote it and as the model reads it.
    public struct Prompt: Sendable {
        /// What the user wrote.
        public var text: String
        /// The rendered prompt.
        public var tokens: [TokenID]

        /// Keeps both.
        public init(text: String, tokens: [TokenID]) {
            self.text = text
            self.tokens = tokens
        }
    }

    /// One vector, or several that act together, with what its answers are compared with and measured by.
    public struct Subject: Sendable {
        /// The hash of all that decides what it does at strength 1.
        public var digest: String
        /// What a strength does to the model.
        public var plan: @Sendable (Double) throws -> SteeringPlan
        /// A vector of the same lengths whose directions are drawn; nil for no such control.
        public var random: RandomControl?
        /// The prompts of the sweep with the trait, or its opposite, asked for in words;
        /// empty for no such control.
        public var instructed: [SweepCell.Side: [[TokenID]]] = [:]
        /// What its answers are measured by.
        public var measurer = AnswerMeasurer()

        /// A vector without controls.
        public init(digest: String, plan: @escaping @Sendable (Double) throws -> SteeringPlan) {
            self.digest = digest
            self.plan = plan
        }
    }

    /// A vector that is drawn. It has a name of its own: vectors of several seeds are
    /// controls of one subject.
    public struct RandomControl: Sendable {
        /// The hash of all that decides what it does at strength 1, the seed among it.
        public var digest: String
        /// What a strength does to the model.
        public var plan: @Sendable (Double) throws -> SteeringPlan

        /// Keeps both.
        public init(digest: String, plan: @escaping @Sendable (Double) throws -> SteeringPlan) {
            self.digest = digest
            self.plan = plan
        }
    }

    /// What to answer.
    public var prompts: [Prompt]

    /// How often each prompt is answered in each place, every time with the seed after
    /// the one before; at least 1.
    public var draws = 1

    /// At which strengths; 0 is among them.
    public let strengths: [Double]

    /// What moves the model.
    public var subjects: [Subject]

    /// What decides all answers alike.
    public var circumstances: AnswerKey.Circumstances

    /// Answers kept in work together at the most; the weights are read once for all of them.
    public var answersInWork = 64

    /// A sweep; 0 is added to the strengths where it is missing.
    public init(
        prompts: [Prompt], strengths: [Double], subjects: [Subject], circumstances: AnswerKey.Circumstances
    ) {
        self.prompts = prompts
        self.strengths = Self.includingZero(strengths)
        self.subjects = subjects
        self.circumstances = circumstances
    }

    /// The strengths without repetitions, with 0: in its place where they ascend or
    /// descend, else before them.
    static func includingZero(_ strengths: [Double]) -> [Double] {
        var seen = Set<Double>()
        // −0 and 0 are equal, and one of them is enough.
        var distinct = strengths.map { $0 == 0 ? 0 : $0 }.filter { seen.insert($0).inserted }
        if seen.contains(0) { return distinct }
        let isDescending = distinct == distinct.sorted(by: >) && distinct.count > 1
        let isAscending = distinct == distinct.sorted()
        let place =
            isAscending
            ? distinct.firstIndex { $0 > 0 } ?? distinct.count
            : isDescending ? distinct.firstIndex { $0 < 0 } ?? distinct.count : 0
        distinct.insert(0, at: place)
        return distinct
    }

    /// The strengths of the random vector: each way the greatest and the middle one, which is enough to see
    /// whether any direction of this length would have done.
    public var controlStrengths: [Double] {
        func some(of side: [Double]) -> Set<Double> {
            guard let greatest = side.last else { return [] }
            return [side[(side.count - 1) / 2], greatest]
        }
        let against = some(of: strengths.filter { $0 < 0 }.sorted(by: >))
        return against.union(some(of: strengths.filter { $0 > 0 }.sorted())).sorted()
    }

    /// Every place of the sweep: for each vector, for each prompt and draw, the strengths in their order;
    /// then the controls of each vector.
    public var cells: [SweepCell] {
        let questions = prompts.indices.flatMap { prompt in (0..<draws).map { (prompt: prompt, draw: $0) } }
        var cells: [SweepCell] = []
        for vector in subjects.indices {
            for (prompt, draw) in questions {
                cells += strengths.map {
                    SweepCell(.vector, vector: vector, strength: $0, prompt: prompt, draw: draw)
                }
            }
        }
        for (vector, subject) in subjects.enumerated() {
            for (prompt, draw) in questions {
                if subject.random != nil {
                    cells += controlStrengths.map {
                        SweepCell(.random, vector: vector, strength: $0, prompt: prompt, draw: draw)
                    }
                }
                for side in SweepCell.Side.allCases where subject.instructed[side] != nil {
                    cells.append(
                        SweepCell(.instruction, vector: vector, side: side, prompt: prompt, draw: draw))
                }
            }
        }
        return cells
    }
}
