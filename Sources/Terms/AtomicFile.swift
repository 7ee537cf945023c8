import Glibc

/// Writes a file so that its name holds the old contents or the new ones, and never a part.
///
/// The bytes go to a hidden file beside the target (`.name.0123abcd.partial`), reach the disk (`fsync`), take
/// the target's name (`rename`), and the folder's entry reaches the disk too. A failure removes the hidden
/// file, and so does Ctrl-C (`removePartialOnSignals`); a killed process leaves it behind, and the target as
/// it was. A program that has the old file mapped keeps the old contents.
public enum AtomicFile {
    /// Writes what `body` puts into the writer to `path`, and returns what `body` returns.
    ///
    /// A symbolic link stays a link: the file that it leads to is replaced. A new file may be read by all and
    /// written by its owner, less the process's `umask`; one that is replaced keeps its permissions, and is
    /// refused where they do not let it be written (`notPermitted`). A file that takes standard output or
    /// standard error is refused (`wouldReplaceStream`).
    ///
    /// - Parameters:
    ///   - path: The file to make or replace.
    ///   - inputs: Files that are being read: `wouldReplaceInput` is thrown where one of them is
    ///     the target under any spelling, symbolic link or hard link. One that does not exist keeps
    ///     its name in its folder.
    ///   - body: Writes the contents; whatever it throws is thrown on.
    /// - Throws: `FileError`, or what `body` throws.
    public static func write<Result>(
        to path: String, refusing inputs: [String] = [], _ body: (inout Writer) throws -> Result
    ) throws -> Result {
        let target = try AtomicTarget(path)
        try target.refuse(inputs)
        let (descriptor, temporary) = try target.openTemporary()
        let remembered = LivePartial.remember(temporary)
        defer { LivePartial.forget(remembered) }
        do {
            // A descriptor is closed once, also where closing fails: the system has let go of it then.
            var isOpen = true
            defer { if isOpen { close(descriptor) } }
            var writer = Writer(descriptor: descriptor, path: path)
            let result = try body(&writer)
            try writer.flush()
            guard fsync(descriptor) == 0 else {
                throw FileError.writing(errno, path: path, while: "cannot bring it to the disk")
            }
            isOpen = false
            guard close(descriptor) == 0 else {
                throw FileError.writing(errno, path: path, while: "cannot close it")
            }
            guard rename(temporary, target.path) == 0 else {
                throw FileError.writing(errno, path: path, while: "cannot give it its name")
            }
            try target.synchronizeFolder()
            return result
        } catch {
            // After the rename there is nothing of this name left to remove.
            unlink(temporary)
            throw error
        }
    }

    /// Writes bytes to `path` in one go.
    public static func write(
        _ bytes: some Collection<UInt8>, to path: String, refusing inputs: [String] = []
    ) throws(FileError) {
        do {
            try write(to: path, refusing: inputs) { writer in try writer.write(bytes) }
        } catch let error as FileError {
            throw error
        } catch {
            preconditionFailure("writing bytes throws file errors only")
        }
    }
}
