public import GGUF
import Glibc

/// Opens a model whatever it is stored as: a GGUF file (of a split one the first part), or the folder of a checkpoint.
///
/// - Throws: `GGUFError` or `ConversionError`.
public func openModel(path: String) throws -> any ModelSource {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        return try GGUFFile(path: path)
    }
    guard access(path + "/config.json", F_OK) == 0 else {
        throw ConversionError(
            .notACheckpoint, path: path, field: "folder", found: "no config.json",
            allowed: "a checkpoint's folder")
    }
    return try CheckpointSource(path: path)
}
