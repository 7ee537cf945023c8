public import Tokenizers
public import Transformer

/// What running a sweep gave.
public struct SweepOutcome: Sendable {
    /// One answer for each of the sweep's places.
    public var answers: [SweepAnswer]
    /// How many of them an earlier run had finished.
    public var reusedCount: Int
    /// Seconds spent on answering.
    public var answerSeconds: Double
    /// Seconds spent on measuring.
    public var measureSeconds: Double
}

extension Sweep {
    /// Answers every prompt in every arm at every strength, and measures the answers.
    ///
    /// All answers of a group take each step as one batch. A run whose output stops being numbers, as at
    /// strengths that are far too large, fails alone. What the memory has is not computed again, and what is
    /// finished is kept there group by group, first without and then with its measures.
    ///
    /// - Parameters:
    ///   - context: Used alone while it runs; emptied.
    ///   - progress: Hears of tokens that were generated or measured.
    public func run(
        in context: InferenceContext, tokenizer: Tokenizer, memory: (any SweepMemory)? = nil,
        progress: ProgressReport = { _, _, _ in }
    ) throws -> SweepOutcome {
        let jobs = try jobs()
        var work = SweepWork(self, context, tokenizer, memory)
        try work.remember(jobs)
        let pending = work.pending(jobs)
        let size = { (job: SweepJob) in 2 * circumstances.maximumTokens + job.prompt.count }
        let total = pending.reduce(0) { $0 + size($1) }
        var done = 0
        try progress(0, total, Self.label)
        for group in groups(of: pending, capacity: context.capacity) {
            let start = done
            try work.answer(group) { tokens in try progress(min(start + tokens, total), total, Self.label) }
            done += group.count * circumstances.maximumTokens
            let measured = done
            try work.measure(group) { share in
                try progress(
                    measured + Int(share * Double(group.reduce(0) { $0 + size($1) }) / 2), total, Self.label)
            }
            done = start + group.reduce(0) { $0 + size($1) }
            try progress(done, total, Self.label)
        }
        let finished = work.outcomes
        let open = Set(pending.map(\.key))
        return SweepOutcome(
            answers: jobs.map { SweepAnswer($0.cell, outcome: finished[$0.key]) },
            reusedCount: jobs.count { !open.contains($0.key) },
            answerSeconds: work.answerSeconds, measureSeconds: work.measureSeconds)
    }

    private static let label = "answering and measuring"

    /// Jobs whose prompts and answers fit into the cache together; one that does not fit stands alone, and
    /// fails with the generator's own words.
    private func groups(of jobs: [SweepJob], capacity: Int) -> [[SweepJob]] {
        var groups: [[SweepJob]] = []
        var cells = 0
        for job in jobs {
            let needed = job.prompt.count + circumstances.maximumTokens
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
}
