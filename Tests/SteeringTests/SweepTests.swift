import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct SweepTests {
    private let model: LanguageModel

    init() throws {
        model = try DefaultModel.open()
    }

    /// Keeps answers in memory, and counts what is asked of it.
    private final class Memory: SweepMemory {
        var answers: [AnswerKey: KeptAnswer] = [:]
        var keepCount = 0

        func outcome(for key: AnswerKey) -> AnswerOutcome? { answers[key]?.outcome }

        func text(for key: AnswerKey) -> AnswerOutcome? {
            var found = answers.values.first { $0.textKey == key }?.outcome
            found?.measures = nil
            return found
        }

        func keep(_ kept: [KeptAnswer]) {
            keepCount += 1
            for answer in kept { answers[answer.key] = answer }
        }
    }

    /// A direction that is nobody's trait, long enough to change the text.
    private func vector(_ layers: [LayerIndex] = [12], size: Float = 4) throws -> ControlVector {
        let direction: [Float] = (0..<576).map { $0 % 7 == 0 ? size : 0 }
        return try ControlVector(directions: layers.reduce(into: [:]) { $0[$1] = direction })
    }

    private func subject(
        _ vector: ControlVector, hasControls: Bool = false, twinSeed: UInt64 = 0
    ) throws -> Sweep.Subject {
        let configuration = model.transformer.configuration
        func plan(_ vector: ControlVector) -> @Sendable (Double) throws -> SteeringPlan {
            { try SteeringPlan([.init(vector, strength: $0)], for: configuration) }
        }
        var subject = Sweep.Subject(digest: vector.digest, plan: plan(vector))
        subject.measurer.markers = Markers(positive: ["the"])
        subject.measurer.projection = TraitProjection(vector)
        if hasControls {
            let twin = try vector.randomTwin(seed: twinSeed)
            subject.random = .init(digest: twin.digest, plan: plan(twin))
            subject.instructed = [.positive: try texts.map { try model.rawPrompt("Be brief. " + $0) }]
        }
        return subject
    }

    private let texts = ["The sun is", "Once upon a time"]

    private func sweep(_ strengths: [Double], _ subjects: [Sweep.Subject]) throws -> Sweep {
        Sweep(
            prompts: try texts.map { .init(text: $0, tokens: try model.rawPrompt($0)) },
            strengths: strengths, subjects: subjects,
            circumstances: .init(
                modelDigest: "m", toolVersion: "1", sampling: .greedy, maximumTokens: 4, isExact: false))
    }

    private func run(
        _ sweep: Sweep, capacity: Int = 256, memory: Memory? = nil, progress: ProgressReport = { _, _, _ in }
    ) throws -> SweepOutcome {
        let context = try InferenceContext(
            model.transformer, capacity: capacity, threads: 2, precision: .fast)
        return try sweep.run(
            in: context, tokenizer: model.tokenizer, memory: memory, progress: progress)
    }

    @Test func everyPromptIsAnsweredInEveryArm() throws {
        let sweep = try sweep([-2, 2], [subject(vector(), hasControls: true)])
        let answers = try run(sweep).answers
        #expect(answers.map(\.cell) == sweep.cells)
        let steered = answers.filter { $0.cell.arm == .vector }
        #expect(steered.map(\.cell.strength) == [-2, 0, 2, -2, 0, 2])
        #expect(steered.map(\.cell.prompt) == [0, 0, 0, 1, 1, 1])
        #expect(answers.filter { $0.cell.arm == .random }.map(\.cell.strength) == [-2, 2, -2, 2])
        #expect(answers.filter { $0.cell.arm == .instruction }.map(\.cell.prompt) == [0, 1])
        let outcomes = try answers.map { try #require($0.outcome) }
        #expect(
            outcomes.allSatisfy {
                !$0.text.isEmpty && $0.measures?.markers != nil && $0.pieces.joined() == $0.text
            })
        #expect(Set(outcomes[..<3].map(\.text)).count == 3)
        // The steered answers surprise the model more than its own.
        let perplexities = try outcomes.map { try #require($0.measures?.perplexity) }
        #expect(perplexities[1] < perplexities[0] && perplexities[1] < perplexities[2])
        #expect(outcomes[1].measures?.divergence == 0 && outcomes[0].measures?.divergence ?? 0 > 0)
    }

    @Test func ofAnswersToAnInstructionNoDivergenceIsMeasured() throws {
        let answers = try run(try sweep([2], [subject(vector(), hasControls: true)])).answers
        let instructed = answers.filter { $0.cell.arm == .instruction }
        #expect(instructed.count == 2 && instructed.allSatisfy { $0.outcome?.measures?.perplexity != nil })
        #expect(instructed.allSatisfy { $0.outcome?.measures?.divergence == nil })
        let others = answers.filter { $0.cell.arm != .instruction }
        #expect(others.allSatisfy { $0.outcome?.measures?.divergence != nil })
        let measures = instructed.compactMap { $0.outcome?.measures }
        #expect(StrengthMeasures(strength: 0, answers: measures, baseline: measures).divergence == nil)
    }

    @Test func eachDrawIsTheSweepOfTheNextSeed() throws {
        func drawn(seed: UInt64, draws: Int) throws -> Sweep {
            var sweep = try sweep([1], [subject(vector(), hasControls: true)])
            sweep.circumstances.sampling = SamplingOptions()
            sweep.circumstances.sampling.seed = seed
            sweep.draws = draws
            return sweep
        }
        let memory = Memory()
        let both = try run(drawn(seed: 5, draws: 2), memory: memory).answers
        #expect(Set(both.map(\.cell)).count == both.count)
        for draw in 0..<2 {
            let alone = try run(drawn(seed: 5 + UInt64(draw), draws: 1)).answers
            #expect(both.filter { $0.cell.draw == draw }.map(\.outcome?.ids) == alone.map(\.outcome?.ids))
        }
        let unsteered = both.filter { $0.cell.arm == .vector && $0.cell.strength == 0 && $0.cell.prompt == 0 }
        #expect(unsteered.count == 2 && unsteered[0].outcome?.ids != unsteered[1].outcome?.ids)
        // What was kept of one draw is the first of another sweep.
        let later = try run(drawn(seed: 5, draws: 2), memory: memory)
        #expect(later.reusedCount == both.count && later.answers == both)
    }

    @Test func answersOfAnotherRandomVectorAreNotTakenForThisOnes() throws {
        // As `--seed 0 --draws 2` and then `--seed 1`: its first draw is drawn as the second of the other.
        func places(seed: UInt64, draws: Int) throws -> [(cell: SweepCell, key: AnswerKey)] {
            var sweep = try sweep([1], [subject(vector(), hasControls: true, twinSeed: seed)])
            sweep.circumstances.sampling.seed = seed
            sweep.draws = draws
            return try sweep.places()
        }
        let kept = Set(try places(seed: 0, draws: 2).filter { $0.cell.draw == 1 }.map(\.key))
        let later = try places(seed: 1, draws: 1)
        #expect(later.contains { $0.cell.arm == .random })
        #expect(later.allSatisfy { kept.contains($0.key) == ($0.cell.arm != .random) })
    }

    @Test func strengthZeroAnswersAsTheModelItself() throws {
        let sweep = try sweep([0], [subject(vector())])
        let context = try InferenceContext(model.transformer, capacity: 128, threads: 2, precision: .fast)
        let generator = Generator(context, tokenizer: model.tokenizer)
        for (answer, prompt) in zip(try run(sweep).answers, sweep.prompts) {
            let alone = try generator.generate(
                GenerationRequest(prompt: prompt.tokens, sampling: .greedy, maximumTokens: 4))
            #expect(answer.outcome?.ids == alone.ids)
            #expect(answer.outcome?.text == alone.text)
        }
    }

    @Test func aSmallCacheGivesTheSameAnswersInMoreGroups() throws {
        let sweep = try sweep([-1, 1], [subject(vector())])
        let (small, large) = (try run(sweep, capacity: 32), try run(sweep))
        #expect(small.answers.map(\.outcome?.ids) == large.answers.map(\.outcome?.ids))
    }

    @Test func aStrengthThatBreaksTheModelFailsAlone() throws {
        // Twice 3e38 is more than float32 holds, and infinity in a norm gives NaN.
        let answers = try run(try sweep([0, 1e6], [subject(vector([12, 13], size: 3e32))])).answers
        let outcomes = try answers.map { try #require($0.outcome) }
        #expect(outcomes.map { $0.failure == nil } == [true, false, true, false])
        #expect(outcomes[1].text.isEmpty && outcomes[1].measures?.faults == [.notFinite])
    }

    @Test func aStrengthThatIsLostInRoundingIsNamed() throws {
        let sweep = try sweep([-1, 1e-30, 1], [subject(vector())])
        let error = #expect(throws: SteeringError.self) { try run(sweep) }
        #expect(error?.kind == .notSteered)
        #expect(error?.message.hasPrefix("at strength 1e-30: 0 of 1 layers were steered") == true)
    }

    @Test func whatTheMemoryHasIsNotComputedAgain() throws {
        let memory = Memory()
        let sweep = try sweep([-1, 1], [subject(vector())])
        let first = try run(sweep, memory: memory)
        #expect(first.reusedCount == 0 && memory.answers.count == 6)
        var steps: [Int] = []
        let second = try run(sweep, memory: memory) { _, total, _ in steps.append(total) }
        #expect(second.answers == first.answers)
        #expect(second.reusedCount == 6)
        #expect(steps.allSatisfy { $0 == 0 })
    }

    @Test func aSweepThatWasStoppedGoesOnWithWhatItHad() throws {
        struct Stop: Error {}
        let memory = Memory()
        var sweep = try sweep([-1, 1], [subject(vector())])
        sweep.answersInWork = 2
        let whole = try run(sweep)
        #expect(throws: Stop.self) {
            try run(sweep, memory: memory) { completed, total, _ in
                if completed * 2 > total { throw Stop() }
            }
        }
        let kept = memory.answers.count
        #expect(kept > 0 && kept < 6)
        let finished = try run(sweep, memory: memory)
        #expect(finished.answers.map(\.outcome?.ids) == whole.answers.map(\.outcome?.ids))
        #expect(finished.answers.allSatisfy { $0.outcome?.measures != nil })
        #expect(finished.reusedCount > 0)
    }

    @Test func unsteeredAnswersAreDrawnOnceForAllVectorsInWhateverGroups() throws {
        var sweep = try sweep([0], [subject(vector()), subject(vector([20]))])
        // A group of its own for each: two questions, then the same beside the other vector.
        sweep.answersInWork = 1
        let context = try InferenceContext(model.transformer, capacity: 256, threads: 2, precision: .fast)
        var work = SweepWork(sweep, context, model.tokenizer, nil)
        let jobs = try sweep.jobs()
        try #require(jobs.count == 4)
        var tokens = 0
        for job in jobs[..<2] { try work.answer([job]) { _ in tokens += 1 } }
        #expect(tokens > 0)
        for job in jobs[2...] { try work.answer([job]) { _ in Issue.record("drawn again") } }
        for index in 0..<2 {
            #expect(work.outcomes[jobs[index].key]?.ids == work.outcomes[jobs[index + 2].key]?.ids)
        }
    }

    @Test func unsteeredAnswersAreTheSameBesideEveryVector() throws {
        let memory = Memory()
        let subjects = [try subject(vector()), try subject(vector([20]))]
        // The first vector's answers are there already: the second one takes their words.
        _ = try run(try sweep([1], [subjects[0]]), memory: memory)
        let answers = try run(try sweep([1], subjects), memory: memory).answers
        let plain = answers.filter { $0.cell.strength == 0 }
        #expect(plain.count == 4)
        #expect(
            plain[0].outcome?.ids == plain[2].outcome?.ids && plain[1].outcome?.ids == plain[3].outcome?.ids)
        // Each is measured with its own vector.
        #expect(plain[0].outcome?.measures?.meter != plain[2].outcome?.measures?.meter)
    }
}
