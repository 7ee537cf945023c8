import Foundation
import Terms

/// Which tokens a draw can come to.
extension Sampler {
    struct Candidate {
        let token: Int
        let logit: Float

        var id: TokenID { TokenID(Int32(token)) }
    }

    private typealias Lanes = SIMD16<Float>

    /// Calls `body` with the logits in lanes and where each begins; what is left at the
    /// end is filled up with −∞.
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
    static func likeliest(_ logits: UnsafeBufferPointer<Float>) -> Int? {
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
    ///
    /// - Parameter changes: What some tokens' logits are instead.
    static func highest(
        _ count: Int, of logits: UnsafeBufferPointer<Float>, but changes: [Int: Float]
    ) -> [Candidate]? {
        let all = count > 0 ? min(count, logits.count) : logits.count
        // What is among the highest with the changes is one of them, or it was among as many more without.
        guard let unchanged = highest(min(all + changes.count, logits.count), of: logits),
            !changes.values.contains(where: \.isNaN)
        else { return nil }
        if changes.isEmpty { return unchanged }
        let changed = changes.map { Candidate(token: $0.key, logit: $0.value) }
        return Array(
            (unchanged.filter { changes[$0.token] == nil } + changed).sorted(by: isBefore).prefix(all))
    }

    private static func highest(_ count: Int, of logits: UnsafeBufferPointer<Float>) -> [Candidate]? {
        guard count < logits.count else {
            if logits.contains(where: \.isNaN) { return nil }
            return logits.enumerated().map { Candidate(token: $0, logit: $1) }.sorted(by: isBefore)
        }
        if count == 1 { return likeliest(logits).map { [Candidate(token: $0, logit: logits[$0])] } }
        // A short sorted list: most logits are below its end, and sixteen of them cost one comparison. Tokens
        // come in ascending order, so one that only equals the end is behind it.
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
        forEachLanes(logits) { start, lanes in
            isNumber .&= lanes .== lanes
            let end = kept.count == count ? kept.last?.logit : nil
            if let end, !any(lanes .> Lanes(repeating: end)) { return }
            for index in start..<min(start + Lanes.scalarCount, logits.count) {
                if kept.count == count, let last = kept.last, !(logits[index] > last.logit) { continue }
                keep(Candidate(token: index, logit: logits[index]))
            }
        }
        return all(isNumber) ? kept : nil
    }

    /// The tokens that truncation leaves, highest first. Nil where a logit is NaN or none is finite.
    ///
    /// - Parameter changes: What some tokens' logits are instead.
    func truncated(_ logits: UnsafeBufferPointer<Float>, but changes: [Int: Float]) -> [Candidate]? {
        guard options.topK == 0 else {
            guard var candidates = Self.highest(options.topK, of: logits, but: changes),
                let best = candidates.first
            else { return nil }
            if options.topP < 1 {
                let total = candidates.reduce(0) { $0 + Self.weight($1.logit, best.logit) }
                Self.truncate(&candidates, reaching: Double(options.topP) * total)
            }
            let floor = floor(below: best.logit)
            candidates.removeAll { $0.logit < floor }
            return candidates
        }
        var changed = Array(logits)
        for (token, logit) in changes { changed[token] = logit }
        return truncatedOfAll(changed)
    }

    /// The same without a `topK`. Of a great vocabulary nearly all are dropped, and only what is
    /// left is put in order; where nothing is to be dropped, those far below the best follow the
    /// others in their tokens' order.
    private func truncatedOfAll(_ logits: [Float]) -> [Candidate]? {
        guard let first = logits.withUnsafeBufferPointer(Self.likeliest) else { return nil }
        let best = logits[first]
        let floor = floor(below: best)
        let needed =
            options.topP < 1
            ? Double(options.topP) * logits.reduce(0) { $0 + Self.weight($1, best) } : .infinity
        var depth: Float = 16
        while true {
            let cut = max(floor, best - depth)
            var candidates = Self.atLeast(cut, of: logits).sorted(by: Self.isBefore)
            let sum = candidates.reduce(0) { $0 + Self.weight($1.logit, best) }
            if cut == floor || sum >= needed {
                Self.truncate(&candidates, reaching: needed)
                return candidates
            }
            if needed == .infinity {
                return candidates
                    + logits.indices.lazy.filter { logits[$0] < cut && logits[$0] >= floor }
                    .map { Candidate(token: $0, logit: logits[$0]) }
            }
            depth *= 2
        }
    }

    private func floor(below best: Float) -> Float {
        options.minP > 0 ? best + Foundation.log(options.minP) : -.infinity
    }

    private static func isBefore(_ left: Candidate, _ right: Candidate) -> Bool {
        left.logit != right.logit ? left.logit > right.logit : left.token < right.token
    }

    private static func weight(_ logit: Float, _ best: Float) -> Double {
        Foundation.exp(Double(logit - best))
    }

    /// The tokens whose logits reach `cut`, in their order.
    private static func atLeast(_ cut: Float, of logits: [Float]) -> [Candidate] {
        var found: [Candidate] = []
        logits.withUnsafeBufferPointer { logits in
            forEachLanes(logits) { start, lanes in
                guard any(lanes .>= Lanes(repeating: cut)) else { return }
                for index in start..<min(start + Lanes.scalarCount, logits.count) where logits[index] >= cut {
                    found.append(Candidate(token: index, logit: logits[index]))
                }
            }
        }
        return found
    }

    /// Keeps the shortest prefix whose weights reach a sum. Candidates are sorted, highest first.
    private static func truncate(_ candidates: inout [Candidate], reaching needed: Double) {
        guard let best = candidates.first?.logit else { return }
        var sum = 0.0
        for (index, candidate) in candidates.enumerated() {
            sum += weight(candidate.logit, best)
            if sum >= needed {
                candidates.removeLast(candidates.count - index - 1)
                return
            }
        }
    }
}
