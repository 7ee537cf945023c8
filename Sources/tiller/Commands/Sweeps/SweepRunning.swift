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
        let began = Date().timeIntervalSince1970
        let number = try begin(at: began)
        let progress = StagedProgress(counting: "tokens")
        defer { progress.finish() }
        let start = DispatchTime.now()
        let outcome = try sweep.run(
            in: context, tokenizer: tokenizer, memory: store, progress: progress.report)
        progress.finish()
        var report = report
        report.answers = outcome.answers
        return Finished(
            report: report, outcome: outcome, number: try finish(number, report, began: began),
            seconds: start.seconds)
    }

    private func begin(at now: Double) throws -> Int? {
        let places = try sweep.places()
        return try store?.begin(report, key: AnswerKey.run(of: places), places: places, now: now)
    }

    /// Ends the run and gives its number, a new one where somebody removed it while it
    /// ran, and it was put back.
    private func finish(_ number: Int?, _ report: SweepReport, began: Double) throws -> Int? {
        guard let store, let number else { return nil }
        let now = Date().timeIntervalSince1970
        if try store.finish(number, report, now: now) { return number }
        let again = try begin(at: began)
        try store.keep(try sweep.kept(report.answers))
        if let again {
            try store.finish(again, report, now: now)
            warn("run \(number) was removed while it ran; it is kept as run \(again)")
        }
        return again
    }
}
