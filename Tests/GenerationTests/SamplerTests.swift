import Foundation
import Terms
import Testing
import Transformer

@testable import Generation

@Suite struct SamplerTests {
    private func sample(
        _ logits: [Float], draws: Int = 1, _ change: (inout SamplingOptions) -> Void
    ) throws -> [TokenID?] {
        var options = SamplingOptions()
        change(&options)
        var sampler = try Sampler(options)
        return (0..<draws).map { _ in sampler.sample(logits[...]) }
    }

    @Test func temperatureZeroTakesTheLikeliestAndTheFirstOfEquals() throws {
        #expect(try sample([1, 5, 5, 2]) { $0.temperature = 0 } == [1])
    }

    @Test func topKKeepsOnlyTheLikeliest() throws {
        let drawn = try sample([4, 3.9, 3.8, 0], draws: 300) {
            $0.topK = 2
            $0.minP = 0
            $0.topP = 1
        }
        #expect(Set(drawn) == [0, 1])
    }

    @Test func topPKeepsTheShortestSetThatReachesIt() throws {
        // Probabilities 0.64, 0.24, 0.09, 0.03.
        let drawn = try sample([3, 2, 1, 0], draws: 300) {
            $0.topP = 0.8
            $0.minP = 0
            $0.topK = 0
        }
        #expect(Set(drawn) == [0, 1])
    }

    @Test func minPDropsWhatIsFarBelowTheLikeliest() throws {
        let drawn = try sample([3, 2, 1, 0], draws: 300) {
            $0.minP = 0.3
            $0.topP = 1
            $0.topK = 0
        }
        #expect(Set(drawn) == [0, 1])
    }

    @Test func drawsFollowTheProbabilities() throws {
        let drawn = try sample([1, 0], draws: 20_000) {
            $0.temperature = 1
            $0.minP = 0
            $0.topP = 1
        }
        let share = Double(drawn.count { $0 == 0 }) / 20_000
        #expect(abs(share - 0.7311) < 0.01, "share \(share)")
    }

    @Test func theSameSeedDrawsTheSame() throws {
        let logits = (0..<100).map { Float($0 % 17) / 8 }
        let first = try sample(logits, draws: 50) { $0.seed = 7 }
        #expect(try sample(logits, draws: 50) { $0.seed = 7 } == first)
        #expect(try sample(logits, draws: 50) { $0.seed = 8 } != first)
    }

    @Test func theRepeatPenaltyDividesPositiveAndMultipliesNegativeLogits() throws {
        var options = SamplingOptions.greedy
        options.repeatPenalty = 2
        var sampler = try Sampler(options)
        sampler.accept(0)
        #expect(sampler.sample([3, 2, -1][...]) == 1)
        sampler.accept(1)
        #expect(sampler.sample([-1, 0.1, -1.5][...]) == 1)
        #expect(sampler.sample([-1, -3, -1.5][...]) == 2)
    }

    @Test func thePenaltyForgetsWhatIsLongAgo() throws {
        var options = SamplingOptions.greedy
        options.repeatPenalty = 10
        options.repeatLastN = 2
        var sampler = try Sampler(options)
        for token: TokenID in [0, 1, 2] { sampler.accept(token) }
        #expect(sampler.sample([3, 2.9, 2.8][...]) == 0)
    }

    @Test func whatRepeatsAStretchLosesMoreWithEachTokenOfIt() throws {
        var options = SamplingOptions.greedy
        options.dryMultiplier = 0.5
        options.dryBase = 2
        var sampler = try Sampler(options)
        // A prompt is no part of the answer.
        sampler.read(prompt: [0, 1, 2, 3, 0, 1, 2])
        #expect(sampler.sample([0, 0, 0, 0.1][...]) == 3)
        for token: TokenID in [0, 1, 2, 3, 0] { sampler.accept(token) }
        // One token stands again, which is free.
        #expect(sampler.sample([0, 0.1, 0, 0][...]) == 1)
        sampler.accept(1)
        // Two: 0.5 × 2⁰.
        #expect(sampler.sample([0, 0, 0.49, 0][...]) == 0)
        #expect(sampler.sample([0, 0, 0.51, 0][...]) == 2)
        sampler.accept(2)
        // Three: 0.5 × 2¹.
        #expect(sampler.sample([0, 0, 0, 0.99][...]) == 0)
        #expect(sampler.sample([0, 0, 0, 1.01][...]) == 3)
        // A stretch whose penalty is beyond float32.
        for _ in 0..<400 { sampler.accept(1) }
        #expect(sampler.sample([0, 9, 0, 0][...]) == 0)
    }

