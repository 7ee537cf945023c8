import Foundation
import Testing

@testable import Steering

@Suite struct StrengthMeasuresTests {
    private static let baseline = [
        AnswerMeasures(tokenCount: 10, perplexity: 2, divergence: 0, meter: 1, propensity: -1),
        AnswerMeasures(tokenCount: 10, perplexity: 8, divergence: 0, meter: 3, propensity: -3),
        AnswerMeasures(tokenCount: 10, perplexity: 5, divergence: 0, meter: 2, propensity: 0),
    ]

    @Test func answersAreComparedWithThoseToTheSamePrompt() {
        let answers = [
            AnswerMeasures(
                tokenCount: 20, perplexity: 4, divergence: 0.5, repetition: 0.5, markers: markers(3, 1),
                meter: 2, propensity: 1),
            AnswerMeasures(
                tokenCount: 20, perplexity: 16, divergence: 1.5, markers: markers(1, 0), meter: 3.5,
                propensity: 2),
            .notFinite,
        ]
        let found = StrengthMeasures(strength: 0.5, answers: answers, baseline: Self.baseline)
        #expect(found.answerCount == 3 && found.brokenCount == 1 && found.faults == [.notFinite: 1])
        #expect(found.brokenShare == 1.0 / 3)
        #expect(abs((found.perplexity ?? 0) - 8) < 1e-12)
        #expect(abs((found.perplexityRatio ?? 0) - 2) < 1e-12)
        #expect(found.divergence == 1)
        #expect(found.repetition == 0.25)
        #expect(found.markerRate == 7.5)
        #expect(found.meter == 2.75)
        #expect(found.meterShift == 0.75)
        #expect(found.propensity == 1.5)
    }

    /// Four answers whose meters have moved by 1, 1, 3 and 3: as independent ones their mean's variance is 1/3.
    @Test func drawsOfOnePromptAreNoPromptsOfTheirOwn() throws {
        func variance(_ prompts: [Int]?) throws -> Double {
            let answers = [1.0, 1, 3, 3].map { AnswerMeasures(tokenCount: 1, meter: $0) }
            let baseline = answers.map { _ in AnswerMeasures(tokenCount: 1, meter: 0) }
            let error = StrengthMeasures(
                strength: 1, answers: answers, baseline: baseline, prompts: prompts
            ).meterShiftError
            let known = try #require(error)
            return known * known
        }
        for alike in [nil, [5, 5, 5, 5], [0, 1, 2, 3], [1, 0, 0, 1]] {
            #expect(abs(try variance(alike) - 1.0 / 3) < 1e-12, "\(alike ?? [])")
        }
        #expect(abs(try variance([0, 0, 1, 1]) - 1) < 1e-12)
    }

    @Test func withoutSteeringNothingHasMoved() {
        let found = StrengthMeasures(strength: 0, answers: Self.baseline, baseline: Self.baseline)
        #expect(found.perplexityRatio == 1 && found.meterShift == 0 && found.divergence == 0)
        #expect(found.markerRate == nil)
    }

    @Test func whatIsNotKnownIsNilAndSurvivesJSON() throws {
        let answer = AnswerMeasures(tokenCount: 3, perplexity: .infinity, divergence: .nan, faults: [.loop])
        #expect(answer.perplexity == nil && answer.divergence == nil)
        let found = StrengthMeasures(strength: 1, answers: [answer], baseline: [])
        #expect(found.perplexity == nil && found.perplexityRatio == nil && found.meterShift == nil)
        let json = try JSONEncoder().encode(found)
        #expect(try JSONDecoder().decode(StrengthMeasures.self, from: json) == found)
        #expect(String(decoding: json, as: UTF8.self).contains(#""faults":{"loop":1}"#))
        #expect(
            try JSONDecoder().decode(AnswerMeasures.self, from: JSONEncoder().encode(answer)) == answer)
    }

    private func markers(_ positive: Int, _ negative: Int) -> MarkerCount {
        let words = Array(repeating: "yes", count: positive) + Array(repeating: "no", count: negative)
        return MarkerCount(
            Markers(positive: ["yes"], negative: ["no"]), in: words.joined(separator: " "))
    }
}
