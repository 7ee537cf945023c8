import Dispatch
import Glibc
import Synchronization

/// Ctrl-C: it ends the answer that is being made, and never the chat.
final class Interrupt: Sendable {
    private let isAnswering = Mutex(false)
    private let isPressed = Atomic<Bool>(false)
    /// Immutable after `init`.
    private nonisolated(unsafe) let source: any DispatchSourceSignal

    /// Takes the signal over, for as long as this object lives.
    ///
    /// - Parameter whenIdle: Runs where there is no answer to end.
    init(whenIdle: @escaping @Sendable () -> Void) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global(qos: .userInteractive))
        source.setEventHandler { [weak self] in
            guard let self else { return }
            if self.isAnswering.withLock({ $0 }) {
                self.isPressed.store(true, ordering: .relaxed)
            } else {
                whenIdle()
            }
        }
        source.resume()
    }

    deinit {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }

    /// Whether it has been pressed since the answer began.
    var isRaised: Bool { isPressed.load(ordering: .relaxed) }

    /// Runs a piece of work that may be ended.
    func during<Result>(_ work: () throws -> Result) rethrows -> Result {
        isPressed.store(false, ordering: .relaxed)
        isAnswering.withLock { $0 = true }
        defer { isAnswering.withLock { $0 = false } }
        return try work()
    }
}