    @Test func optionsThatWereKeptBeforeThereWasDRYAreRead() throws {
        var options = SamplingOptions()
        options.topK = 7
        let kept = try JSONEncoder().encode(options)
        #expect(try JSONDecoder().decode(SamplingOptions.self, from: kept) == options)
        var fields = try #require(JSONSerialization.jsonObject(with: kept) as? [String: Any])
        for name in ["dryMultiplier", "dryBase", "dryAllowedLength"] { fields[name] = nil }
        let earlier = try JSONSerialization.data(withJSONObject: fields)
        #expect(try JSONDecoder().decode(SamplingOptions.self, from: earlier) == options)
    }

    @Test(arguments: [Float.nan, -Float.infinity]) func logitsThatAreNotNumbersGiveNoToken(bad: Float) throws
    {
        #expect(try sample([bad, bad, bad]) { $0.temperature = 0 } == [nil])
        #expect(try sample([bad, bad, bad]) { $0.temperature = 1 } == [nil])
    }

    @Test func settingsOutsideOfTheirRangeAreRefusedByName() {
        let changes: [(String, (inout SamplingOptions) -> Void)] = [
            ("temperature", { $0.temperature = -1 }), ("temperature", { $0.temperature = .nan }),
            ("top-k", { $0.topK = -1 }), ("top-p", { $0.topP = 0 }), ("min-p", { $0.minP = 2 }),
            ("repeat penalty", { $0.repeatPenalty = 0 }), ("repeat-last-n", { $0.repeatLastN = -1 }),
            ("DRY multiplier", { $0.dryMultiplier = -1 }), ("DRY multiplier", { $0.dryMultiplier = .nan }),
            ("DRY base", { $0.dryBase = 0.5 }), ("DRY allowed length", { $0.dryAllowedLength = 0 }),
        ]
        for (name, change) in changes {
            var options = SamplingOptions()
            change(&options)
            let error = #expect(throws: GenerationError.self) { try Sampler(options) }
            #expect(error?.message.hasPrefix(name) == true)
        }
    }

    @Test func whatIsRefusedIsDrawnAgainAndNothingElseChanges() throws {
        // Probabilities 0.64, 0.24, 0.09, 0.03: without the first 0.67, 0.24, 0.09.
        let logits: [Float] = [3, 2, 1, 0]
        var options = SamplingOptions()
        (options.temperature, options.topP, options.minP) = (1, 1, 0)
        var (sampler, free) = (try Sampler(options), try Sampler(options))
        var counts = [0, 0, 0, 0]
        for _ in 0..<20_000 {
            let drawn = try #require(sampler.sample(logits[...]) { $0 != 0 ? .granted : .refused })
            counts[drawn.index] += 1
        }
        let shares = counts.map { Double($0) / 20_000 }
        #expect(counts[0] == 0)
        #expect(abs(shares[1] - 0.665) < 0.01 && abs(shares[2] - 0.245) < 0.01, "\(shares)")
        var asking = try Sampler(options)
        for _ in 0..<100 { #expect(asking.sample(logits[...]) { _ in .granted } == free.sample(logits[...])) }
    }

    @Test func greedyTakesTheLikeliestThatIsNotRefusedAndTheFirstWhereAllAre() throws {
        var sampler = try Sampler(.greedy)
        let logits = (0..<20).map { Float(-$0) }
        #expect(sampler.sample(logits[...]) { $0.index > 5 ? .granted : .refused } == 6)
        #expect(
            sampler.sample(logits[...]) { $0.index > SamplingOptions.mostRefused + 3 ? .granted : .refused }
                == 12)
        #expect(sampler.sample(logits[...]) { _ in .refused } == 0)
        #expect(sampler.sample([-.infinity, 1, -.infinity]) { $0 != 1 ? .granted : .refused } == 1)
    }

