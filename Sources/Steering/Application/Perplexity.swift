import Foundation
public import Terms

/// How likely an answer is under the model as it is, without steering: what steering costs in fluency.
public enum Perplexity {
    /// e to the mean of −log p (nats): the number of equally likely tokens that would surprise as much.
    public static func value(meanNegativeLogLikelihood mean: Double) -> Double { exp(mean) }

    /// −log p of a token under logits: log Σ e^logit − logit, with the largest logit taken out
    /// so that nothing overflows.
    public static func negativeLogLikelihood(of token: TokenID, _ logits: ArraySlice<Float>) -> Double {
        let largest = Double(logits.max() ?? 0)
        var sum = 0.0
        for logit in logits { sum += exp(Double(logit) - largest) }
        return log(sum) + largest - Double(logits[logits.startIndex + token.index])
    }
}
