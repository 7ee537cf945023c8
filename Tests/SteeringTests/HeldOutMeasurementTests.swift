import LinearAlgebra
import Testing

@testable import Steering

@Suite struct HeldOutMeasurementTests {
    private func measure(
        _ positive: [Double], _ negative: [Double], sources: [Int]? = nil, seed: UInt64 = 0
    )
        -> HeldOutMeasurement
    {
        HeldOutMeasurement(
            isHigher: zip(positive, negative).map { $0 > $1 }, positive: positive, negative: negative,
            weights: positive.map { _ in 1 }, sources: sources ?? Array(positive.indices), seed: seed)
    }

    @Test func theAreaIsTheShareOfRankedPairsAndTiesCountHalf() {
        let found = measure([3, 2, 1], [0, 2, 1.5])
        // Nine comparisons: 3 beats all three, 2 beats two and ties one… 1 beats one.
        #expect(abs(found.auc - (3 + 2.5 + 1) / 9) < 1e-12)
        #expect(abs(found.accuracy - 1.0 / 3) < 1e-12)
    }

    @Test func intervalsHoldTheValueAndDependOnTheSeedAlone() {
        let positive = (0..<60).map { Double($0 % 10) }
        let negative = (0..<60).map { Double(($0 * 7) % 10) - 1 }
        let found = measure(positive, negative)
        #expect(found.accuracyInterval.contains(found.accuracy))
        #expect(found.aucInterval.contains(found.auc))
        #expect(found.accuracyInterval.upperBound - found.accuracyInterval.lowerBound > 0.05)
        #expect(measure(positive, negative) == found)
        // Pairs of one source are alike here, so that the bootstrap reaches further than Wilson's
        // interval, which knows no seed.
        let sources = (0..<60).map { $0 % 10 }
        #expect(
            measure(positive, negative, sources: sources, seed: 1)
                != measure(positive, negative, sources: sources))
    }

    @Test func aPerfectScoreOfFewSourcesIsNoCertainty() {
        let few = measure((0..<40).map { _ in 1 }, (0..<40).map { _ in 0 }, sources: (0..<40).map { $0 % 8 })
        #expect(few.accuracy == 1 && few.auc == 1)
        // Five pairs a source: n / (n + z²) of as many independent ones as tell as much.
        for (interval, correlation) in [
            (few.accuracyInterval, HeldOutMeasurement.accuracyCorrelation),
            (few.aucInterval, HeldOutMeasurement.areaCorrelation),
        ] {
            let count = 40 / (1 + 4 * correlation)
            #expect(abs(interval.lowerBound - count / (count + 1.96 * 1.96)) < 1e-9)
        }
    }

    /// For each pair its source, and the whole pair that it is a part of.
    private static let shapes: [(sources: [Int], wholes: [Int]?)] = [
        ((0..<30).map { $0 % 5 }, nil), ((0..<30).map { min($0 / 2, 6) }, nil), (Array(0..<30), nil),
        ((0..<30).map { $0 % 2 }, nil), ((0..<30).map { $0 % 2 }, (0..<30).map { $0 % 8 }),
        ((0..<30).map { _ in 0 }, (0..<30).map { min($0 / 3, 3) }),
    ]

    @Test(arguments: shapes.indices) func noEndFallsWhenAMissBecomesAHit(shape: Int) {
        let (sources, wholes) = Self.shapes[shape]
        let count = sources.count
        // 7 and 30 have no divisor in common: every pair has its turn, and neighbours do
        // not follow each other.
        let found = (0...count).map { hits in
            let right = Set((0..<hits).map { $0 * 7 % count })
            let positive = (0..<count).map { right.contains($0) ? 1.0 : -1 }
            return HeldOutMeasurement(
                isHigher: positive.map { $0 > 0 }, positive: positive, negative: positive.map { _ in 0 },
                weights: (0..<count).map { Double($0 % 3 + 1) }, sources: sources, wholes: wholes, seed: 0)
        }
        for (fewer, more) in zip(found, found.dropFirst()) {
            for interval in [\HeldOutMeasurement.accuracyInterval, \.aucInterval] {
                let (before, after) = (fewer[keyPath: interval], more[keyPath: interval])
                #expect(after.lowerBound >= before.lowerBound && after.upperBound >= before.upperBound)
            }
            #expect(more.accuracy > fewer.accuracy && more.auc > fewer.auc)
        }
    }

    @Test func fiveSourcesThatAreSeparatedWholeAreNoLessThanWithAMiss() {
        func low(misses: Int) -> Double {
            let positive = (0..<116).map { $0 < misses ? -1.0 : 1 }
            return measure(positive, positive.map { _ in 0 }, sources: (0..<116).map { $0 % 5 })
                .accuracyInterval.lowerBound
        }
        #expect(low(misses: 0) > 0.7)
        #expect(low(misses: 0) >= low(misses: 1) && low(misses: 1) >= low(misses: 4))
    }

    @Test func pairsOfOneClusterTellLessTheMoreAlikeTheyAre() {
        let (weights, clusters) = ([Double](repeating: 2, count: 60), (0..<60).map { $0 / 10 })
        func count(_ correlation: Double) -> Double {
            HeldOutMeasurement.effectiveCount(weights, in: clusters, correlation: correlation)
        }
        #expect(abs(count(0) - 60) < 1e-12)
        #expect(abs(count(0.5) - 60 / (1 + 9 * 0.5)) < 1e-12)
        #expect(abs(count(1) - 6) < 1e-12)
        // Where one pair weighs as much as the three others together, the four tell as much as three.
        let one = HeldOutMeasurement.effectiveCount([3, 1, 1, 1], in: [0, 1, 2, 3], correlation: 0.5)
        #expect(abs(one - 36.0 / 12) < 1e-12)
    }

    @Test func wilsonsIntervalHasItsKnownEnds() {
        for (share, low, high) in [
            (0.0, 0, 0.2775), (0.5, 0.2366, 0.7634), (0.9, 0.5958, 0.9821), (1, 0.7225, 1),
        ] {
            let found = HeldOutMeasurement.wilson(share, of: 10)
            #expect(abs(found.lowerBound - low) < 1e-4 && abs(found.upperBound - high) < 1e-4, "\(found)")
        }
    }

    @Test func underFiveSourcesTheTokensOfAWholePairAreNoEvidenceOfTheirOwn() {
        func measure(_ right: (Int) -> Bool, wholes: [Int]?) -> HeldOutMeasurement {
            let positive = (0..<40).map { right($0) ? 1.0 : -1 }
            return HeldOutMeasurement(
                isHigher: positive.map { $0 > 0 }, positive: positive, negative: positive.map { _ in 0 },
                weights: positive.map { _ in 1 }, sources: positive.map { _ in 7 }, wholes: wholes, seed: 0)
        }
        // 40 tokens of one pair or of two, all of them right, or nine of ten.
        for count in [1, 2] {
            let wholes = (0..<40).map { $0 % count + 5 }
            let perfect = measure({ _ in true }, wholes: wholes)
            #expect(
                abs(perfect.accuracyInterval.lowerBound - Double(count) / (Double(count) + 1.96 * 1.96))
                    < 1e-9)
            let good = measure({ $0 % 10 != 9 }, wholes: wholes)
            #expect(good.accuracy == 0.9 && good.accuracyInterval.lowerBound < 0.5)
        }
        // Pairs that are whole keep the numbers that they have without such words.
        let plain = measure({ $0 % 10 != 9 }, wholes: nil)
        #expect(measure({ $0 % 10 != 9 }, wholes: (0..<40).map { 90 - $0 }) == plain)
        #expect(plain.accuracyInterval.lowerBound > 0.7)
    }

    @Test func swappedPersonasAreFoundByThoseThatHaveNotBeenSeen() throws {
        // Four personas with a common trait and a large part of their own.
        func accuracy(swapped: Set<Int>) throws -> (personas: Double?, heldOut: Double) {
            var rows: [[Float]] = []
            for persona in 0..<4 {
                for _ in 0..<10 {
                    var row = [Float](repeating: 0, count: 8)
                    row[7] = 1
                    row[persona] = 1.5
                    rows.append(swapped.contains(persona) ? row.map { -$0 } : row)
                }
            }
            let zero = rows.map { $0.map { _ in Float(0) } }
            let pairs = PairDifferences(positive: try .init(rows: rows), negative: try .init(rows: zero))
            let mean = try DirectionEstimator.mean.estimate(pairs).unit
            return (
                pairs.accuracyOnUnseenPersonas((0..<40).map { $0 / 10 }, tests: pairs),
                pairs.accuracy(along: mean)
            )
        }
        #expect(try accuracy(swapped: []).personas == 1)
        // The direction that has seen all of them separates all of them, and is of no use.
        let shuffled = try accuracy(swapped: [1, 2])
        #expect(shuffled.heldOut == 1)
        #expect(shuffled.personas == 0)
    }
}
