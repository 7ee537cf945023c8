import Glibc

extension FileError {
    /// The error of a system call that failed with `number` while `action` was being done.
    static func system(_ number: Int32, path: String, while action: String) -> FileError {
        let kind: Kind =
            switch number {
            case ENOENT, ENOTDIR: .fileNotFound
            case EISDIR: .isAFolder
            case EACCES, EPERM, EROFS: .notPermitted
            case ENOSPC, EDQUOT: .diskFull
            // The limit that `ulimit -f` sets, or the largest file of the file system.
            case EFBIG: .fileTooLarge
            case ENAMETOOLONG: .nameTooLong
            case ELOOP: .linkLoop
            case ENOMEM: .outOfMemory
            case EMFILE, ENFILE: .tooManyOpenFiles
            default: .systemCall
            }
        return FileError(kind, path: path, detail: "\(action): \(reason(number))")
    }

    /// The same for a file that is being made: what cannot be found then is its folder.
    static func writing(_ number: Int32, path: String, while action: String) -> FileError {
        var error = system(number, path: path, while: action)
        if error.kind == .fileNotFound { error.kind = .missingFolder }
        return error
    }

    /// The system's own words for an error number.
    private static func reason(_ number: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            // The thread-safe one: `strerror` shares one buffer between threads.
            guard let start = buffer.baseAddress, strerror_r(number, start, buffer.count) == 0 else {
                return "error \(number)"
            }
            return String(cString: start)
        }
    }

    /// What a file that is not a regular one is.
    static func irregular(_ mode: mode_t, path: String) -> FileError {
        switch mode & S_IFMT {
        case S_IFDIR: FileError(.isAFolder, path: path, detail: "is a folder, not a file")
        case S_IFIFO: FileError(.notARegularFile, path: path, detail: "is a pipe, not a file")
        case S_IFSOCK: FileError(.notARegularFile, path: path, detail: "is a socket, not a file")
        case S_IFCHR, S_IFBLK: FileError(.notARegularFile, path: path, detail: "is a device, not a file")
        default: FileError(.notARegularFile, path: path, detail: "is not a regular file")
        }
    }
}
