import Foundation
import Testing

@testable import Steering

@Suite struct DamageBudgetTests {
    private func measures(
        ratio: Double?, divergence: Double?, faults: [TextFault] = []
    ) -> StrengthMeasures {
        let own = AnswerMeasures(tokenCount: 4, perplexity: 3)
        let answer = AnswerMeasures(
            tokenCount: 4, perplexity: ratio.map { 3 * $0 }, divergence: divergence, faults: faults)
        return StrengthMeasures(strength: 1, answers: [answer], baseline: [own])
    }

    @Test(arguments: [
        (1.0, 0.0, 0.0), (2, 0, 1), (4, 0, 2), (1, 0.5, 0.5), (2, 1.5, 1.5), (0.5, 0, 0),
        (2.0.squareRoot(), 0.1, 0.5),
    ])
    func theWorseOfPerplexityAndDivergenceDecides(_ ratio: Double, _ divergence: Double, _ share: Double) {
        let found = DamageBudget.standard.share(of: measures(ratio: ratio, divergence: divergence))
        #expect(abs(found - share) < 1e-9)
    }

    @Test func aBrokenAnswerIsInfiniteDamage() {
        let budget = DamageBudget.standard
        #expect(budget.share(of: measures(ratio: 1, divergence: 0, faults: [.loop])) == .infinity)
        #expect(budget.share(of: measures(ratio: nil, divergence: 0)) == .infinity)
        #expect(budget.share(of: measures(ratio: 1, divergence: nil)) == .infinity)
    }

    @Test(arguments: [1, 0.5, -2, Double.nan, .infinity])
    func aBudgetThatAllowsNothingIsRefused(_ ratio: Double) {
        #expect(throws: SteeringError.self) { try DamageBudget(perplexityRatio: ratio) }
        let divergence = ratio == 1 ? 0 : ratio == 0.5 ? -0.5 : ratio
        #expect(throws: SteeringError.self) { try DamageBudget(divergence: divergence) }
    }
}
