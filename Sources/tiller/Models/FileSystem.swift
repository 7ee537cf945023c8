import Glibc

/// The few questions and changes that the model cache needs.
enum FileSystem {
    /// Bytes of a regular file, links followed; nil where there is none.
    static func size(of path: String) -> Int? {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(info.st_size)
    }

    /// Whether anything is there, links followed.
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Whether a folder is there.
    static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws(TillerError) {
        if isFolder(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolder(String(path[..<slash]))
        }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw .cacheFailure(path: path, operation: "making the folder", reason: reason())
        }
    }

    /// The names in a folder, without `.` and `..`; none where there is no such folder.
    static func names(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The files in a folder and in those below it, by their paths from it; links to
    /// folders are not followed.
    static func files(in folder: String, depth: Int = 8) -> [String] {
        names(in: folder).flatMap { name -> [String] in
            var info = stat()
            guard lstat("\(folder)/\(name)", &info) == 0 else { return [] }
            guard info.st_mode & S_IFMT == S_IFDIR else { return [name] }
            return depth > 0 ? files(in: "\(folder)/\(name)", depth: depth - 1).map { "\(name)/\($0)" } : []
        }
    }

    /// Removes a file, or a folder with all that is in it; links are removed, not followed.
    static func remove(_ path: String) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return }
        guard info.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in names(in: path) { remove(path + "/" + name) }
        rmdir(path)
    }

    /// Removes a folder and those above it as long as they are empty, below `end`.
    static func removeEmptyFolders(from folder: String, upTo end: String) {
        var folder = folder
        while folder.hasPrefix(end + "/"), rmdir(folder) == 0, let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
        }
    }

    /// Bytes of all regular files in a folder.
    static func totalSize(of folder: String) -> Int {
        names(in: folder).reduce(0) { total, name in
            let path = folder + "/" + name
            var info = stat()
            guard lstat(path, &info) == 0 else { return total }
            if info.st_mode & S_IFMT == S_IFDIR { return total + totalSize(of: path) }
            return total + Int(info.st_size)
        }
    }

    /// Bytes that this user can still write to the disk of a folder; nil where the system does not say.
    static func freeSpace(at folder: String) -> Int? {
        var info = statvfs()
        guard statvfs(folder, &info) == 0 else { return nil }
        let (bytes, isTooMuch) = UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
        return isTooMuch ? Int.max : Int(clamping: bytes)
    }

    /// Appends one file to another, which is made where it does not exist; the first is gone afterwards.
    static func append(_ path: String, to target: String) throws {
        // The first part, and the only one of most models, costs nothing.
        if size(of: target) ?? 0 == 0 { return try publish(path, as: target) }
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else {
            throw TillerError.cacheFailure(path: path, operation: "opening", reason: reason())
        }
        defer { close(source) }
        let end = open(target, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard end >= 0 else {
            throw TillerError.cacheFailure(path: target, operation: "opening", reason: reason())
        }
        defer { close(end) }
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(source, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw TillerError.cacheFailure(path: path, operation: "reading", reason: reason())
            }
            if count == 0 { break }
            try block[..<count].withUnsafeBytes { try write($0, to: end, path: target) }
        }
        unlink(path)
    }

    /// Writes all bytes where the descriptor stands.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                if errno == ENOSPC || errno == EDQUOT {
                    throw DownloadProblem.diskFull(needed: nil, free: nil, path: path)
                }
                throw TillerError.cacheFailure(path: path, operation: "writing", reason: reason())
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Puts a finished file in its place: its bytes are on the disk before its name is.
    static func publish(_ path: String, as target: String) throws(TillerError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .cacheFailure(path: path, operation: "opening", reason: reason())
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .cacheFailure(path: path, operation: "flushing", reason: reason())
        }
        guard rename(path, target) == 0 else {
            throw .cacheFailure(path: target, operation: "renaming", reason: reason())
        }
    }

    /// Makes a small file, or puts a text in its place.
    static func replace(_ path: String, with text: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw TillerError.cacheFailure(path: path, operation: "opening", reason: reason())
        }
        defer { close(descriptor) }
        try Array(text.utf8).withUnsafeBytes { try write($0, to: descriptor, path: path) }
    }

    /// The first bytes of a file, at most `count`.
    static func head(of path: String, count: Int) throws(TillerError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .cannotReadInput(path: path, reason: reason()) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw .cannotReadInput(path: path, reason: reason()) }
        guard info.st_mode & S_IFMT == S_IFREG else {
            let kind = info.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is not a regular file"
            throw .cannotReadInput(path: path, reason: kind)
        }
        var bytes = [UInt8](repeating: 0, count: count)
        let found = read(descriptor, &bytes, count)
        guard found >= 0 else { throw .cannotReadInput(path: path, reason: reason()) }
        return Array(bytes.prefix(found))
    }

    /// Why the last call of the system failed.
    static func reason() -> String { String(cString: strerror(errno)) }
}
