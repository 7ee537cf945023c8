import Runs

/// Where finished and unfinished sweeps are: `$TILLER_HOME/runs.sqlite`.
enum KeptRuns {
    /// Opens the file, and makes it and its folder where they do not exist.
    static func open() throws -> RunStore {
        let root = try ModelStore.standard().root
        try FileSystem.makeFolder(root)
        return try RunStore(path: root + "/runs.sqlite")
    }
}
