public import Steering

/// Sweeps and their answers in one SQLite file, so that a sweep that was killed goes on, and finished ones
/// can be shown and compared later.
///
/// Answers lie under their keys (`AnswerKey`), whichever runs they belong to; a run is its report without
/// answers, and the list of its places with their keys. Not `Sendable`: one thread uses a store; several
/// processes may share the file.
public final class RunStore {
    let database: Database

    /// Opens the file, and makes it where it does not exist.
    ///
    /// - Throws: `damagedRuns`, `foreignDatabase`, `newerRuns`, `runsBusy`, `runsUnavailable`.
    public init(path: String) throws(RunsError) {
        database = try Database(path: path)
        try RunSchema.prepare(database)
    }

    /// Where it is.
    public var path: String { database.path }
}

// MARK: - The memory of sweeps

extension RunStore: SweepMemory {
    /// An answer that is kept; nil where there is none.
    public func outcome(for key: AnswerKey) throws -> AnswerOutcome? {
        try outcome("SELECT answer FROM answers WHERE key = ?", key)
    }

    /// An answer with this text that was measured with whatever; nil where there is none.
    public func text(for key: AnswerKey) throws -> AnswerOutcome? {
        var found = try outcome("SELECT answer FROM answers WHERE text_key = ? LIMIT 1", key)
        found?.measures = nil
        return found
    }

    private func outcome(_ sql: String, _ key: AnswerKey) throws -> AnswerOutcome? {
        // A row that does not read is answered again and replaced.
        try database.query(sql, [.text(key.text)]) {
            try? RunCoding.decode(AnswerOutcome.self, $0.text(0)).get()
        }.first ?? nil
    }

    /// Keeps answers, all of them or none; one that is there already is replaced.
    public func keep(_ answers: [KeptAnswer]) throws {
        let rows = try answers.map { ($0.key.text, $0.textKey.text, try RunCoding.encode($0.outcome)) }
        try database.transaction { () throws(RunsError) in
            for (key, textKey, answer) in rows {
                try database.run(
                    "INSERT OR REPLACE INTO answers (key, text_key, answer) VALUES (?, ?, ?)",
                    [.text(key), .text(textKey), .text(answer)])
            }
        }
    }
}
