import Dispatch
import Synchronization

/// Says on standard error how far a piece of work is: a bar on a terminal, a plain line every ten seconds and
/// one at the end elsewhere, and nothing at all for work of less than a second.
///
/// A timer draws; `update` only stores a number, so that it can be called for every token
/// and from any thread.
final class Progress: Sendable {
    /// How progress is shown.
    enum Style: Sendable, Equatable {
        /// A bar that is drawn over itself.
        case bar
        /// Lines for a log.
        case lines
        /// Not at all.
        case silent
    }

    /// Work of less than this many seconds is not spoken of.
    static let patience = 1.0
    /// Seconds between two lines in a log.
    static let lineInterval = 10.0
    /// Seconds between two drawings of a bar.
    private static let frameInterval = 0.1

    private struct State {
        var line: ProgressLine
        var start: DispatchTime
        var isDrawn = false
        var isFinished = false
    }

    private let style: Style
    private let state: Mutex<State>
    /// Immutable after `init`; a dispatch source may be cancelled from any thread.
    private nonisolated(unsafe) let timer: (any DispatchSourceTimer)?

    /// Work that starts now.
    init(
        _ label: String, unit: ProgressLine.Unit = .none, total: Int? = nil, style: Style = .standard
    ) {
        self.style = style
        state = Mutex(
            State(line: ProgressLine(label: label, unit: unit, total: total), start: DispatchTime.now()))
        guard style != .silent else {
            timer = nil
            return
        }
        let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
        let first = style == .bar ? Self.patience : Self.lineInterval
        let interval = style == .bar ? Self.frameInterval : Self.lineInterval
        timer.schedule(deadline: .now() + first, repeating: interval)
        self.timer = timer
        timer.setEventHandler { [weak self] in self?.draw() }
        timer.resume()
    }

    deinit { timer?.cancel() }

    /// Says how many are done, and how many there will be where that has become known.
    func update(_ completed: Int, of total: Int? = nil) {
        state.withLock { state in
            state.line.completed = completed
            if let total { state.line.total = total }
        }
    }

    /// Goes on to the next stage of the work; the clock starts again.
    func begin(_ label: String, unit: ProgressLine.Unit = .none, total: Int? = nil) {
        close(isFinished: false)
        state.withLock { state in
            state.line = ProgressLine(label: label, unit: unit, total: total)
            state.start = DispatchTime.now()
        }
    }

    /// Takes the bar away, or closes the log with a line. Calls after the first do nothing.
    func finish() {
        timer?.cancel()
        close(isFinished: true)
    }

    private func close(isFinished: Bool) {
        let closing: String? = state.withLock { state in
            guard !state.isFinished else { return nil }
            state.isFinished = isFinished
            let seconds = Self.seconds(since: state.start)
            let wasDrawn = state.isDrawn
            state.isDrawn = false
            switch style {
            case .bar: return wasDrawn ? Self.erase : nil
            case .lines: return seconds >= Self.patience ? state.line.closing(after: seconds) + "\n" : nil
            case .silent: return nil
            }
        }
        if let closing { try? StandardStream.error.write(closing) }
    }

    /// Runs on the timer's queue. Drawing happens under the lock, so that nothing is drawn after `finish`.
    private func draw() {
        state.withLock { state in
            guard !state.isFinished else { return }
            let seconds = Self.seconds(since: state.start)
            guard seconds >= Self.patience else { return }
            state.isDrawn = true
            let text =
                style == .bar
                ? Self.erase + state.line.bar(after: seconds, width: Terminal.columns(of: .error))
                : state.line.plain(after: seconds) + "\n"
            try? StandardStream.error.write(text)
        }
    }

    /// To the start of the line, and clear to its end.
    private static let erase = "\r\u{1B}[K"

    private static func seconds(since start: DispatchTime) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
    }
}

extension Progress.Style {
    /// What suits standard error.
    static var standard: Progress.Style { Terminal.current.errorIsTerminal ? .bar : .lines }
}
