public import Steering

/// A run that is kept.
public struct KeptRun: Sendable, Equatable {
    /// Its number, which people type.
    public let number: Int
    /// When it began, in seconds since 1970.
    public let started: Double
    /// When it ended; nil where it has not, or was killed.
    public let finished: Double?
    /// How many of its answers are there.
    public let answered: Int
    /// How many it has.
    public let total: Int
    /// What it compares; without answers where only listed.
    public var report: SweepReport
}

extension RunStore {
    /// Begins a run, or goes on with the one that is equal to it.
    ///
    /// - Parameters:
    ///   - report: What it compares; its answers are left out.
    ///   - key: Equal for equal sweeps.
    ///   - places: Every place in the order of the report, and the key of what answers it.
    ///   - now: Seconds since 1970.
    /// - Returns: The run's number.
    public func begin(
        _ report: SweepReport, key: String, places: [(cell: SweepCell, key: AnswerKey)], now: Double
    ) throws -> Int {
        let header = try RunCoding.encode(report.withoutAnswers)
        let cells = try places.map { try RunCoding.encode($0.cell) }
        return try database.transaction { () throws(RunsError) in
            if let known = try database.integer("SELECT id FROM runs WHERE key = ?", [.text(key)]) {
                try database.run(
                    "UPDATE runs SET finished = NULL, started = ?, report = ? WHERE id = ?",
                    [.number(now), .text(header), .integer(known)])
                return known
            }
            try database.run(
                "INSERT INTO runs (key, started, report) VALUES (?, ?, ?)",
                [.text(key), .number(now), .text(header)])
            let number = try database.integer("SELECT last_insert_rowid()") ?? 0
            for (index, cell) in cells.enumerated() {
                try database.run(
                    "INSERT INTO run_answers (run, place, cell, key) VALUES (?, ?, ?, ?)",
                    [.integer(number), .integer(index), .text(cell), .text(places[index].key.text)])
            }
            return number
        }
    }

    /// Ends a run with what is known of it in the end.
    ///
    /// - Returns: Whether the run was still there. One that was removed while it ran has lost the answers that it had until
    ///   then, too: who wants it back keeps all of them, and begins and ends it again.
    @discardableResult
    public func finish(_ number: Int, _ report: SweepReport, now: Double) throws -> Bool {
        let header = try RunCoding.encode(report.withoutAnswers)
        return try database.transaction { () throws(RunsError) in
            guard try database.integer("SELECT id FROM runs WHERE id = ?", [.integer(number)]) != nil else {
                return false
            }
            try database.run(
                "UPDATE runs SET finished = ?, report = ? WHERE id = ?",
                [.number(now), .text(header), .integer(number)])
            return true
        }
    }

    /// All runs, the newest first, without their answers; those of a version that this one cannot read are left out.
    public func runs() throws -> [KeptRun] { try list("", []) }

    /// One run with its answers.
    ///
    /// - Throws: `unknownRun`.
    public func run(_ number: Int) throws -> KeptRun {
        guard var run = try list("WHERE id = ?", [.integer(number)]).first else {
            throw RunsError(
                .unknownRun, "\(path): there is no run \(number)", remedy: "tiller runs lists them")
        }
        run.report.answers = try database.query(
            """
            SELECT cell, answer FROM run_answers LEFT JOIN answers ON answers.key = run_answers.key
            WHERE run = ? ORDER BY place
            """, [.integer(number)]
        ) { row in
            RunCoding.decode(SweepCell.self, row.text(0)).map {
                SweepAnswer($0, outcome: RunCoding.decode(AnswerOutcome.self, row.text(1)))
            }
        }.compactMap { $0 }
        return run
    }

    /// Removes a run, and the answers that no other run has.
    ///
    /// - Returns: How many answers are gone.
    /// - Throws: `unknownRun`, and then nothing is removed.
    @discardableResult
    public func remove(_ numbers: [Int]) throws -> Int {
        try database.transaction { () throws(RunsError) in
            for number in numbers {
                guard try database.integer("SELECT id FROM runs WHERE id = ?", [.integer(number)]) != nil
                else {
                    throw RunsError(
                        .unknownRun, "\(path): there is no run \(number)", remedy: "tiller runs lists them")
                }
                try database.run("DELETE FROM runs WHERE id = ?", [.integer(number)])
            }
            let before = try database.integer("SELECT count(*) FROM answers") ?? 0
            try database.run("DELETE FROM answers WHERE key NOT IN (SELECT key FROM run_answers)")
            return before - (try database.integer("SELECT count(*) FROM answers") ?? 0)
        }
    }

    private func list(_ condition: String, _ values: [DatabaseValue]) throws -> [KeptRun] {
        try database.query(
            """
            SELECT id, started, finished, report,
                (SELECT count(*) FROM run_answers JOIN answers ON answers.key = run_answers.key WHERE run = runs.id),
                (SELECT count(*) FROM run_answers WHERE run = runs.id)
            FROM runs \(condition) ORDER BY started DESC, id DESC
            """, values
        ) { row in
            RunCoding.decode(SweepReport.self, row.text(3)).map { report in
                KeptRun(
                    number: row.integer(0), started: row.number(1) ?? 0, finished: row.number(2),
                    answered: row.integer(4), total: row.integer(5), report: report)
            }
        }.compactMap { $0 }
    }
}
