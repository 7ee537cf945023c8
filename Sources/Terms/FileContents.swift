import Glibc

/// The bytes of one file, mapped or held in memory, that never change and never move.
///
/// Mapping costs no reading: pages come in when they are touched, and several processes share them.
/// The price is a rule: **a mapped file must not be shortened or rewritten in place while it is open**.
/// A page that has gone ends the process with SIGBUS, which no error handling sees. Whatever Tiller
/// writes replaces files whole (`AtomicFile`), so that an open file keeps its old contents.
///
/// `@unchecked Sendable`: `bytes` is written once, in the initialiser, and only read after it; the
/// memory behind it is never written to and lives until `deinit`, which runs when no one holds it.
public final class FileContents: @unchecked Sendable {
    /// The path as it was given, for messages.
    public let path: String

    /// All bytes of the file; valid while this object lives.
    public let bytes: UnsafeRawBufferPointer

    private let isMapped: Bool

    /// Maps a regular file.
    ///
    /// The kind and the size are asked of the open descriptor, so that nobody can swap the file between
    /// the check and the use. Pipes, folders and devices are refused, and opening them does not wait.
    public init(path: String) throws(FileError) {
        guard !path.utf8.contains(0) else {
            throw FileError(.fileNotFound, path: path, detail: "no path has a zero byte in it")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .system(errno, path: path, while: "cannot open it")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .system(errno, path: path, while: "cannot tell its size")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .irregular(status.st_mode, path: path)
        }
        self.path = path
        let count = Int(status.st_size)
        // The system refuses to map nothing.
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            isMapped = false
            return
        }
        let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let start, start != MAP_FAILED else {
            throw .system(errno, path: path, while: "cannot map it")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
        isMapped = true
    }

    /// Holds a copy of bytes that did not come from a file, in a block of exactly their size: a reader
    /// that steps over the end by one is seen by the address sanitizer.
    public init(copying source: some Collection<UInt8>, path: String = "memory") {
        self.path = path
        isMapped = false
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 16)
        copy.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(copy)
    }

    /// Tells the system that none of a mapped file will be read soon.
    public func letGo() { letGo(bytes) }

    /// Tells the system that a part of a mapped file will not be read soon; its pages come back from the file
    /// if it is. Bytes in memory, and those of others, stay.
    public func letGo(_ part: UnsafeRawBufferPointer) {
        guard isMapped, let first = part.baseAddress, let base = bytes.baseAddress, first >= base,
            first + part.count <= base + bytes.count
        else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (Int(bitPattern: first) + page - 1) / page * page
        let end = (Int(bitPattern: first) + part.count) / page * page
        if end > start { madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_DONTNEED) }
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }
}
