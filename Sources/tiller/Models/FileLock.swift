import Glibc

/// Keeps a second process from fetching the same file. The system lets go of it when the process ends, however it ends.
struct FileLock {
    private let descriptor: Int32

    /// Takes the lock, or says that someone else has it.
    init(_ path: String) throws(DownloadProblem) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .toolFailed(tool: "open", detail: "\(path): \(FileSystem.reason())")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .isBeingFetched(path: path)
        }
    }

    func release() { close(descriptor) }
}
