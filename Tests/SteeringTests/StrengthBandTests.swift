import ControlVectors
import Foundation
import Terms
import Testing

@testable import Steering

@Suite struct StrengthBandTests {
    private func search(share: (Double) -> Double) -> StrengthSearch {
        var search = StrengthSearch(unit: 1)
        for _ in 0..<100 where !search.next.isEmpty { search.take(search.next.map { ($0, share($0)) }) }
        return search
    }

    /// The limit lies between strengths that were tried, and is found there.
    @Test(arguments: [0.7, 1.0, 1.4], [-1.0, 1]) func damageThatGrowsAsAPowerIsKnownToItsLimit(
        _ power: Double, _ sign: Double
    ) {
        let found = search { pow($0 / 0.4, power) }
        let band = StrengthBand(found, sign: sign) { sign * $0 }
        #expect(abs(Double(band.strong) - sign * 0.4) < 1e-6)
        #expect(abs(Double(band.safe ?? 0) - sign * 0.4 * pow(0.5, 1 / power)) < 1e-6)
        #expect(band.breaking == found.tried.first { $0.share > 1 }.map { Float(sign * $0.size) })
    }

    /// Shares are off by 0.12, as those of a dozen answers are.
    @Test(arguments: 0..<40) func noiseMovesTheLimitLittle(_ seed: Int) throws {
        var noise = RandomSource(seed: UInt64(seed))
        let found = search {
            // Twelve even draws are as good as a normal one.
            let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &noise) }
            return max(0, $0 / 0.4 + 0.12 * normal)
        }
        let band = StrengthBand(found, sign: 1) { $0 }
        #expect(abs(band.strong - 0.4) < 0.06)
        try #expect(#require(band.safe) <= band.strong && band.breaking.map { $0 > band.strong } ?? true)
    }

    @Test func noStrengthIsStrongAboveOneThatBreaksAnAnswer() {
        let found = search { $0 > 0.3 ? .infinity : $0 / 0.4 }
        let band = StrengthBand(found, sign: 1) { $0 }
        #expect(Double(band.strong) <= 0.3 && band.strong == Float(found.strong))
        #expect(band.breaking == found.breaking.map { Float($0) })
        // Unless one above it breaks none.
        let unlucky = search { $0 == 0.25 ? .infinity : $0 / 0.8 }
        #expect(abs(StrengthBand(unlucky, sign: 1) { $0 }.strong - 0.8) < 1e-6)
    }

    @Test func damageThatDoesNotGrowIsTriedAsFarAsTheSearchGoes() {
        let harmless = StrengthBand(search { _ in 0.1 }, sign: 1) { $0 }
        #expect(harmless.strong == 512 && harmless.safe == harmless.strong && harmless.breaking == nil)
        // It comes all at once: half of the budget is what was seen to take no more.
        let sudden = StrengthBand(search { $0 < 0.9 ? 0.02 : $0 < 1.5 ? 0.9 : .infinity }, sign: 1) { $0 }
        #expect(sudden.strong > 0.9 && sudden.safe.map { $0 > 0 && $0 < 0.9 } == true)
        let nothing = StrengthBand(search { _ in 2 }, sign: 1) { $0 }
        #expect(nothing.strong == 0 && nothing.safe == 0 && nothing.breaking != nil)
    }

    @Test(arguments: [-1.0, 1]) func strengthThatLosesItsEffectIsNotStrong(_ sign: Double) {
        let found = search { $0 / 0.4 }
        // It stands still from the half on: the strongest moves as far as any.
        let still = StrengthBand(found, sign: sign) { sign * min($0, 0.2) }
        #expect(abs(still.strong.magnitude - 0.4) < 1e-6)
        // It is greatest at 0.2, and nothing at the limit: 0.95 of it is left a fifth above.
        let back = StrengthBand(found, sign: sign) { sign * $0 * (0.4 - $0) }
        #expect(abs(back.strong.magnitude - 0.2 * Float(1 + 0.05.squareRoot())) < 1e-5)
        #expect((back.safe ?? 1).magnitude <= back.strong.magnitude)
    }

    /// So many answers at a strength, which move the meter so far.
    private func measures(_ strength: Double, shift: Double, answers: Int) -> StrengthMeasures {
        func answer(_ meter: Double) -> AnswerMeasures {
            AnswerMeasures(tokenCount: 40, perplexity: 4, meter: meter)
        }
        return StrengthMeasures(
            strength: strength, answers: Array(repeating: answer(shift), count: answers),
            baseline: Array(repeating: answer(0), count: answers))
    }

    @Test(arguments: [-1.0, 1]) func aSideThatMovesTheOtherWayIsUnmoved(_ sign: Double) {
        let band = StrengthBand(strong: Float(sign))
        // A little the right way at the weakest, by chance.
        let search = [(0.125, 0.1), (0.5, -0.2), (1, -0.3)].map {
            measures(sign * $0.0, shift: sign * $0.1, answers: 12)
        }
        #expect(band.isUnmoved(by: search))
        // Sixty answers say more than twelve, and what lies above the strong strength nothing.
        #expect(!band.isUnmoved(by: search + [measures(sign, shift: sign * 0.2, answers: 60)]))
        #expect(band.isUnmoved(by: search + [measures(1.5 * sign, shift: sign, answers: 60)]))
        #expect(band.isUnmoved(by: search + [measures(-sign, shift: -sign, answers: 60)]))
        // Where nothing was read of a meter, or nothing is strong, nobody can say so.
        #expect(!band.isUnmoved(by: []))
        #expect(!StrengthBand(strong: 0).isUnmoved(by: search))
    }
}
