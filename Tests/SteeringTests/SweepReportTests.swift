import Foundation
import Generation
import Terms
import Testing

@testable import Steering

@Suite struct SweepReportTests {
    /// Two prompts at three strengths, a random vector, and an instruction; perplexity 2
    /// everywhere but where it is said.
    private func report() -> SweepReport {
        var report = SweepReport(
            toolVersion: "1", model: .init(name: "m", summary: "", digest: ""),
            vectors: [.init(name: "v", digest: "", layers: [], meterLayers: [3, 4])], prompts: ["a", "b"],
            strengths: [-1, 0, 1], sampling: .greedy, maximumTokens: 1)
        func add(_ cell: SweepCell, meter: Double, perplexity: Double = 2, propensity: Double? = nil) {
            var outcome = AnswerOutcome(failure: "")
            outcome.measures = AnswerMeasures(
                tokenCount: 1, perplexity: perplexity, meter: meter, propensity: propensity)
            outcome.measures?.layerMeters = [Float(meter), 1]
            report.answers.append(SweepAnswer(cell, outcome: outcome))
        }
        for prompt in 0...1 {
            for strength in [1.0, 0, -1] {
                // The first prompt moves with the vector, the second against it.
                add(
                    SweepCell(.vector, strength: strength, prompt: prompt),
                    meter: Double(prompt) + 2 * strength, perplexity: strength < 0 ? 8 : 2,
                    propensity: prompt == 0 ? 4 * strength : -strength)
            }
            add(SweepCell(.random, strength: 1, prompt: prompt), meter: Double(prompt))
            add(SweepCell(.instruction, side: .negative, prompt: prompt), meter: Double(prompt) - 1)
            add(SweepCell(.instruction, side: .positive, prompt: prompt), meter: Double(prompt) + 1)
        }
        return report
    }

    @Test func aReportOfBeforeThereWereConditionsIsRead() throws {
        var report = report()
        let kept = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(SweepReport.self, from: kept) == report && report.conditions == nil)
        report.conditions = .init(system: "Be brief.", isRaw: false, isExact: true)
        let again = try JSONDecoder().decode(SweepReport.self, from: JSONEncoder().encode(report))
        #expect(again.conditions == report.conditions)
    }

    @Test func pointsAreSortedAndComparedWithTheSamePromptsAnswer() throws {
        let points = report().points(of: 0, .vector)
        #expect(points.map(\.strength) == [-1, 0, 1])
        #expect(points.map(\.measures.meterShift) == [-2, 0, 2])
        #expect(points.map { $0.isDamaged } == [true, false, false])
        #expect(report().points(of: 0, .random).map(\.measures.meterShift) == [0])
        let asked = report().points(of: 0, .instruction)
        #expect(asked.map(\.side) == [.positive, .negative])
        #expect(asked.map(\.measures.meterShift) == [1, -1])
    }

    @Test func everyDrawIsComparedWithTheUnsteeredAnswerThatWasDrawnAlike() throws {
        var report = report()
        let first = report.answers
        report.answers += first.map { answer in
            var cell = answer.cell
            cell.draw = 1
            var outcome = answer.outcome
            // As far from its own unsteered answer as in the first draw, and half as far again at strength 1.
            outcome?.measures?.meter =
                (answer.outcome?.measures?.meter ?? 0) + 10 + (cell.strength == 1 ? 1 : 0)
            return SweepAnswer(cell, outcome: outcome)
        }
        #expect(report.drawCount == 2 && self.report().drawCount == 1)
        let points = report.points(of: 0, .vector)
        #expect(points.map(\.measures.answerCount) == [4, 4, 4])
        #expect(points.map(\.measures.meterShift) == [-2, 0, 2.5])
        // Shifts of 2, 2, 3, 3: a spread of √(1/3), and half of that for the mean of four.
        let errors = try points.map { try #require($0.measures.meterShiftError) }
        #expect(errors[0] == 0 && abs(errors[2] - (1.0 / 12).squareRoot()) < 1e-12)
        #expect(report.answers(of: 0, .vector, to: 0).map(\.cell.draw) == [0, 1, 0, 1, 0, 1])
        // A choice is forced once.
        #expect(try #require(report.steerability(of: 0)).slopes == [4, -1])
    }

    @Test func aSingleAnswerHasNoError() {
        var report = report()
        report.answers.removeAll { $0.cell.prompt == 1 }
        #expect(report.points(of: 0, .vector).allSatisfy { $0.measures.meterShiftError == nil })
    }

    @Test func placesThatWereKeptBeforeThereWereDrawsAreOfTheFirst() throws {
        let kept = #"{"arm":"random","vector":1,"strength":-0.5,"prompt":3}"#
        let cell = try JSONDecoder().decode(SweepCell.self, from: Data(kept.utf8))
        #expect(cell == SweepCell(.random, vector: 1, strength: -0.5, prompt: 3))
        let later = SweepCell(.instruction, side: .negative, prompt: 2, draw: 4)
        #expect(try JSONDecoder().decode(SweepCell.self, from: JSONEncoder().encode(later)) == later)
    }

    @Test func aPromptThatMovesAgainstTheVectorIsCounted() throws {
        let steerability = try #require(report().steerability(of: 0))
        #expect(steerability.slopes == [4, -1])
        #expect(steerability.antiSteerableShare == 0.5)
    }

    @Test func theSwingEndsWhereDamageBegins() throws {
        let swing = try #require(report().swing(of: 0))
        #expect(swing.lower.strength == 0 && swing.upper.strength == 1)
        #expect(swing.meter == 2)
        #expect(report().damagedStretches(of: 0) == [-1 ... -0.5])
    }

    @Test(arguments: [1.5, 1.99, 2.01, 4])
    func perplexityIsDamageWhereACalibrationCallsItSo(_ ratio: Double) {
        let measures = StrengthMeasures(
            strength: 1, answers: [AnswerMeasures(tokenCount: 1, perplexity: 3 * ratio, divergence: 0)],
            baseline: [AnswerMeasures(tokenCount: 1, perplexity: 3)])
        let point = SweepReport.Point(arm: .vector, measures: measures, newlyBrokenCount: 0)
        #expect(point.isDamaged == (DamageBudget.standard.share(of: measures) > 1))
    }

    @Test func whatIsBrokenWithoutSteeringIsNoDamage() {
        var report = report()
        func breakAnswer(at strength: Double) {
            for index in report.answers.indices
            where report.answers[index].cell == SweepCell(.vector, strength: strength, prompt: 0) {
                report.answers[index].outcome?.measures?.faults = [.loop]
            }
        }
        breakAnswer(at: 1)
        #expect(report.points(of: 0, .vector).map(\.isDamaged) == [true, false, true])
        breakAnswer(at: 0)
        #expect(report.points(of: 0, .vector).map(\.isDamaged) == [true, false, false])
    }

    @Test func layersAreComparedWithTheUnsteeredAnswers() {
        #expect(report().layerShifts(of: 0, at: [-1, 0, 1, 2]) == [[-2, 0, 2, nil], [0, 0, 0, nil]])
    }

    @Test func anUnfinishedReportSaysWhatItHas() {
        var report = report()
        report.answers.removeAll { $0.cell.strength == 0 }
        #expect(report.swing(of: 0) == nil)
        #expect(report.points(of: 0, .vector).map(\.measures.meterShift) == [nil, nil])
        #expect(report.withoutAnswers.points(of: 0, .vector).isEmpty)
    }
}
