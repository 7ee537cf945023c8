import Glibc
import Synchronization

/// The hidden file of the write that is being done, for whatever ends the process: a handler of signals may
/// look at no more than this.
///
/// It holds one: where several are written at the same time, the first.
enum LivePartial {
    /// A copy of the path. It moves by atomic exchanges alone, and whoever takes it out may use it.
    private nonisolated(unsafe) static let path = Atomic<UnsafeMutablePointer<CChar>?>(nil)

    /// Remembers a hidden file until `forget`, unless another one is remembered.
    static func remember(_ temporary: String) -> UnsafeMutablePointer<CChar>? {
        guard let copy = strdup(temporary) else { return nil }
        if path.compareExchange(expected: nil, desired: copy, ordering: .acquiringAndReleasing).exchanged {
            return copy
        }
        free(copy)
        return nil
    }

    /// Forgets what `remember` gave. What a signal has taken stays with it: the process ends.
    static func forget(_ copy: UnsafeMutablePointer<CChar>?) {
        guard let copy,
            path.compareExchange(expected: copy, desired: nil, ordering: .acquiringAndReleasing).exchanged
        else { return }
        free(copy)
    }

    /// Removes the file. Safe within a handler of signals: an exchange, and `unlink`.
    static func remove() {
        if let taken = path.exchange(nil, ordering: .acquiringAndReleasing) { unlink(taken) }
    }
}

extension AtomicFile {
    /// Lets SIGINT, SIGTERM and SIGHUP remove the hidden file before they end the process, as without it. One
    /// that is ignored, as under `nohup`, stays so.
    public static func removePartialOnSignals() {
        // Once here, so that no handler is the first to ask for the place.
        LivePartial.forget(LivePartial.remember(""))
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let before = signal(number) { received in
                LivePartial.remove()
                // Held back until the handler ends, and then the end.
                signal(received, SIG_DFL)
                raise(received)
            }
            if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
                signal(number, SIG_IGN)
            }
        }
    }
}
