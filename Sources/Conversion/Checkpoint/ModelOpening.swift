public import GGUF
import Glibc

/// Opens a model whatever it is stored as: a GGUF file (of a split one the first part), or
/// the folder of a checkpoint.
///
/// - Throws: `GGUFError` or `ConversionError`.
public func openModel(path: String) throws -> any ModelSource {
    isFolder(path) ? try CheckpointSource(path: path) : try GGUFFile(path: path)
}

private func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

extension CheckpointSource {
    /// Refuses what is no folder with a configuration in it, and a base with an adapter beside it: the
    /// base alone is another model.
    static func checkFolder(_ path: String) throws(ConversionError) {
        let hasAdapter = access(path + "/adapter_config.json", F_OK) == 0
        let hasConfiguration = access(path + "/config.json", F_OK) == 0
        guard hasAdapter || !hasConfiguration else { return }
        let found =
            if access(path, F_OK) != 0 {
                "nothing of that name"
            } else if !isFolder(path) {
                "a file"
            } else if hasConfiguration {
                "an adapter beside its base: merge them, or move adapter_config.json away for the base alone"
            } else if hasAdapter {
                "an adapter, which has to be merged into its base first"
            } else {
                "no config.json"
            }
        throw ConversionError(
            .notACheckpoint, path: path, field: "folder", found: found, allowed: "a checkpoint's folder")
    }
}
