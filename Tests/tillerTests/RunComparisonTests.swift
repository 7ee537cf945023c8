import Foundation
import Generation
import Steering
import Terms
import Testing

@testable import Runs
@testable import tiller

/// Two runs beside each other, with planted numbers.
@Suite struct RunComparisonTests {
    private typealias Planted = (name: String, digest: String, meter: Double)

    /// A run of vectors at strength 1, whose meters move by so much; each vector answers with its digest.
    private func run(_ number: Int, _ vectors: [Planted]) -> KeptRun {
        var report = SweepReport(
            toolVersion: "1", model: .init(name: "m.gguf", summary: "llama", digest: "d"),
            vectors: vectors.map { .init(name: $0.name, digest: $0.digest, layers: [9], meterLayers: [9]) },
            prompts: ["How are you?"], strengths: [0, 1], sampling: .greedy, maximumTokens: 8)
        for (index, vector) in vectors.enumerated() {
            for strength in [0.0, 1.0] {
                var outcome = AnswerOutcome(failure: "")
                outcome.failure = nil
                outcome.text = "\(vector.digest) \(strength)"
                outcome.measures = AnswerMeasures(
                    tokenCount: 4, perplexity: 4, divergence: strength, meter: vector.meter * strength)
                let cell = SweepCell(.vector, vector: index, strength: strength, prompt: 0)
                report.answers.append(SweepAnswer(cell, outcome: outcome))
            }
        }
        return KeptRun(number: number, started: 0, finished: 1, answered: 4, total: 4, report: report)
    }

    private let happy: Planted = ("happy", "a", 1.75)
    private let formal: Planted = ("formal", "b", 0.5)

    private func text(_ comparison: RunComparison) -> String {
        comparison.text(width: nil, titleStyle: nil)
    }

    @Test func vectorsInAnotherOrderAreComparedWithThemselves() throws {
        let text = text(try RunComparison(run(1, [happy, formal]), run(2, [formal, happy])))
        #expect(text.contains("4 of 4 answers to equal prompts have equal words"), "\(text)")
        let row = try #require(
            text.split(separator: "\n").first { $0.contains("happy") && $0.contains("+1") })
        #expect(row.components(separatedBy: "1.75").count == 3 && !row.contains("0.50"), "\(row)")
        #expect(!text.contains("happy | formal") && !text.contains("formal | happy"), "\(text)")
    }

    @Test func aVectorThatWasMadeAgainIsComparedByItsName() throws {
        let again: Planted = ("happy", "c", 1.25)
        let text = text(try RunComparison(run(1, [happy, formal]), run(2, [formal, again])))
        let row = try #require(
            text.split(separator: "\n").first { $0.contains("happy") && $0.contains("+1") })
        #expect(row.contains("1.75") && row.contains("1.25"), "\(row)")
        #expect(text.contains("2 of 4 answers to equal prompts have equal words"), "\(text)")
    }

    @Test func whatElseIsNotTheSameIsSaid() throws {
        var (left, right) = (run(1, [happy]), run(2, [happy]))
        #expect(try !text(RunComparison(left, right)).contains(" | "))
        left.report.conditions = .init(system: "Be brief.")
        // What the other has not kept is not compared.
        #expect(try !text(RunComparison(left, right)).contains(" | "))
        right.report.conditions = .init(isRaw: true)
        right.report.sampling.temperature = 0.5
        right.report.maximumTokens = 9
        let text = text(try RunComparison(left, right))
        for line in [
            "system turn: “Be brief.” | none", "raw prompts: false | true", "temperature: 0.0 | 0.5",
            "tokens at the most: 8 | 9",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(text)")
        }
        #expect(!text.contains("float32") && !text.contains("model's digest"))
    }

    @Test func differentVectorsStandUnderBothNames() throws {
        let text = text(try RunComparison(run(1, [happy]), run(2, [formal])))
        #expect(text.contains("happy | formal"), "\(text)")
    }
}
