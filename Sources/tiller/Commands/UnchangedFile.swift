import Terms

/// A file as it was when a command began that is going to replace it in the end.
struct UnchangedFile {
    private let path: String
    /// A copy: a mapped file that is rewritten in place shows what it is now.
    private let bytes: [UInt8]

    /// Reads the file.
    init(_ path: String) throws(FileError) {
        self.path = path
        bytes = try Self.bytes(of: path)
    }

    private static func bytes(of path: String) throws(FileError) -> [UInt8] {
        let contents = try FileContents(path: path)
        return withExtendedLifetime(contents) { Array(contents.bytes) }
    }

    /// Throws where the file is gone, or holds something else by now: what was computed from the
    /// old one must not replace it.
    ///
    /// - Parameter work: What was done meanwhile, for example `calibrated`.
    func check(whileIt work: String) throws(TillerError) {
        guard let now = try? Self.bytes(of: path) else {
            throw .unusableInput(
                path: path, reason: "it was removed while it was \(work), so nothing was written",
                remedy: "put it back, then run the same command again")
        }
        guard now == bytes else {
            throw .unusableInput(
                path: path, reason: "it was changed while it was \(work), so nothing was written",
                remedy: "run the same command again")
        }
    }
}
