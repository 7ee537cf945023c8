import Foundation
public import Terms

/// How likely an answer is under the model as it is, without steering: what steering costs in fluency.
public struct Perplexity: Sendable, Equatable {
    /// The mean of −log p over the answer's tokens, in nats.
    public let meanNegativeLogLikelihood: Double

    /// The number of tokens that were measured.
    public let tokenCount: Int

    /// e to the mean: the number of equally likely tokens that would surprise as much.
    public var value: Double { exp(meanNegativeLogLikelihood) }

    /// −log p of a token under logits: log Σ e^logit − logit, with the largest logit taken out
    /// so that nothing overflows.
    public static func negativeLogLikelihood(of token: TokenID, _ logits: ArraySlice<Float>) -> Double {
        let largest = Double(logits.max() ?? 0)
        var sum = 0.0
        for logit in logits { sum += exp(Double(logit) - largest) }
        return log(sum) + largest - Double(logits[logits.startIndex + token.index])
    }
}
