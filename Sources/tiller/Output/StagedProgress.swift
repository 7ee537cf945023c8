import Synchronization

/// Progress of work that tells its stages itself: so many of so many, and what is being done.
final class StagedProgress: Sendable {
    private let progress = Progress("working")
    private let label = Mutex("")
    /// What the steps are, in the plural.
    private let unit: String

    /// Work that has not begun.
    ///
    /// - Parameter unit: What is counted, where all stages count the same: `tokens`.
    init(counting unit: String = "") { self.unit = unit }

    /// Hears of a step; a new label begins a new stage.
    func report(_ completed: Int, _ total: Int, _ label: String) {
        let isNew = self.label.withLock { current in
            defer { current = label }
            return current != label
        }
        if isNew { progress.begin(label, unit: .things(unit), total: total) }
        progress.update(completed, of: total)
    }

    /// Takes the bar away, or closes the log with a line.
    func finish() { progress.finish() }
}
