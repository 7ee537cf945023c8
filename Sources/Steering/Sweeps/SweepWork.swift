import Dispatch
import Generation
import Terms
import Tokenizers
import Transformer

/// A sweep while it runs: what it has, and what it has yet to do.
struct SweepWork {
    private let sweep: Sweep
    private let context: InferenceContext
    private let tokenizer: Tokenizer
    private let memory: (any SweepMemory)?
    private let generator: Generator

    /// What there is, measured or not.
    private(set) var outcomes: [AnswerKey: AnswerOutcome] = [:]
    /// What this run has answered, by the key of its text alone: beside another vector the same
    /// answer is measured otherwise.
    private var answered: [AnswerKey: AnswerOutcome] = [:]
    private(set) var answerSeconds = 0.0
    private(set) var measureSeconds = 0.0

    init(
        _ sweep: Sweep, _ context: InferenceContext, _ tokenizer: Tokenizer, _ memory: (any SweepMemory)?
    ) {
        self.sweep = sweep
        self.context = context
        self.tokenizer = tokenizer
        self.memory = memory
        generator = Generator(context, tokenizer: tokenizer)
    }

    /// Takes what an earlier run has left.
    mutating func remember(_ jobs: [SweepJob]) throws {
        guard let memory else { return }
        for job in jobs where outcomes[job.key] == nil {
            outcomes[job.key] = try memory.outcome(for: job.key) ?? memory.text(for: job.textKey)
        }
        noteBaselines(jobs)
    }

    /// What is not finished, each once. Unsteered answers come first: others are compared with them.
    func pending(_ jobs: [SweepJob]) -> [SweepJob] {
        var seen = Set<AnswerKey>()
        let open = jobs.filter { outcomes[$0.key]?.measures == nil && seen.insert($0.key).inserted }
        return open.filter { Self.isBaseline($0) } + open.filter { !Self.isBaseline($0) }
    }

    private static func isBaseline(_ job: SweepJob) -> Bool {
        job.interventions.isEmpty && job.cell.arm != .instruction
    }

    // MARK: - Answering

    /// Answers what has no text yet; equal requests once.
    mutating func answer(_ group: [SweepJob], progress: (Int) throws -> Void) throws {
        let start = DispatchTime.now()
        defer { answerSeconds += Self.seconds(since: start) }
        var requested: Set<AnswerKey> = []
        let open = group.filter { outcomes[$0.key] == nil }
        let distinct = open.filter { answered[$0.textKey] == nil && requested.insert($0.textKey).inserted }
        var failure: (any Error)?
        var tokens = 0
        let found = try answer(distinct) {
            tokens += 1
            do {
                try progress(tokens)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        for (job, outcome) in zip(distinct, found) { answered[job.textKey] = outcome }
        for job in open { outcomes[job.key] = answered[job.textKey] }
        try keep(open)
    }

    private func request(_ job: SweepJob) -> GenerationRequest {
        GenerationRequest(
            prompt: job.prompt, interventions: job.interventions, sampling: job.sampling,
            maximumTokens: sweep.circumstances.maximumTokens)
    }

    private func answer(_ jobs: [SweepJob], onText: () -> Bool) throws -> [AnswerOutcome] {
        guard !jobs.isEmpty else { return [] }
        do {
            return try generator.generate(jobs.map(request)) { _, _ in onText() }.map(AnswerOutcome.init)
        } catch let error as GenerationError {
            switch error {
            case .notFinite:
                if jobs.count == 1 { return [AnswerOutcome(failure: error.message)] }
                // One of them broke off; which one is found by asking each alone.
                return try jobs.flatMap { try answer([$0], onText: onText) }
            case .notSteered: throw try unsteered(among: jobs, error)
            default: throw error
            }
        }
    }

    /// The same error with the strength that it is about, which is found by asking for one token of each alone.
    private func unsteered(among jobs: [SweepJob], _ error: GenerationError) throws -> any Error {
        for job in jobs {
            var request = request(job)
            request.maximumTokens = 1
            do {
                _ = try generator.generate([request]) { _, _ in true }
            } catch let own as GenerationError {
                guard case .notSteered = own else { continue }
                return SteeringError(
                    .notSteered, "at strength \(job.cell.strength): \(own.message)",
                    remedy: "leave this strength out, or \(own.remedy ?? "")")
            }
        }
        return error
    }

    // MARK: - Measuring

    /// Measures the answers of a group, all of which there are.
    mutating func measure(_ group: [SweepJob], progress: (Double) throws -> Void) throws {
        let start = DispatchTime.now()
        defer { measureSeconds += Self.seconds(since: start) }
        var measured = 0
        for (number, subject) in sweep.subjects.enumerated() {
            for isForced in [true, false] {
                let jobs = group.filter { $0.cell.vector == number && $0.cell.isForced == isForced }
                var measurer = subject.measurer
                if !isForced { measurer.choices = [] }
                let done = measured
                try measure(jobs, by: measurer) { try progress(Double(done + $0) / Double(group.count)) }
                measured += jobs.count
            }
        }
        try keep(group)
    }

    private mutating func measure(
        _ jobs: [SweepJob], by measurer: AnswerMeasurer, progress: (Int) throws -> Void
    ) throws {
        // Answers to equal prompts stand together, and share what the prompt takes.
        let answered = jobs.filter { outcomes[$0.key]?.failure == nil }.sorted {
            $0.cell.prompt < $1.cell.prompt
        }
        for job in jobs where outcomes[job.key]?.failure != nil {
            outcomes[job.key]?.measures = .notFinite
        }
        let measures = try measurer.measure(
            answered.map(steeredAnswer), in: context, tokenizer: tokenizer
        ) { done, _ in try progress(done) }
        for (job, measures) in zip(answered, measures) {
            outcomes[job.key]?.measures = measures
            // The model that wrote it had read another prompt: what it was about to say
            // was compared with nothing.
            if job.prompt != job.plainPrompt { outcomes[job.key]?.measures?.divergence = nil }
        }
    }

    private func steeredAnswer(_ job: SweepJob) -> SteeredAnswer {
        let outcome = outcomes[job.key]
        return SteeredAnswer(
            prompt: job.plainPrompt, ids: outcome?.ids ?? [], isCut: outcome?.finishReason != .stop,
            interventions: job.interventions,
            reference: SteeredAnswer.reference(
                to: sweep.prompts[job.cell.prompt].text, unsteered: baselineText[job.cell.question] ?? ""))
    }

    /// What the model answers without steering.
    private var baselineText: [SweepCell.Question: String] = [:]

    private mutating func noteBaselines(_ jobs: [SweepJob]) {
        for job in jobs where Self.isBaseline(job) {
            if let outcome = outcomes[job.key] { baselineText[job.cell.question] = outcome.text }
        }
    }

    // MARK: - Keeping

    private mutating func keep(_ jobs: [SweepJob]) throws {
        noteBaselines(jobs)
        try memory?.keep(
            jobs.compactMap { job in
                outcomes[job.key].map { KeptAnswer(key: job.key, textKey: job.textKey, outcome: $0) }
            })
    }

    private static func seconds(since start: DispatchTime) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
    }
}