    /// Two kinds of tokens: those of the second, 2 and 3, come only where they are
    /// together as likely as the others.
    @Test func whatNeedsALikelihoodComesOnlyWithIt() throws {
        func drawn(
            _ logits: [Float], _ change: (inout SamplingOptions) -> Void = { _ in }
        ) throws -> Set<TokenID> {
            var options = SamplingOptions()
            (options.temperature, options.minP, options.topP) = (1, 0, 1)
            change(&options)
            var sampler = try Sampler(options)
            return Set(
                (0..<300).compactMap { _ in
                    sampler.sample(logits[...]) { $0.index < 2 ? .granted : .asLikelyAsNot }
                })
        }
        #expect(try drawn([1, 1, 0.9, 0.9]) == [0, 1])
        #expect(try drawn([1, 1, 1.1, 1.1]) == [0, 1, 2, 3])
        // The likeliest of all, and yet alone.
        #expect(try drawn([1, 1, 1.5, -9]) == [0, 1])
        // No chance is in the likeliest token.
        #expect(try drawn([1, 1, 1.5, -9]) { $0.temperature = 0 } == [2])
        #expect(try drawn([-.infinity, -.infinity, 0, 0]) == [2, 3])
    }

    /// What is not refused is drawn as if nothing could be.
    @Test func whatIsRefusedChangesNoOtherDraw() throws {
        let logits: [Float] = [2, 1.5, 1, 0.5, 0]
        for seed in 0..<200 {
            var options = SamplingOptions()
            (options.temperature, options.topP, options.minP, options.seed) = (2, 1, 0, UInt64(seed))
            var (free, bound) = (try Sampler(options), try Sampler(options))
            let token = free.sample(logits[...])
            let other = bound.sample(logits[...]) { $0 == 4 ? .asLikelyAsNot : .granted }
            if token != 4 { #expect(other == token) } else { #expect(other != 4) }
        }
    }

    /// Truncation leaves three; the fifth is the likeliest of those that are allowed.
    @Test func whereTruncationLeavesNothingAllowedTheLikeliestAllowedComes() throws {
        let logits: [Float] =
            [0, 9, 8, 7, 1, 2, -.infinity] + Array(repeating: 6, count: 2 * SamplingOptions.mostRefused)
        var options = SamplingOptions()
        options.topK = 3
        var sampler = try Sampler(options)
        for _ in 0..<50 {
            #expect(
                sampler.sample(logits[...]) { [0, 4, 5, 6].contains($0.index) ? .granted : .refused } == 5)
            #expect(sampler.sample(logits[...]) { [0, 6].contains($0.index) ? .granted : .refused } == 0)
        }
    }

