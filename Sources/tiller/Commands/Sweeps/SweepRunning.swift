import Dispatch
import Foundation
import Generation
import Runs
import Steering
import Tokenizers
import Transformer

/// Runs a sweep with a bar, and keeps it.
struct SweepRunning {
    let sweep: Sweep
    let report: SweepReport
    /// Where answers are kept; nil for nowhere.
    let store: RunStore?

    /// A sweep that has ended.
    struct Finished {
        var report: SweepReport
        var outcome: SweepOutcome
        /// Its number among the kept runs; nil where nothing is kept.
        var number: Int?
        var seconds: Double
    }

    /// Answers and measures all that is not kept already.
    func run(in context: InferenceContext, tokenizer: Tokenizer) throws -> Finished {
        let places = try sweep.places()
        let number = try store?.begin(
            report, key: AnswerKey.run(of: places), places: places, now: Date().timeIntervalSince1970)
        let progress = StagedProgress()
        defer { progress.finish() }
        let start = DispatchTime.now()
        let outcome = try sweep.run(
            in: context, tokenizer: tokenizer, memory: store, progress: progress.report)
        progress.finish()
        var report = report
        report.answers = outcome.answers
        if let number { try store?.finish(number, report, now: Date().timeIntervalSince1970) }
        return Finished(report: report, outcome: outcome, number: number, seconds: start.seconds)
    }
}
