import Terms
import Testing

@testable import Steering

@Suite struct ConditionFitTests {
    private func normal(_ count: Int, mean: Double, seed: UInt64) -> [Double] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in
            (0..<12).reduce(mean - 6) { sum, _ in sum + Double(random.next() >> 11) * 0x1p-53 }
        }
    }

    @Test(arguments: [0.01, 0.05, 0.2], [true, false])
    func theStatedRateIsKeptOnTextsThatDidNotFitIt(_ rate: Double, _ isAbove: Bool) throws {
        let sign = isAbove ? 1.0 : -1
        let fit = try ConditionFit(
            positive: normal(2000, mean: 4 * sign, seed: 1), negative: normal(20_000, mean: 0, seed: 2),
            rate: rate)
        #expect(fit.firesAbove == isAbove)
        // 10,000 held-out texts: three standard deviations of the rate, and as much of the threshold.
        #expect(abs(fit.falsePositiveRate - rate) < 6 * (rate * (1 - rate) / 10_000).squareRoot())
        #expect(fit.hitRate > 0.9)
        #expect(fit.heldOut.negative == 10_000 && fit.heldOut.positive == 1000)
    }

    @Test func theThresholdIsTheOrderStatisticOfTheRate() throws {
        // Even places: 0, 2, 4 … 36. Of 19 texts at 5 %, the 19th: the greatest.
        let negative = (0..<38).map(Double.init)
        let fit = try ConditionFit(positive: [100, 100], negative: negative, rate: 0.05)
        #expect(fit.threshold == 36 && fit.falsePositiveRate == 1.0 / 19 && fit.hitRate == 1)
    }

    @Test func hitsThatChanceGivesAreNotClear() throws {
        for (hits, positive, misfires, negative, chance) in [
            // The lady tasting tea, and its neighbours.
            (4, 4, 0, 4, 1.0 / 70), (3, 4, 1, 4, 17.0 / 70), (0, 4, 0, 4, 1), (4, 4, 4, 4, 1),
            (1, 10, 1, 10, 29.0 / 38), (3, 3, 0, 3, 0.05),
        ] {
            let found = ConditionFit.chance(of: hits, in: positive, beside: misfires, in: negative)
            #expect(abs(found - chance) < 1e-12, "\(found) of \(hits) and \(misfires)")
        }
        #expect(ConditionFit.chance(of: 900, in: 1000, beside: 500, in: 10_000) < 1e-9)
        let alike = normal(100, mean: 0, seed: 3)
        #expect(try !ConditionFit(positive: alike, negative: alike, rate: 0.1).isClear)
        #expect(try ConditionFit(positive: alike.map { $0 + 4 }, negative: alike, rate: 0.1).isClear)
        #expect(try ConditionFit(positive: alike.map { $0 - 4 }, negative: alike, rate: 0.1).isClear)
    }

    @Test func tooFewTextsForARateAreRefused() throws {
        for (positive, negative, rate) in [
            (2, 36, 0.05), (1, 100, 0.05), (10, 1, 0.9), (10, 100, 0.0), (10, 100, 1), (10, 100, .nan),
        ] {
            #expect(throws: SteeringError.self) {
                try ConditionFit(
                    positive: normal(positive, mean: 1, seed: 1),
                    negative: normal(negative, mean: 0, seed: 2),
                    rate: rate)
            }
        }
        // Rates that need more texts than an integer can count.
        for (rate, count) in [
            (1e-20, "countless"), (.leastNonzeroMagnitude, "countless"), (1e-3, "1997"),
        ] {
            let error = #expect(throws: SteeringError.self) {
                try ConditionFit(positive: [1, 2], negative: [0, 0], rate: rate)
            }
            #expect(error?.code == "tooFewPairs" && error?.message.contains("\(count) negative") == true)
        }
        #expect(throws: SteeringError.self) {
            try ConditionFit(positive: [1, .nan], negative: [0, 0, 0, 0], rate: 0.5)
        }
    }
}