    /// Logits of which only the needed ones are there give the same token.
    @Test func aDrawComesToNoMoreTokensThanItSays() throws {
        var random = RandomSource(seed: 9)
        let logits = (0..<3000).map { _ in Float(random.nextUnit() * 12 - 4) }
        let changes: [(inout SamplingOptions) -> Void] = [
            { _ in }, { $0.temperature = 0 }, { $0.topK = 3 }, { $0.repeatPenalty = 1.3 },
            { ($0.temperature, $0.repeatPenalty) = (0, 2) }, { ($0.topK, $0.minP, $0.topP) = (200, 0, 1) },
            { ($0.dryMultiplier, $0.dryAllowedLength) = (2, 1) },
            { ($0.temperature, $0.dryMultiplier, $0.dryAllowedLength) = (0, 9, 1) },
        ]
        for change in changes {
            var options = SamplingOptions()
            change(&options)
            let sorted = logits.indices.sorted { logits[$0] > logits[$1] }
            var (whole, part) = (try Sampler(options), try Sampler(options))
            for _ in 0..<100 {
                let needed = try #require(part.likeliestNeeded)
                let named = Set(needed.besides.map(\.index))
                let least = sorted.lazy.filter { !named.contains($0) }.dropFirst(needed.count - 1).first
                // As many as can be are refused, now and then.
                var refused = [0, 3, SamplingOptions.mostRefused + 1][Int(random.nextUnit() * 3)]
                var left = refused
                let found = whole.sample(logits[...]) { _ in
                    left -= 1
                    return left < 0 ? .granted : .refused
                }
                let token = try #require(found)
                let last = logits[try #require(least)]
                let wanted = logits.indices.map {
                    named.contains($0) || logits[$0] >= last ? logits[$0] : -.infinity
                }
                let again = part.sample(wanted[...]) { _ in
                    refused -= 1
                    return refused < 0 ? .granted : .refused
                }
                #expect(again == token)
                whole.accept(token)
                part.accept(token)
            }
        }
        for change: (inout SamplingOptions) -> Void in [
            { $0.topK = 0 }, { $0.repeatPenalty = 0.5 }, { $0.topK = .max },
        ] {
            var options = SamplingOptions()
            change(&options)
            #expect(try Sampler(options).likeliestNeeded == nil)
        }
    }

    /// Changes that stand beside the logits give what changed logits would, with many that
    /// are alike or −∞ among both.
    @Test(arguments: [0, 1, 3, 40, 500]) func theHighestButForChangesAreThoseOfChangedLogits(count: Int) {
        var random = RandomSource(seed: UInt64(count))
        func logit() -> Float { random.nextUnit() < 0.1 ? -.infinity : Float(Int(random.nextUnit() * 60)) }
        for changeCount in [0, 1, 7, 100] {
            let logits = (0..<300).map { _ in logit() }
            var changes: [Int: Float] = [:]
            for _ in 0..<changeCount { changes[Int(random.nextUnit() * 300)] = logit() }
            let changed = logits.indices.map { changes[$0] ?? logits[$0] }
            let sorted = changed.indices.sorted { (changed[$0], $1) > (changed[$1], $0) }
            let found = logits.withUnsafeBufferPointer { Sampler.highest(count, of: $0, but: changes) }
            #expect(found?.map(\.token) == Array(sorted.prefix(count > 0 ? count : 300)))
            #expect(found?.map(\.logit) == found?.map { changed[$0.token] })
            changes[5] = .nan
            #expect(logits.withUnsafeBufferPointer { Sampler.highest(count, of: $0, but: changes) } == nil)
        }
    }

    /// What is left of all tokens without a `topK`, against sorting them all.
    @Test(arguments: [0.5, 4, 12] as [Float]) func whatIsLeftOfAllTokensIsWhatSortingLeaves(
        spread: Float
    ) throws {
        var random = RandomSource(seed: 3)
        let logits = (0..<5000).map { index in
            index % 50 == 7
                ? -Float.infinity : spread * Float((0..<6).reduce(-3) { sum, _ in sum + random.nextUnit() })
        }
        let sorted = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
        let best = logits[sorted[0]]
        let weights = sorted.map { exp(Double(logits[$0] - best)) }
        for (topP, minP) in [(0.95, 0.05), (1, 0.05), (1, 1e-6), (0.9, 0), (0.999999, 0), (1, 0)]
            as [(Float, Float)]
        {
            var options = SamplingOptions()
            (options.topK, options.topP, options.minP) = (0, topP, minP)
            var (sum, nucleus) = (0.0, 0)
            let needed = topP < 1 ? Double(topP) * weights.reduce(0, +) : .infinity
            while sum < needed, nucleus < sorted.count {
                (sum, nucleus) = (sum + weights[nucleus], nucleus + 1)
            }
            let floor = minP > 0 ? best + log(minP) : -.greatestFiniteMagnitude
            let expected = sorted.prefix(nucleus).filter { logits[$0] >= floor }
            let found = try #require(
                try logits.withUnsafeBufferPointer { try Sampler(options).truncated($0, but: [:]) }
            ).filter(\.logit.isFinite)
            let ordered = found.prefix { $0.logit >= best - 16 }.map(\.token)
            #expect(ordered == expected.filter { logits[$0] >= best - 16 }, "topP \(topP), minP \(minP)")
            #expect(Set(found.map(\.token)) == Set(expected), "topP \(topP), minP \(minP)")
            #expect(found.count == expected.count)
        }
        var sampler = try Sampler(.init())
        #expect(sampler.sample([1, .nan]) == nil)
    }
}
