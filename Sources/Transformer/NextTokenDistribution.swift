import CKernels
import Foundation
public import Terms

/// What a row of logits says about the next token: log-probabilities, and the distance to
/// what another row says.
///
/// Exponentials are the float32 kernels' and their sums float32 too: log-probabilities are right to about
/// 1e-5 nats, which is far below what the quantisation of a model's weights moves them.
public struct NextTokenDistribution: Sendable {
    /// [vocabularySize]
    private let logits: ArraySlice<Float>
    /// log Σ e^logit; NaN where a logit is no number.
    private let normaliser: Double

    /// The distribution that logits give. [vocabularySize], at least one
    public init(_ logits: ArraySlice<Float>) {
        self.logits = logits
        normaliser = Self.withExponentials(of: logits) { _, sum, largest in log(sum) + Double(largest) }
    }

    /// The same with logits of its own, so that those of its whole pass need not be kept.
    public var detached: NextTokenDistribution {
        NextTokenDistribution(logits: ArraySlice(Array(logits)), normaliser: normaliser)
    }

    private init(logits: ArraySlice<Float>, normaliser: Double) {
        self.logits = logits
        self.normaliser = normaliser
    }

    /// log p of a token, in nats; NaN for logits that are no numbers, and for a token
    /// outside of the vocabulary.
    public func logProbability(of token: TokenID) -> Double {
        let index = logits.startIndex + token.index
        guard logits.indices.contains(index) else { return .nan }
        return Double(logits[index]) - normaliser
    }

    /// The probability of each token. [vocabularySize]
    public var probabilities: [Float] {
        var probabilities: [Float] = []
        _ = Self.withExponentials(of: logits) { weights, sum, _ in
            let scale = Float(1 / sum)
            probabilities = weights.map { $0 * scale }
            return 0
        }
        return probabilities
    }

    /// KL(self ‖ other) = Σ p·(log p − log q), in nats: how much of a surprise this distribution is
    /// to one who expects `other`.
    ///
    /// At least 0, though rounding may say a little less; NaN where a logit of either is no
    /// number, or the widths differ.
    public func divergence(from other: NextTokenDistribution) -> Double {
        guard logits.count == other.logits.count else { return .nan }
        let mean = Self.withExponentials(of: logits) { weights, sum, _ in
            logits.withUnsafeBufferPointer { own in
                other.logits.withUnsafeBufferPointer { others in
                    Self.weightedDifference(weights, own, others) / sum
                }
            }
        }
        let divergence = mean - normaliser + other.normaliser
        return divergence < 0 ? 0 : divergence
    }

    /// Σ w·(a − b), in eight running sums.
    private static func weightedDifference(
        _ weights: UnsafeBufferPointer<Float>, _ left: UnsafeBufferPointer<Float>,
        _ right: UnsafeBufferPointer<Float>
    ) -> Double {
        var sums = SIMD8<Double>.zero
        let whole = weights.count & ~7
        for start in stride(from: 0, to: whole, by: 8) {
            for lane in 0..<8 {
                let index = start + lane
                sums[lane] += Double(weights[index] * (left[index] - right[index]))
            }
        }
        var sum = sums.sum()
        for index in whole..<weights.count { sum += Double(weights[index] * (left[index] - right[index])) }
        return sum
    }

    /// Gives e^(logit − largest), their sum, and the largest logit.
    private static func withExponentials(
        of logits: ArraySlice<Float>, _ body: (UnsafeBufferPointer<Float>, Double, Float) -> Double
    ) -> Double {
        guard !logits.isEmpty, let kernels = tl_vector_kernels_for(tl_best_instruction_set()) else {
            return .nan
        }
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: logits.count) { buffer in
            guard let start = buffer.baseAddress else { return .nan }
            _ = buffer.initialize(fromContentsOf: logits)
            var largest: Float = 0
            let sum = kernels.pointee.exp_below(start, logits.count, &largest)
            return body(UnsafeBufferPointer(buffer), Double(sum), largest)
        }
    }
}
