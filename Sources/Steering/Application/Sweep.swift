public import Generation
public import Terms
public import Tokenizers
public import Transformer

/// The same prompts answered at several strengths, and what each strength costs.
public struct Sweep: Sendable {
    /// A prompt as the user wrote it and as the model reads it.
    public struct Prompt: Sendable {
        /// What the user wrote.
        public var text: String
        /// The rendered prompt.
        public var tokens: [TokenID]

        /// Keeps both.
        public init(text: String, tokens: [TokenID]) {
            self.text = text
            self.tokens = tokens
        }
    }

    /// What to answer.
    public var prompts: [Prompt]

    /// At which strengths.
    public var strengths: [Double]

    /// How tokens are chosen.
    public var sampling = SamplingOptions.greedy

    /// The length of an answer in tokens at the most.
    public var maximumTokens = 40

    /// Words to count.
    public var markers = Markers()

    /// Answers kept in work together at the most; the weights are read once for all of them.
    public var answersInWork = 32

    /// Prompts and strengths, greedy answers of 40 tokens.
    public init(prompts: [Prompt], strengths: [Double]) {
        self.prompts = prompts
        self.strengths = strengths
    }

    /// Answers every prompt at every strength: for each prompt all strengths, in the order given.
    ///
    /// All answers of a group take each step as one batch. A run whose output stops being numbers, as at strengths that
    /// are far too large, fails alone.
    ///
    /// - Parameters:
    ///   - context: Used alone while it runs; emptied.
    ///   - plan: What a strength does to the model.
    ///   - progress: Hears of answer tokens, then of measured answers.
    public func run(
        in context: InferenceContext, tokenizer: Tokenizer, plan: (Double) throws -> SteeringPlan,
        progress: ProgressReport = { _, _, _ in }
    ) throws -> [SweepRun] {
        let plans = try strengths.map(plan)
        let jobs = prompts.indices.flatMap { prompt in
            strengths.indices.map { Job(prompt: prompt, strength: $0) }
        }
        let generator = Generator(context, tokenizer: tokenizer)
        let total = jobs.count * maximumTokens
        var outcomes: [Outcome] = []
        try progress(0, total, "answers")
        for group in groups(of: jobs, capacity: context.capacity) {
            let done = outcomes.count * maximumTokens
            var failure: (any Error)?
            var tokens = 0
            outcomes += try answer(group.map { request($0, plans) }, with: generator) {
                tokens += 1
                do {
                    try progress(min(done + tokens, total), total, "answers")
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
            try progress(outcomes.count * maximumTokens, total, "answers")
        }
        let texts = zip(jobs, outcomes).map { job, outcome in
            Perplexity.Text(prompt: prompts[job.prompt].tokens, answer: outcome.generation?.ids ?? [])
        }
        let perplexities = try Perplexity.measure(texts, in: context) { done, all in
            try progress(done, all, "perplexity")
        }
        return zip(zip(jobs, outcomes), perplexities).map { pair, perplexity in
            SweepRun(
                strength: strengths[pair.0.strength], prompt: prompts[pair.0.prompt].text,
                outcome: pair.1.generation, failure: pair.1.failure, perplexity: perplexity, markers: markers)
        }
    }

    private struct Job {
        var prompt: Int
        var strength: Int
    }

    /// An answer, or why there is none.
    private struct Outcome {
        var generation: Generation?
        var failure: String?
    }

    private func request(_ job: Job, _ plans: [SteeringPlan]) -> GenerationRequest {
        GenerationRequest(
            prompt: prompts[job.prompt].tokens, interventions: plans[job.strength].interventions,
            sampling: sampling, maximumTokens: maximumTokens)
    }

    /// Jobs whose prompts and answers fit into the cache together; one that does not fit stands alone, and fails
    /// with the generator's own words.
    private func groups(of jobs: [Job], capacity: Int) -> [[Job]] {
        var groups: [[Job]] = []
        var cells = 0
        for job in jobs {
            let needed = prompts[job.prompt].tokens.count + maximumTokens
            if let last = groups.last, last.count < answersInWork, cells + needed <= capacity {
                groups[groups.count - 1].append(job)
            } else {
                groups.append([job])
                cells = 0
            }
            cells += needed
        }
        return groups
    }

    private func answer(
        _ requests: [GenerationRequest], with generator: Generator, onText: () -> Bool
    ) throws -> [Outcome] {
        do {
            return try generator.generate(requests) { _, _ in onText() }
                .map { Outcome(generation: $0, failure: nil) }
        } catch let error as GenerationError {
            guard case .notFinite = error else { throw error }
            if requests.count == 1 { return [Outcome(generation: nil, failure: error.message)] }
            // One of them broke off; which one is found by asking each alone.
            return try requests.flatMap { try answer([$0], with: generator, onText: onText) }
        }
    }
}
