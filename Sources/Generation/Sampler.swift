import Foundation
public import Terms
public import Transformer

/// Chooses the next token from logits: penalties, DRY, then top-k, top-p, min-p, and temperature last, in llama.cpp's
/// order, so that truncation looks at the model's own probabilities.
public struct Sampler: Sendable {
    let options: SamplingOptions
    private var random: RandomSource
    private var recent: [TokenID] = []
    private var answer: [TokenID] = []
    /// Tokens that would repeat a stretch of the answer, with its length.
    private var repeating: [TokenID: Int] = [:]

    /// A sampler at the start of its seed's draws.
    public init(_ options: SamplingOptions) throws(GenerationError) {
        try options.check()
        self.options = options
        random = RandomSource(seed: options.seed)
    }

    /// Notes the prompt, for the repetition penalty.
    public mutating func read(prompt: some Sequence<TokenID>) {
        for token in prompt { note(token) }
    }

    /// Notes a token of the answer, for the repetition penalty and DRY.
    public mutating func accept(_ token: TokenID) {
        note(token)
        guard options.dryMultiplier > 0 else { return }
        answer.append(token)
        repeating = RepeatedSequences.continuations(of: answer, atLeast: options.dryAllowedLength)
    }

    private mutating func note(_ token: TokenID) {
        guard options.repeatPenalty != 1, options.repeatLastN > 0 else { return }
        if recent.count == options.repeatLastN { recent.removeFirst() }
        recent.append(token)
    }

    /// The tokens that the next draw can come to; nil for all.
    ///
    /// Some behind the likeliest take the places of tokens that are refused. Penalties only move down what they are for, unless a repetition
    /// penalty is below 1.
    public var likeliestNeeded: LikeliestTokens? {
        guard options.temperature == 0 || options.topK > 0, options.repeatPenalty >= 1 else { return nil }
        let (count, overflows) = (options.temperature == 0 ? 1 : options.topK)
            .addingReportingOverflow(SamplingOptions.mostRefused)
        return overflows ? nil : LikeliestTokens(count: count, besides: Set(recent).union(repeating.keys))
    }

    /// The next token; nil where a logit is not a number or none is finite.
    ///
    /// - Parameters:
    ///   - logits: [vocabularySize]
    ///   - admission: Says which tokens may come next. A refused one is drawn again as if it had no logit, so that what is drawn
    ///     changes only where something is refused; after `SamplingOptions.mostRefused` draws again the likeliest that is allowed
    ///     comes, whatever the truncation, and where none is, the first stands.
    public mutating func sample(
        _ logits: ArraySlice<Float>,
        admission: (TokenID) -> Admission = { _ in .granted }
    ) -> TokenID? {
        guard let first = choose(from: logits, admission) else { return nil }
        if first.isAdmitted { return first.token }
        var left = Array(logits)
        left[first.token.index] = -.infinity
        for _ in 0..<SamplingOptions.mostRefused {
            guard let next = choose(from: left[...], admission) else { return first.token }
            if next.isAdmitted { return next.token }
            left[next.token.index] = -.infinity
        }
        penalize(&left)
        let likeliestFirst = Self.highest(0, of: left) ?? []
        return likeliestFirst.lazy.filter(\.logit.isFinite).map(\.id).first { admission($0) == .granted }
            ?? first.token
    }

    /// Whether a token may come next.
    public enum Admission: Sendable {
        case granted, refused
        /// Where those that are admitted so are together as likely as not.
        case asLikelyAsNot
    }

    private typealias Draw = (token: TokenID, isAdmitted: Bool)

    private mutating func choose(from logits: ArraySlice<Float>, _ admission: (TokenID) -> Admission) -> Draw?
    {
        func likeliest(of logits: some Collection<Float>) -> Draw? {
            // No chance is in it, so that nothing has to be as likely as anything.
            logits.withContiguousStorageIfAvailable(Self.likeliest).flatMap(\.self).map {
                let token = TokenID(Int32($0))
                return (token, admission(token) != .refused)
            }
        }
        if options.temperature == 0, recent.isEmpty, repeating.isEmpty { return likeliest(of: logits) }
        var logits = Array(logits)
        penalize(&logits)
        if options.temperature == 0 { return likeliest(of: logits) }
        guard let candidates = truncated(logits), let best = candidates.first, best.logit.isFinite else {
            return nil
        }
        return draw(from: candidates, best: best.logit, admission)
    }

    private func penalize(_ logits: inout [Float]) {
        for token in Set(recent) where logits.indices.contains(token.index) {
            let logit = logits[token.index]
            logits[token.index] = logit > 0 ? logit / options.repeatPenalty : logit * options.repeatPenalty
        }
        for (token, length) in repeating where logits.indices.contains(token.index) {
            let further = Float(length - options.dryAllowedLength)
            logits[token.index] -= options.dryMultiplier * Foundation.pow(options.dryBase, further)
        }
    }

    private mutating func draw(
        from candidates: [Candidate], best: Float, _ admission: (TokenID) -> Admission
    ) -> Draw? {
        let weights = candidates.map { Foundation.exp(Double(($0.logit - best) / options.temperature)) }
        let total = weights.reduce(0, +)
        var target = random.nextUnit() * total
        let drawn = zip(candidates, weights).first { _, weight in
            target -= weight
            return target < 0
        }
        guard let token = (drawn?.0 ?? candidates.last)?.id else { return nil }
        switch admission(token) {
        case .granted: return (token, true)
        case .refused: return (token, false)
        case .asLikelyAsNot:
            let alike = zip(candidates, weights).prefix(Self.mostCompared).reduce(0) {
                $0 + (admission($1.0.id) == .asLikelyAsNot ? $1.1 : 0)
            }
            return (token, 2 * alike >= total)
        }
    }

    /// How many of the likeliest tokens are looked at to see how likely a kind of them is.
    private static let mostCompared = 1000
}
