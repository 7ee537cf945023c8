import Glibc

/// Keeps a second process from fetching the same file. The system lets go of it when the
/// process ends, however it ends.
struct FileLock {
    private let descriptor: Int32

    /// Takes the lock, or says that someone else has it.
    init(_ path: String) throws(DownloadProblem) {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw .toolFailed(tool: "open", detail: "\(path): \(FileSystem.reason())")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw .isBeingFetched(path: path)
            }
            if Self.isFile(descriptor, at: path) {
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    /// Whoever had the lock may have removed its file since it was opened here: such a
    /// lock would keep nobody out.
    private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        var (opened, found) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(path, &found) == 0
            && opened.st_dev == found.st_dev && opened.st_ino == found.st_ino
    }

    func release() { close(descriptor) }
}
