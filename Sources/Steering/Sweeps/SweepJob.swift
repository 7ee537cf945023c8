import Generation
import Terms
import Transformer

/// One place of a sweep with all that it takes to answer it.
struct SweepJob {
    let cell: SweepCell
    /// What the model reads.
    let prompt: [TokenID]
    /// What its answer is measured after: for an instruction the prompt without it, so that all perplexities
    /// are those of one question.
    let plainPrompt: [TokenID]
    let interventions: [Intervention]
    let sampling: SamplingOptions
    let key: AnswerKey
    let textKey: AnswerKey
}

extension Sweep {
    /// A job for every place, in the order of `cells`.
    ///
    /// - Throws: What a plan throws, before anything is computed.
    func jobs() throws -> [SweepJob] {
        let meters = subjects.map {
            (forced: $0.meterName(isForced: true), unforced: $0.meterName(isForced: false))
        }
        var plans: [SweepCell: [Intervention]] = [:]
        return try cells.map { cell in
            let subject = subjects[cell.vector]
            let plain = prompts[cell.prompt].tokens
            var prompt = plain
            if let side = cell.side { prompt = subject.instructed[side]?[cell.prompt] ?? plain }
            // The plan is that of the strength, whatever the question.
            var place = cell
            (place.prompt, place.draw) = (0, 0)
            let interventions = try plans[place] ?? plan(cell, of: subject)
            plans[place] = interventions
            let steering =
                interventions.isEmpty
                ? nil : "\(cell.arm.rawValue) \(subject.digest(in: cell.arm)) \(cell.strength)"
            let meter =
                (cell.isForced ? meters[cell.vector].forced : meters[cell.vector].unforced)
                + (prompt == plain ? "" : " after \(plain.map(\.index))")
            var circumstances = circumstances
            circumstances.sampling.seed &+= UInt64(cell.draw)
            return try SweepJob(
                cell: cell, prompt: prompt, plainPrompt: plain, interventions: interventions,
                sampling: circumstances.sampling,
                key: AnswerKey(prompt: prompt, steering: steering, meter: meter, in: circumstances),
                textKey: AnswerKey(prompt: prompt, steering: steering, meter: nil, in: circumstances))
        }
    }

    private func plan(_ cell: SweepCell, of subject: Subject) throws -> [Intervention] {
        if cell.strength == 0 { return [] }
        switch cell.arm {
        case .vector: return try subject.plan(cell.strength).interventions
        case .random: return try subject.random?.plan(cell.strength).interventions ?? []
        case .instruction: return []
        }
    }

    /// The keys of all places, in their order: what a run is made of.
    ///
    /// - Throws: What a plan throws.
    public func places() throws -> [(cell: SweepCell, key: AnswerKey)] {
        try jobs().map { ($0.cell, $0.key) }
    }

    /// All answers of the sweep under their names, for a memory that has lost them.
    ///
    /// - Parameter answers: One for each place, in their order; those that were not answered are left out.
    /// - Throws: What a plan throws.
    public func kept(_ answers: [SweepAnswer]) throws -> [KeptAnswer] {
        try zip(jobs(), answers).compactMap { job, answer in
            answer.outcome.map { KeptAnswer(key: job.key, textKey: job.textKey, outcome: $0) }
        }
    }
}

extension Sweep.Subject {
    /// The hash of what moves the model in an arm.
    fileprivate func digest(in arm: SweepCell.Arm) -> String {
        arm == .random ? random?.digest ?? "" : digest
    }

    /// All that decides what its answers are measured by.
    func meterName(isForced: Bool) -> String {
        let choices = (isForced ? measurer.choices : []).map {
            "\($0.positive.map(\.index)) \($0.negative.map(\.index))"
        }
        return "\(digest) \(measurer.markers.positive) \(measurer.markers.negative) \(choices)"
    }
}

extension SweepCell {
    /// Whether its first words are forced to a choice. After an instruction that says nothing, since the
    /// choice would be forced after the prompt without it; and it is the same in every draw.
    var isForced: Bool { arm != .instruction && draw == 0 }
}
