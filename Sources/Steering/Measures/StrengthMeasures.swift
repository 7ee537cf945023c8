import Foundation

/// What all answers at one strength come to, beside those without steering.
public struct StrengthMeasures: Sendable, Equatable, Codable {
    /// The strength.
    public var strength: Double

    /// How many answers were measured.
    public var answerCount: Int

    /// How many of them are broken.
    public var brokenCount: Int

    /// How many of them have each fault; an answer may have several.
    public var faults: [TextFault: Int]

    /// e to the mean over answers of their log perplexities; nil where no answer has tokens.
    public var perplexity: Double?

    /// e to the mean over prompts of log perplexity − that of the same prompt's answer without
    /// steering: 1 without steering.
    public var perplexityRatio: Double?

    /// The mean of the answers' KL from the unsteered model, in nats.
    public var divergence: Double?

    /// The mean share of repeated stretches, 0…1.
    public var repetition: Double?

    /// Positive less negative marker words in a hundred tokens; nil without marker words.
    public var markerRate: Double?

    /// The mean of the answers' projections on the direction.
    public var meter: Double?

    /// The mean over prompts of that projection − that of the same prompt's answer without
    /// steering: 0 without steering.
    public var meterShift: Double?

    /// The standard error of that mean, over the answers or, where it is larger, over the prompts, since the
    /// draws of one go together; nil where fewer than two are known.
    public var meterShiftError: Double?

    /// The mean of the answers' log-odds of the trait's words, in nats.
    public var propensity: Double?

    /// The share of answers that are broken, 0…1.
    public var brokenShare: Double { answerCount > 0 ? Double(brokenCount) / Double(answerCount) : 0 }

    /// Puts the measures of answers together.
    ///
    /// - Parameters:
    ///   - answers: One for each prompt and draw.
    ///   - baseline: The answers to the same prompts, drawn alike, without steering, in the same order; what
    ///     has no partner counts in no comparison.
    ///   - prompts: Which prompt each answers; nil where each answers one of its own.
    public init(
        strength: Double, answers: [AnswerMeasures], baseline: [AnswerMeasures], prompts: [Int]? = nil
    ) {
        self.strength = strength
        answerCount = answers.count
        brokenCount = answers.count(where: \.isBroken)
        faults = answers.flatMap(\.faults).reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let pairs = Array(zip(answers, baseline))
        perplexity = Self.mean(answers.map { $0.perplexity.map(log) }).map(exp).finite
        perplexityRatio =
            Self.mean(pairs.map { Self.difference($0.perplexity.map(log), $1.perplexity.map(log)) }).map(exp)
            .finite
        divergence = Self.mean(answers.map(\.divergence))
        repetition = Self.mean(answers.map { $0.tokenCount > 0 ? $0.repetition : nil })
        markerRate = Self.markerRate(answers)
        meter = Self.mean(answers.map(\.meter))
        let shifts = pairs.map { Self.difference($0.meter, $1.meter) }
        meterShift = Self.mean(shifts)
        meterShiftError = Self.standardError(shifts, of: prompts ?? Array(shifts.indices))
        propensity = Self.mean(answers.map(\.propensity))
    }

    private static func markerRate(_ answers: [AnswerMeasures]) -> Double? {
        let counts = answers.compactMap(\.markers)
        let tokens = answers.reduce(0) { $0 + ($1.markers == nil ? 0 : $1.tokenCount) }
        guard tokens > 0 else { return nil }
        return 100 * Double(counts.reduce(0) { $0 + $1.positive - $1.negative }) / Double(tokens)
    }

    private static func difference(_ left: Double?, _ right: Double?) -> Double? {
        guard let left, let right else { return nil }
        return left - right
    }

    /// The mean of the numbers that are known; nil where none is.
    private static func mean(_ values: [Double?]) -> Double? {
        let known = values.compactMap { $0 }
        return known.isEmpty ? nil : (known.reduce(0, +) / Double(known.count))
    }

    /// That of the mean of the numbers that are known; nil where fewer than two are.
    ///
    /// The larger of two: as if all of them were independent, and with the numbers of a group going together
    /// (Liang and Zeger's variance with clusters, G / (G − 1) of it), which a few groups alone may understate.
    private static func standardError(_ values: [Double?], of groups: [Int]) -> Double? {
        let known = zip(values, groups).compactMap { value, group in value.map { (value: $0, group: group) } }
        guard known.count > 1, let mean = mean(values) else { return nil }
        func error(_ sums: some Collection<Double>) -> Double {
            guard sums.count > 1 else { return 0 }
            let squares = sums.map { $0 * $0 }.sorted().reduce(0, +)
            return (Double(sums.count) / Double(sums.count - 1) * squares).squareRoot() / Double(known.count)
        }
        let sums = known.reduce(into: [Int: Double]()) { $0[$1.group, default: 0] += $1.value - mean }
        return max(error(known.map { $0.value - mean }), error(sums.values))
    }
}
