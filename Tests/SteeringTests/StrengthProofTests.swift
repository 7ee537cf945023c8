import ControlVectors
import Testing

@testable import Steering

@Suite struct StrengthProofTests {
    private let found = (
        negative: StrengthBand(strong: -0.5, safe: -0.25, breaking: -0.625),
        positive: StrengthBand(strong: 0.8, safe: 0.6, breaking: 1)
    )

    /// What sixty answers at a strength come to, so many of them broken.
    private func measures(_ strength: Double, broken: Int = 0, ratio: Double = 1.5) -> StrengthMeasures {
        let whole = AnswerMeasures(tokenCount: 40, perplexity: 4 * ratio, divergence: 0.1)
        let loop = AnswerMeasures(tokenCount: 40, perplexity: 4 * ratio, divergence: 0.1, faults: [.loop])
        return StrengthMeasures(
            strength: strength, answers: (0..<60).map { $0 < broken ? loop : whole },
            baseline: Array(repeating: AnswerMeasures(tokenCount: 40, perplexity: 4), count: 60))
    }

    private func proof(_ answer: (Double) -> StrengthMeasures) -> (proof: StrengthProof, rounds: [[Double]]) {
        var proof = StrengthProof(negative: found.negative, positive: found.positive)
        var rounds: [[Double]] = []
        while !proof.next.isEmpty, rounds.count < 20 {
            rounds.append(proof.next)
            proof.take(proof.next.map(answer), within: .standard)
        }
        return (proof, rounds)
    }

    @Test func whatHoldsStaysAsTheSearchHasFoundIt() {
        let (proof, rounds) = proof { measures($0) }
        #expect(proof.negative == found.negative && proof.positive == found.positive)
        #expect(rounds == [[Double(Float(-0.5)), Double(Float(0.8))]])
        #expect(proof.tried.map(\.answerCount) == [60, 60])
    }

    @Test func oneBrokenAnswerTakesItsSideDownAndTheOtherStays() {
        // The search has not seen that one in sixty breaks above 0.65.
        let (proof, rounds) = proof { measures($0, broken: $0 > 0.65 ? 1 : 0) }
        #expect(proof.negative == found.negative)
        #expect(
            proof.positive
                == StrengthBand(
                    strong: Float(0.8) * 6 / 8, safe: Float(0.6) * 6 / 8, breaking: Float(0.8) * 7 / 8))
        // What holds is not answered again.
        #expect(rounds.map(\.count) == [2, 1, 1])
        #expect(
            proof.tried.map { Float($0.strength) } == [-0.5, Float(0.8) * 6 / 8, Float(0.8) * 7 / 8, 0.8])
    }

    @Test func aRatioAboveTheBudgetTakesItDownAsWell() {
        let (proof, _) = proof { measures($0, ratio: $0 < -0.4 ? 2.1 : 1.9) }
        #expect(proof.negative == StrengthBand(strong: -0.375, safe: -0.1875, breaking: -0.4375))
        #expect(proof.positive == found.positive)
    }

    /// The strong strength is only known to keep the whole of the budget.
    @Test func theSafeBandGoesDownWithTheStrongOne() {
        let (proof, _) = proof { measures($0, broken: $0 > 0.35 ? 1 : 0) }
        #expect(proof.positive.strong == Float(0.8) * 3 / 8 && proof.positive.safe == Float(0.6) * 3 / 8)
    }

    @Test func whereNothingHoldsThereIsNoStrongStrength() {
        let (proof, rounds) = proof { measures($0, broken: 1) }
        #expect(proof.positive == StrengthBand(strong: 0, safe: 0, breaking: 0.1))
        #expect(proof.negative == StrengthBand(strong: 0, safe: 0, breaking: -0.0625))
        #expect(rounds.count == 8)
    }

    @Test func aSideWithoutAStrongStrengthIsNotAsked() {
        let none = StrengthBand(strong: 0, safe: 0, breaking: -1)
        let proof = StrengthProof(negative: none, positive: found.positive)
        #expect(proof.next == [Double(Float(0.8))])
        #expect(StrengthProof(negative: none, positive: StrengthBand(strong: 0)).next.isEmpty)
    }
}
