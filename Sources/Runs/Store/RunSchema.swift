/// The tables of the file of runs.
///
///     answers      key → the answer with its measures, as JSON; text_key names the answer without what it was measured with
///     runs         one row a sweep: its key (equal for equal sweeps), when it began and ended, its report without answers
///     run_answers  the places of a run in their order, each as JSON, with the key of what answers it
enum RunSchema {
    /// "TILR", so that `file` and we know whose database it is.
    private static let application = 0x5449_4C52
    private static let version = 1

    private static let tables = """
        CREATE TABLE answers (key TEXT PRIMARY KEY NOT NULL, text_key TEXT NOT NULL, answer TEXT NOT NULL);
        CREATE INDEX answers_by_text ON answers (text_key);
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, started REAL NOT NULL, finished REAL,
            report TEXT NOT NULL);
        CREATE TABLE run_answers (
            run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, place INTEGER NOT NULL, cell TEXT NOT NULL,
            key TEXT NOT NULL, PRIMARY KEY (run, place)) WITHOUT ROWID;
        CREATE INDEX run_answers_by_key ON run_answers (key);
        """

    /// Makes the tables where there are none, and refuses what is not ours. Several
    /// processes may do so at once.
    static func prepare(_ database: Database) throws(RunsError) {
        try database.execute("PRAGMA foreign_keys = ON")
        func hasTables() throws(RunsError) -> Bool {
            try database.integer("SELECT count(*) FROM sqlite_master") != 0
        }
        if try !hasTables() {
            try database.transaction { () throws(RunsError) in
                // Another process may have been faster.
                if try hasTables() { return }
                try database.execute(tables)
                try database.execute(
                    "PRAGMA application_id = \(application); PRAGMA user_version = \(version)")
            }
        }
        // Read after the tables were seen, with which it comes.
        try check(database)
        try database.writeAhead()
    }

    private static func check(_ database: Database) throws(RunsError) {
        guard try database.integer("PRAGMA application_id") == application else {
            throw RunsError(
                .foreignDatabase, "\(database.path): it is a database of another program",
                remedy: "move it away; a new one is made")
        }
        let foundVersion = try database.integer("PRAGMA user_version") ?? 0
        guard foundVersion == version else {
            throw RunsError(
                .newerRuns,
                "\(database.path): its tables are of version \(foundVersion), this tiller knows version \(version)",
                remedy: "use the tiller that wrote it, or move it away; a new one is made")
        }
    }
}
