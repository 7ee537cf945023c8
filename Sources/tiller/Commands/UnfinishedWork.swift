import ArgumentParser
import Steering

/// Where a long extraction keeps its unfinished work: `$TILLER_HOME/work`, so that it
/// goes on after it was killed.
enum UnfinishedWork {
    /// The work of one command, with a judge where it has one.
    ///
    /// `TILLER_KEEP_SECONDS` says after how many seconds some of it is kept, and how
    /// often; 0 for after every pass.
    static func standard(judge: ChatEndpoint? = nil) -> ExtractionWork {
        // Without a cache the work is not kept; the command itself needs none.
        let folder = (try? ModelStore.standard()).map { $0.root + "/work" }
        let interval = Terminal.environment("TILLER_KEEP_SECONDS").flatMap(Double.init) ?? .nan
        return ExtractionWork(
            folder: folder, interval: interval >= 0 ? interval : ExtractionWork.standardInterval,
            judgeAddress: judge?.address.text)
    }
}

extension ExtractionWork {
    /// Tells a person what was found of earlier work, once the work is done; says nothing
    /// of the same thing twice.
    func sayWhatWasFound() {
        warnings.forEach { warn("unfinished work was not used or kept: \($0)") }
        if resumedPrompts > 0 {
            note(
                "went on where an earlier run had stopped: \(Quantity.counted(resumedPrompts, "prompt")) were done"
            )
        }
    }
}
