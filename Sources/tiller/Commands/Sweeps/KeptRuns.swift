import Runs
import Terms

/// Where finished and unfinished sweeps are: `$TILLER_HOME/runs.sqlite`.
enum KeptRuns {
    /// Opens the file, and makes it and its folder where they do not exist.
    static func open() throws -> RunStore {
        let root = try ModelStore.standard().root
        try FileSystem.makeFolder(root)
        return try RunStore(path: path(in: root))
    }

    /// Opens the file where there is one; nil before the first sweep. Whoever only looks makes nothing.
    static func openExisting() throws -> RunStore? {
        let path = path(in: try ModelStore.standard().root)
        return FileSystem.exists(path) ? try RunStore(path: path) : nil
    }

    /// Opens the file for some of its runs.
    ///
    /// - Throws: `unknownRun` where there is no file, and so none of them.
    static func open(for numbers: [Int]) throws -> RunStore {
        if let store = try openExisting() { return store }
        throw RunsError.unknownRun(numbers.first ?? 0, path: path(in: try ModelStore.standard().root))
    }

    /// The file and what SQLite keeps beside it, none of which anything else may replace; none where
    /// there is no place for them.
    static var files: [String] {
        guard let root = try? ModelStore.standard().root else { return [] }
        return ["", "-wal", "-shm", "-journal"].map { path(in: root) + $0 }
    }

    private static func path(in root: String) -> String { root + "/runs.sqlite" }
}

extension AtomicFile {
    /// Finds out before any work whether a command may write its result there: over nothing that it reads,
    /// and not over the kept runs.
    static func checkOutput(_ path: String, refusing inputs: [String]) throws(FileError) {
        try check(path, refusing: inputs + KeptRuns.files)
    }
}
