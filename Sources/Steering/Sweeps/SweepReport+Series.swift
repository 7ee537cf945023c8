extension SweepReport {
    /// What belongs together in a report: one arm of one vector at one strength, over all prompts.
    public struct Point: Sendable, Equatable {
        /// What moved the model.
        public var arm: SweepCell.Arm
        /// What an instruction asked for; nil in the other arms.
        public var side: SweepCell.Side?
        /// What its answers come to.
        public var measures: StrengthMeasures
        /// How many of them are broken where the unsteered answer to the same prompt is whole.
        public var newlyBrokenCount: Int

        /// What multiplied the vector.
        public var strength: Double { measures.strength }
    }

    /// One arm of a vector, by strength ascending; the instructions for and against have strength 0.
    ///
    /// Answers that are not there yet are left out, and strengths without answers.
    public func points(of vector: Int, _ arm: SweepCell.Arm) -> [Point] {
        let cells = answers.filter { $0.cell.vector == vector && $0.cell.arm == arm }
        let groups = Dictionary(grouping: cells) { Key(strength: $0.cell.strength, side: $0.cell.side) }
        let baseline = baseline(of: vector)
        return groups.sorted { $0.key < $1.key }.compactMap { key, answers in
            let measured = answers.compactMap { answer in
                answer.outcome?.measures.map { (answer.cell.question, $0) }
            }
            if measured.isEmpty { return nil }
            let beside = measured.map { baseline[$0.0] ?? AnswerMeasures(tokenCount: 0) }
            return Point(
                arm: arm, side: key.side,
                measures: StrengthMeasures(
                    strength: key.strength, answers: measured.map(\.1), baseline: beside,
                    prompts: measured.map(\.0.prompt)),
                newlyBrokenCount: zip(measured, beside).count { $0.1.isBroken && !$1.isBroken })
        }
    }

    /// How often each prompt was answered in each place.
    public var drawCount: Int { (answers.map(\.cell.draw).max() ?? 0) + 1 }

    /// The measures of the unsteered answer to each prompt in each draw.
    public func baseline(of vector: Int) -> [SweepCell.Question: AnswerMeasures] {
        answers.reduce(into: [:]) { found, answer in
            let cell = answer.cell
            if cell.vector == vector, cell.arm == .vector, cell.strength == 0 {
                found[cell.question] = answer.outcome?.measures
            }
        }
    }

    /// How much a vector moves each prompt's forced choice; nil where no choice was forced.
    public func steerability(of vector: Int) -> Steerability? {
        var found: [SweepCell: Double] = [:]
        for answer in answers { found[answer.cell] = answer.outcome?.measures?.propensity }
        let propensities = prompts.indices.map { prompt in
            strengths.map { found[SweepCell(.vector, vector: vector, strength: $0, prompt: prompt)] }
        }
        let steerability = Steerability(strengths: strengths, propensities: propensities)
        return steerability.meanSlope == nil ? nil : steerability
    }

    /// The answers to one prompt in one arm, by strength ascending, draw after draw.
    public func answers(
        of vector: Int, _ arm: SweepCell.Arm, to prompt: Int
    ) -> [SweepAnswer] {
        answers.filter { $0.cell.vector == vector && $0.cell.arm == arm && $0.cell.prompt == prompt }
            .sorted { ($0.cell.strength, $0.cell.draw) < ($1.cell.strength, $1.cell.draw) }
    }

    private struct Key: Hashable {
        var strength: Double
        var side: SweepCell.Side?

        static func < (left: Key, right: Key) -> Bool {
            (left.strength, left.side == .positive ? 0 : 1) < (
                right.strength, right.side == .positive ? 0 : 1
            )
        }
    }
}
