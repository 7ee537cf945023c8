import Foundation
import Glibc
import Terms

/// An append-only log of what readout heads have done: one JSON object a line.
///
/// The file is opened for appending and nothing else, and each entry is one `write` of one line, so that
/// several processes may share a log without tearing each other's lines, and a process that is killed leaves
/// whole lines. What ends an answer is on the disk (`fsync`) before anyone is told.
public final class AuditLog {
    private let descriptor: Int32
    private let path: String

    /// Opens a log, and makes the file where there is none.
    ///
    /// - Parameter inputs: Files that are read and must not be written to.
    /// - Throws: `SteeringError.auditFailed` for anything but a regular file that can be appended to.
    public init(path: String, refusing inputs: [String] = []) throws(SteeringError) {
        self.path = path
        do {
            try AtomicFile.checkName(path)
        } catch {
            throw Self.failure(path, "\(error.detail); the file of that name is ./-")
        }
        // Before it is opened, for that makes a file where there is none.
        if let input = inputs.first(where: { AtomicFile.areOneFile(path, $0) }) {
            throw Self.failure(path, "it is \(input), which this command must not write to")
        }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path, String(cString: strerror(errno))) }
        self.descriptor = descriptor
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw Self.failure(path, "it is no regular file")
        }
        // A link may have led to none of them until now.
        for input in inputs {
            var other = stat()
            if stat(input, &other) == 0, other.st_dev == info.st_dev, other.st_ino == info.st_ino {
                throw Self.failure(path, "it is \(input), which this command must not write to")
            }
        }
        try closeTornLine()
    }

    deinit { close(descriptor) }

    /// Appends an entry.
    public func append(_ entry: AuditEntry) throws(SteeringError) {
        guard let line = try? entry.line() else { throw Self.failure(path, "the entry is no JSON") }
        flock(descriptor, LOCK_EX)
        defer { flock(descriptor, LOCK_UN) }
        try write(line)
        if entry.isFinal, fsync(descriptor) != 0 {
            throw Self.failure(path, String(cString: strerror(errno)))
        }
    }

    /// A machine that lost power may have left half a line; what follows must not become part of it.
    ///
    /// Under the lock, because a line that another process is writing looks torn for as long as
    /// it grows over a page's end.
    private func closeTornLine() throws(SteeringError) {
        let reader = open(path, O_RDONLY | O_CLOEXEC)
        guard reader >= 0 else { return }
        defer { close(reader) }
        flock(descriptor, LOCK_EX)
        defer { flock(descriptor, LOCK_UN) }
        var info = stat()
        guard fstat(reader, &info) == 0, info.st_size > 0 else { return }
        var last: UInt8 = 0
        if pread(reader, &last, 1, info.st_size - 1) == 1, last != UInt8(ascii: "\n") {
            try write([UInt8(ascii: "\n")])
        }
    }

    /// All of it or nothing: what a full disk has taken of a line is taken back.
    private func write(_ bytes: [UInt8]) throws(SteeringError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                var info = stat()
                if written > 0, fstat(descriptor, &info) == 0 {
                    ftruncate(descriptor, info.st_size - off_t(written))
                }
                throw Self.failure(path, reason)
            }
            written += count
        }
    }

    private static func failure(_ path: String, _ reason: String) -> SteeringError {
        SteeringError(
            .auditFailed, "\(path): the audit log cannot be written: \(reason)",
            remedy: "name a file in a folder that exists and can be written, where there is room")
    }
}
