import Glibc

extension AtomicFile {
    /// Finds out whether `write` would be let to write there, so that minutes of work are not done for a path
    /// that cannot take them. Makes the hidden file and removes it again; the target is not touched.
    ///
    /// - Parameters:
    ///   - path: The file that is going to be made or replaced.
    ///   - inputs: Files that are being read, as in `write`.
    public static func check(_ path: String, refusing inputs: [String] = []) throws(FileError) {
        let target = try AtomicTarget(path)
        try target.refuse(inputs)
        let (descriptor, temporary) = try target.openTemporary()
        close(descriptor)
        unlink(temporary)
    }

    /// Refuses `-`, which means a stream wherever something is read, and would be a file's name here.
    ///
    /// - Throws: `notAName`.
    public static func checkName(_ path: String) throws(FileError) {
        guard path != "-" else {
            throw FileError(
                .notAName, path: path, detail: "results are written to files, not to standard output")
        }
    }

    /// Whether what is written to one path would go to the file at another: the same device and inode or,
    /// since files that come and go count while they are not there, the same name in the same folder.
    public static func areOneFile(_ first: String, _ second: String) -> Bool {
        AtomicTarget.areOneFile(first, second)
    }
}
