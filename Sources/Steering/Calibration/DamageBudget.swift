import Foundation

/// How much damage a strength may do to the answers. No answer may be broken, whatever else is allowed.
///
/// The standard is measured on SmolLM2: at twice the perplexity the trait is plain and sentences are
/// whole; the divergence, 0.5 to 0.8 nats there, only stops what perplexity does not see, such as fluent
/// answers about something else.
public struct DamageBudget: Sendable, Equatable, Codable {
    /// The greatest ratio to the unsteered answers' perplexity; above 1.
    public let perplexityRatio: Double

    /// The greatest mean KL from the unsteered model, in nats a token; above 0.
    public let divergence: Double

    /// Twice the perplexity, and 1 nat.
    public static let standard = DamageBudget(checkedRatio: 2, divergence: 1)

    /// Refuses what would allow nothing, or is no number.
    public init(perplexityRatio: Double = 2, divergence: Double = 1) throws(SteeringError) {
        guard perplexityRatio > 1, perplexityRatio.isFinite else {
            throw SteeringError(
                .invalidBudget,
                "the perplexity ratio is \(perplexityRatio), expected a finite number above 1",
                remedy: "2 allows twice the perplexity of the answers without steering")
        }
        guard divergence > 0, divergence.isFinite else {
            throw SteeringError(
                .invalidBudget, "the divergence is \(divergence), expected a finite number above 0",
                remedy: "1 nat a token is much, 0.1 hardly more than no steering")
        }
        self.init(checkedRatio: perplexityRatio, divergence: divergence)
    }

    private init(checkedRatio: Double, divergence: Double) {
        perplexityRatio = checkedRatio
        self.divergence = divergence
    }

    /// The share of the budget that a strength takes: above 1 breaks it. Perplexity counts by its logarithm,
    /// as the mean loss does; the worse of the two decides, and an answer that is broken, or a number that is
    /// not known, is infinite damage.
    public func share(of measures: StrengthMeasures) -> Double {
        guard measures.brokenCount == 0, let ratio = measures.perplexityRatio,
            let divergence = measures.divergence
        else { return .infinity }
        return max(0, log(ratio) / log(perplexityRatio), divergence / self.divergence)
    }

    /// The budget in words, for files and people.
    public var words: String {
        "perplexity up to \(perplexityRatio) times that without steering, KL up to \(divergence) nats a token, no broken answer"
    }
}
