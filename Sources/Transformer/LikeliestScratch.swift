import CKernels

/// The memory of a search for the likeliest tokens, one worker's; made once for a context.
final class LikeliestScratch {
    /// From more wanted tokens on, all logits are computed.
    static let mostWanted = 512

    /// How far each 32 activations reach. [hiddenSize / 32]
    let reach: FloatBuffer
    /// A logit that all wanted tokens reach; −∞ while the worker knows none.
    private(set) var threshold = -Float.infinity
    /// The tokens with the highest bounds that the worker has seen, highest first.
    private var tokens: [Int32]
    private let bounds: FloatBuffer
    private var count = 0
    private var limit = 1

    init(_ configuration: ModelConfiguration) throws(TransformerError) {
        reach = try FloatBuffer(count: configuration.hiddenSize / 32)
        bounds = try FloatBuffer(count: Self.mostWanted)
        tokens = Array(repeating: 0, count: Self.mostWanted)
    }

    /// Begins anew, with room for so many tokens.
    func forget(keeping limit: Int) {
        self.limit = limit
        count = 0
        threshold = -.infinity
    }

    /// Keeps the highest of some tokens' bounds. `highest`: [vocabularySize]
    func keep(_ part: Range<Int>, _ highest: UnsafePointer<Float>, _ vector: tl_vector_kernels) {
        var token = part.lowerBound
        while token < part.upperBound {
            if count == limit {
                token += vector.first_not_below(
                    highest + token, bounds.pointer[count - 1], part.upperBound - token)
                guard token < part.upperBound else { return }
            }
            keep(token, highest[token])
            token += 1
        }
    }

    private func keep(_ token: Int, _ bound: Float) {
        if count == limit {
            guard bound > bounds.pointer[count - 1] else { return }
        } else {
            count += 1
        }
        var place = count - 1
        while place > 0, bounds.pointer[place - 1] < bound {
            bounds.pointer[place] = bounds.pointer[place - 1]
            tokens[place] = tokens[place - 1]
            place -= 1
        }
        bounds.pointer[place] = bound
        tokens[place] = Int32(truncatingIfNeeded: token)
    }

    /// Sets the threshold to the least of the kept tokens' logits, where they are as many as are wanted.
    func findThreshold(_ logit: (Int) -> Float) {
        guard count == limit else { return }
        var least = Float.infinity
        for index in 0..<count {
            let found = logit(Int(tokens[index]))
            guard found > -.infinity else { return }
            least = min(least, found)
        }
        threshold = least
    }
}
