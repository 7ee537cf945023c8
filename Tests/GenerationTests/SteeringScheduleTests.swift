import Foundation
import Terms
import Testing
import Tokenizers
import Transformer
import _TestSupport

@testable import Generation

@Suite struct SteeringScheduleTests {
    private func levels(_ schedule: SteeringSchedule, _ count: Int) -> [Int] {
        (0..<count).map(schedule.level)
    }

    @Test func fromOneTokenForSoMany() {
        #expect(levels(SteeringSchedule(first: 2, count: 3), 7) == [0, 0, 64, 64, 64, 0, 0])
        #expect(levels(.always, 3) == [64, 64, 64])
    }

    @Test func aRampRisesInEqualSteps() {
        #expect(levels(SteeringSchedule(first: 1, ramp: 4), 7) == [0, 16, 32, 48, 64, 64, 64])
        #expect(levels(SteeringSchedule(ramp: 1), 2) == [64, 64])
    }

    @Test func aDecayHalvesAndEnds() {
        let decay = SteeringSchedule(halfLife: 2)
        #expect(levels(decay, 5) == [64, 45, 32, 23, 16])
        #expect(decay.level(at: 13) == 1 && decay.level(at: 14) == 1 && decay.level(at: 15) == 0)
        #expect(decay.level(at: Int.max) == 0)
    }

    @Test(arguments: [
        SteeringSchedule(first: -1), SteeringSchedule(count: 0), SteeringSchedule(ramp: -2),
        SteeringSchedule(halfLife: 0), SteeringSchedule(halfLife: .nan),
    ])
    func numbersThatMakeNoScheduleAreRefused(_ schedule: SteeringSchedule) {
        #expect(throws: GenerationError.self) { try schedule.check() }
    }

    @Test func partsAreCountedFromTheirOwnBeginning() throws {
        let model = try LanguageModel(path: try smolLM2Path())
        func levels(_ schedule: SteeringSchedule) -> [Int] {
            var state = SteeringState(
                SteeringProgram([SteeringRule([], schedule: schedule)]), promptCount: 8, earlier: [3..<5])
            return (0..<11).map { _ in state.levels(at: 100, model.tokenizer)[0] }
        }
        // Token 2 decides how the earlier answer begins, token 7 how the new one does.
        let answers = [0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1]
        #expect(levels(SteeringSchedule(part: .answer)) == answers.map { $0 * 64 })
        #expect(levels(SteeringSchedule(part: .prompt)) == answers.map { 64 - $0 * 64 })
        #expect(
            levels(SteeringSchedule(part: .answer, first: 1, count: 2))
                == [0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0].map { $0 * 64 })
    }

    /// Turns that no control token ends, as in Llama 2's template.
    @Test(arguments: [("```swift\nlet x", TextRegion.code), ("{\"a\": 1", .json), ("<think>hm", .thinking)])
    func codeThatAQuestionLeavesOpenIsNotOpenInItsAnswer(_ text: String, _ region: TextRegion) throws {
        let tokenizer = try LanguageModel(path: try smolLM2Path()).tokenizer
        let question = tokenizer.encode(text + " [/INST]", special: .asText)
        let answer = tokenizer.encode(text, special: .asText)
        func steered(continuesText: Bool) -> [Int] {
            let program = SteeringProgram([SteeringRule([], schedule: SteeringSchedule(pauses: [region]))])
            var state = SteeringState(
                program, promptCount: question.count, earlier: [], continuesText: continuesText)
            return (question + answer).map { state.levels(at: $0, tokenizer)[0] }
        }
        let levels = steered(continuesText: false)
        #expect(levels[question.count - 2] == 0)
        // What is thought may have been opened for the answer.
        #expect(levels[question.count - 1] == (region == .thinking ? 0 : 64))
        #expect(levels[question.count + answer.count - 1] == 0)
        // Raw text goes on where it stands.
        let raw = steered(continuesText: true).suffix(answer.count + 1)
        #expect(raw.allSatisfy { $0 == 0 })
    }

    @Test func aProgramIsReadBackFromItsOwnText() throws {
        let program = SteeringProgram([
            SteeringRule(
                [Intervention(at: .residualPost(3), .add([1, 2]))],
                schedule: SteeringSchedule(
                    part: .answer, first: 2, count: 9, ramp: 3, halfLife: 1.5, pauses: [.code, .thinking]))
        ])
        let text = try JSONEncoder().encode(program)
        #expect(try JSONDecoder().decode(SteeringProgram.self, from: text) == program)
    }
}
