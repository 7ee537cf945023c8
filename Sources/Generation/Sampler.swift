import Foundation
public import Terms
public import Transformer

/// Chooses the next token from logits: penalties, DRY, then top-k, top-p, min-p, and temperature last, in
/// llama.cpp's order, so that truncation looks at the model's own probabilities.
public struct Sampler: Sendable {
    let options: SamplingOptions
    /// Tokens that are never drawn, as if they had no logit.
    private let suppressed: Set<TokenID>
    private var random: RandomSource
    private var recent: [TokenID] = []
    private var answer: [TokenID] = []
    /// Tokens that would repeat a stretch of the answer, with its length.
    private var repeating: [TokenID: Int] = [:]

    /// A sampler at the start of its seed's draws.
    ///
    /// - Parameter suppressed: Tokens that are never drawn.
    public init(_ options: SamplingOptions, suppressing suppressed: Set<TokenID> = []) throws(GenerationError)
    {
        try options.check()
        self.options = options
        self.suppressed = suppressed
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
    /// Some behind the likeliest take the places of tokens that are refused: the first and those drawn again.
    /// Penalties only move down what they are for, unless a repetition penalty is below 1.
    public var likeliestNeeded: LikeliestTokens? {
        guard options.temperature == 0 || options.topK > 0, options.repeatPenalty >= 1 else { return nil }
        let (count, overflows) = (options.temperature == 0 ? 1 : options.topK)
            .addingReportingOverflow(1 + SamplingOptions.mostRefused)
        return overflows
            ? nil : LikeliestTokens(count: count, besides: suppressed.union(recent).union(repeating.keys))
    }

    /// The next token; nil where a logit is not a number or none is finite.
    ///
    /// - Parameters:
    ///   - logits: [vocabularySize]
    ///   - admission: Says which tokens may come next. A refused one is drawn again as if it had no logit,
    ///     so that what is drawn changes only where something is refused; after
    ///     `SamplingOptions.mostRefused` draws again the likeliest that is allowed comes, whatever the
    ///     truncation, and where none is, the first stands.
    public mutating func sample(
        _ logits: ArraySlice<Float>,
        admission: (TokenID) -> Admission = { _ in .granted }
    ) -> TokenID? {
        logits.withUnsafeBufferPointer { sample($0, admission) }
    }

    private mutating func sample(
        _ logits: UnsafeBufferPointer<Float>, _ admission: (TokenID) -> Admission
    ) -> TokenID? {
        var refused: Set<TokenID> = []
        guard let first = choose(from: logits, without: refused, admission) else { return nil }
        if first.isAdmitted { return first.token }
        refused.insert(first.token)
        for _ in 0..<SamplingOptions.mostRefused {
            guard let next = choose(from: logits, without: refused, admission) else { return first.token }
            if next.isAdmitted { return next.token }
            refused.insert(next.token)
        }
        let likeliestFirst = Self.highest(0, of: logits, but: changes(of: logits, without: refused)) ?? []
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

    private mutating func choose(
        from logits: UnsafeBufferPointer<Float>, without refused: Set<TokenID>,
        _ admission: (TokenID) -> Admission
    ) -> Draw? {
        let changes = changes(of: logits, without: refused)
        if options.temperature == 0 {
            guard let best = Self.highest(1, of: logits, but: changes)?.first, best.logit.isFinite else {
                return nil
            }
            // No chance is in it, so that nothing has to be as likely as anything.
            return (best.id, admission(best.id) != .refused)
        }
        guard let candidates = truncated(logits, but: changes), let best = candidates.first,
            best.logit.isFinite
        else { return nil }
        return draw(from: candidates, best: best.logit, admission)
    }

    /// What penalties make of some tokens' logits, and refusals, and the model's file: of a great vocabulary
    /// these few are changed, and the others are not copied.
    private func changes(
        of logits: UnsafeBufferPointer<Float>, without refused: Set<TokenID>
    ) -> [Int: Float] {
        var changes: [Int: Float] = [:]
        for token in recent where logits.indices.contains(token.index) {
            let logit = logits[token.index]
            changes[token.index] = logit > 0 ? logit / options.repeatPenalty : logit * options.repeatPenalty
        }
        for (token, length) in repeating where logits.indices.contains(token.index) {
            let further = Float(length - options.dryAllowedLength)
            changes[token.index, default: logits[token.index]] -=
                options.dryMultiplier * Foundation.pow(options.dryBase, further)
        }
        for token in refused { changes[token.index] = -.infinity }
        for token in suppressed where logits.indices.contains(token.index) {
            changes[token.index] = -.infinity
        }
        return changes
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
