import Foundation
public import Terms

/// Chooses the next token from logits: penalties, DRY, then top-k, top-p, min-p, and temperature last, in llama.cpp's
/// order, so that truncation looks at the model's own probabilities.
public struct Sampler: Sendable {
    private let options: SamplingOptions
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

    /// How many of the likeliest tokens the next draw can come to; nil for all.
    ///
    /// Those behind them take the places of tokens that are refused, and of those that penalties move down; a repetition penalty below 1
    /// moves up.
    public var likeliestNeeded: Int? {
        guard options.temperature == 0 || options.topK > 0, options.repeatPenalty >= 1 else { return nil }
        let more = SamplingOptions.mostRefused + Set(recent).count + repeating.count
        let (needed, overflows) = (options.temperature == 0 ? 1 : options.topK).addingReportingOverflow(more)
        return overflows ? nil : needed
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
        guard var candidates = Self.highest(options.topK, of: logits), let best = candidates.first,
            best.logit.isFinite
        else { return nil }
        Self.truncate(&candidates, topP: options.topP)
        if options.minP > 0 {
            let floor = best.logit + Foundation.log(options.minP)
            candidates.removeAll { $0.logit < floor }
        }
        return draw(from: candidates, best: best.logit, admission)
    }

    private struct Candidate {
        let token: Int
        let logit: Float

        var id: TokenID { TokenID(Int32(token)) }
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

    private typealias Lanes = SIMD16<Float>

    /// Calls `body` with the logits in lanes and where each begins; what is left at the end is filled up with −∞.
    private static func forEachLanes(_ logits: UnsafeBufferPointer<Float>, _ body: (Int, Lanes) -> Void) {
        let whole = logits.count / Lanes.scalarCount * Lanes.scalarCount
        let bytes = UnsafeRawBufferPointer(logits)
        for start in stride(from: 0, to: whole, by: Lanes.scalarCount) {
            body(
                start, bytes.loadUnaligned(fromByteOffset: start * MemoryLayout<Float>.stride, as: Lanes.self)
            )
        }
        guard whole < logits.count else { return }
        var rest = Lanes(repeating: -.infinity)
        for index in whole..<logits.count { rest[index - whole] = logits[index] }
        body(whole, rest)
    }

    /// The index of the highest logit, the first of equals; nil where one is NaN or none is finite.
    private static func likeliest(_ logits: UnsafeBufferPointer<Float>) -> Int? {
        var highest = Lanes(repeating: -.infinity)
        // Where each lane has found it.
        var starts = SIMD16<Int32>(repeating: 0)
        var isNumber = SIMDMask<Lanes.MaskStorage>(repeating: true)
        forEachLanes(logits) { start, lanes in
            isNumber .&= lanes .== lanes
            let isHigher = lanes .> highest
            highest.replace(with: lanes, where: isHigher)
            starts.replace(with: SIMD16(repeating: Int32(truncatingIfNeeded: start)), where: isHigher)
        }
        let best = highest.max()
        guard all(isNumber), best.isFinite else { return nil }
        var first = logits.count
        for lane in 0..<Lanes.scalarCount where highest[lane] == best {
            first = min(first, Int(starts[lane]) + lane)
        }
        return first
    }

    /// The `count` highest, highest first, ties by token; all where `count` is 0. Nil where one is NaN.
    private static func highest(_ count: Int, of logits: [Float]) -> [Candidate]? {
        func isBefore(_ left: Candidate, _ right: Candidate) -> Bool {
            left.logit != right.logit ? left.logit > right.logit : left.token < right.token
        }
        guard count > 0, count < logits.count else {
            if logits.contains(where: \.isNaN) { return nil }
            return logits.enumerated().map { Candidate(token: $0, logit: $1) }.sorted(by: isBefore)
        }
        // A short sorted list: most logits are below its end, and sixteen of them cost one comparison. Tokens come in
        // ascending order, so one that only equals the end is behind it.
        var kept: [Candidate] = []
        kept.reserveCapacity(count + 1)
        func keep(_ candidate: Candidate) {
            var low = 0
            var high = kept.count
            while low < high {
                let middle = (low + high) / 2
                if isBefore(candidate, kept[middle]) { high = middle } else { low = middle + 1 }
            }
            kept.insert(candidate, at: low)
            if kept.count > count { kept.removeLast() }
        }
        var isNumber = SIMDMask<Lanes.MaskStorage>(repeating: true)
        logits.withUnsafeBufferPointer { logits in
            forEachLanes(logits) { start, lanes in
                isNumber .&= lanes .== lanes
                let end = kept.count == count ? kept.last?.logit : nil
                if let end, !any(lanes .> Lanes(repeating: end)) { return }
                for index in start..<min(start + Lanes.scalarCount, logits.count) {
                    if kept.count == count, let last = kept.last, !(logits[index] > last.logit) { continue }
                    keep(Candidate(token: index, logit: logits[index]))
                }
            }
        }
        return all(isNumber) ? kept : nil
    }

    /// Keeps the shortest prefix whose probabilities reach `topP`. Candidates are sorted, highest first.
    private static func truncate(_ candidates: inout [Candidate], topP: Float) {
        guard topP < 1, let best = candidates.first?.logit else { return }
        let weights = candidates.map { Foundation.exp(Double($0.logit - best)) }
        let total = weights.reduce(0, +)
        var sum = 0.0
        for (index, weight) in weights.enumerated() {
            sum += weight
            if sum >= Double(topP) * total {
                candidates.removeLast(candidates.count - index - 1)
                return
            }
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
