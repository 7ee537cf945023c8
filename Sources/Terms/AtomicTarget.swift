import Glibc

/// Where an atomic write goes: the file behind any symbolic link, and the folder that holds it.
struct AtomicTarget {
    /// The path as the caller wrote it, for messages.
    private let given: String
    /// The file that gets the name.
    let path: String
    private let folder: String
    private let name: String
    /// What the file that is replaced lets whom do; nil for a new one.
    private let mode: mode_t?

    /// Finds the place and refuses what is not a file or cannot become one.
    init(_ given: String) throws(FileError) {
        self.given = given
        try AtomicFile.checkName(given)
        path = try Self.resolved(given)
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { throw .irregular(status.st_mode, path: given) }
            try Self.refuseStreams(status, path: given)
            // A rename asks the folder alone.
            guard faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 else {
                throw .writing(errno, path: given, while: "cannot write it")
            }
            mode = status.st_mode & 0o777
        } else if errno == ENOENT || errno == ENOTDIR {
            mode = nil
        } else {
            // The hidden file's name is cut to a length that fits, and says nothing of this one.
            throw .writing(errno, path: given, while: "cannot write it")
        }
        (folder, name) = Self.parts(of: path)
        guard !name.isEmpty else {
            throw FileError(.isAFolder, path: given, detail: "names no file")
        }
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw FileError(.missingFolder, path: given, detail: "there is no folder \(folder)")
        }
    }

    private static func resolved(_ path: String) throws(FileError) -> String {
        guard !path.utf8.contains(0) else {
            throw FileError(.fileNotFound, path: path, detail: "no path has a zero byte in it")
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
        guard let real = realpath(path, nil) else {
            if errno == ELOOP { throw .writing(errno, path: path, while: "cannot follow the link") }
            throw FileError(.fileNotFound, path: path, detail: "is a link to a file that does not exist")
        }
        defer { free(real) }
        return String(cString: real)
    }

    /// The folder of a path and the name in it.
    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        return (
            slash == path.startIndex ? "/" : String(path[..<slash]),
            String(path[path.utf8.index(after: slash)...])
        )
    }

    /// Throws where standard output or standard error goes to the file that would be replaced: what is
    /// printed from then on would go to a file without a name.
    private static func refuseStreams(_ target: stat, path: String) throws(FileError) {
        for (descriptor, words) in [
            (STDOUT_FILENO, "is where standard output goes"), (STDERR_FILENO, "is where standard error goes"),
        ] {
            var status = stat()
            if fstat(descriptor, &status) == 0, areSame(status, target) {
                throw FileError(.wouldReplaceStream, path: path, detail: words)
            }
        }
    }

    /// Throws where one of the inputs is the file that would be replaced: the same device and inode, or,
    /// since files that come and go count while they are not there, the same name in the same folder.
    func refuse(_ inputs: [String]) throws(FileError) {
        for input in inputs where Self.areOneFile(path, input) {
            throw FileError(
                .wouldReplaceInput, path: given,
                detail: input == given ? "is also used by this command" : "is the same file as \(input)")
        }
    }

    /// Whether both paths lead to one file, or would, were it there: they name the same place.
    static func areOneFile(_ first: String, _ second: String) -> Bool {
        let (one, other) = (parts(of: first), parts(of: second))
        return isSame(first, second) || one.name == other.name && isSame(one.folder, other.folder)
    }

    /// Whether both paths lead to one file or folder; false where one of them leads nowhere.
    private static func isSame(_ first: String, _ second: String) -> Bool {
        var (one, other) = (stat(), stat())
        return stat(first, &one) == 0 && stat(second, &other) == 0 && areSame(one, other)
    }

    private static func areSame(_ first: stat, _ second: stat) -> Bool {
        first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Makes the hidden file beside the target; nobody else's is taken.
    func openTemporary() throws(FileError) -> (descriptor: Int32, path: String) {
        var generator = SystemRandomNumberGenerator()
        while true {
            let mark = String(generator.next() as UInt32, radix: 16)
            // A file name has at most 255 bytes.
            let stem = String(decoding: name.utf8.prefix(200), as: UTF8.self)
            let temporary = "\(folder)/.\(stem).\(mark).partial"
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode ?? 0o644)
            if descriptor >= 0 {
                // What the umask took. File systems without modes refuse this, and give all files the same.
                if let mode { fchmod(descriptor, mode) }
                return (descriptor, temporary)
            }
            guard errno == EEXIST || errno == EINTR else {
                throw .writing(errno, path: given, while: "cannot write into the folder \(folder)")
            }
        }
    }

    /// Brings the new name to the disk. File systems that cannot do this for folders say EINVAL.
    func synchronizeFolder() throws(FileError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that may be written to but not listed cannot be opened; the rename has been done.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw .writing(errno, path: given, while: "cannot bring the folder \(folder) to the disk")
        }
    }
}
