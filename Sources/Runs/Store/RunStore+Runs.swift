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
    /// Which of its answers could not be read, and why; nil where all were, and where it is only listed.
    public var problem: RunsError?
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
    /// - Returns: Whether the run was still there. One that was removed while it ran has lost the answers
    ///   that it had until then, too: who wants it back keeps all of them, and begins and ends it again.
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

    /// All runs that can be read, the newest first, without their answers.
    public func runs() throws -> [KeptRun] { try listing().runs }

    /// All runs, the newest first, without their answers, and an `unreadableRuns` for those
    /// of them that cannot be read.
    public func listing() throws -> (runs: [KeptRun], problem: RunsError?) {
        let rows = try list("", [])
        return (rows.compactMap { try? $0.run.get() }, problem(of: rows))
    }

    /// One run with its answers.
    ///
    /// - Throws: `unknownRun`, `unreadableRuns`.
    public func run(_ number: Int) throws -> KeptRun {
        let rows = try list("WHERE id = ?", [.integer(number)])
        if let problem = problem(of: rows) { throw problem }
        guard var run = try rows.first?.run.get() else {
            throw RunsError.unknownRun(number, path: path)
        }
        let places = try database.query(
            """
            SELECT cell, answer FROM run_answers LEFT JOIN answers ON answers.key = run_answers.key
            WHERE run = ? ORDER BY place
            """, [.integer(number)]
        ) { row in
            (
                RunCoding.decode(SweepCell.self, row.text(0)),
                row.isNull(1) ? nil : RunCoding.decode(AnswerOutcome.self, row.text(1))
            )
        }
        var lost = LostAnswers()
        for (place, found) in places {
            guard let cell = lost.value(of: place, isPlace: true) else { continue }
            guard run.report.has(cell) else {
                lost.count(because: "it stands for a prompt or a vector that the run has not", isPlace: true)
                continue
            }
            run.report.answers.append(
                SweepAnswer(cell, outcome: found.flatMap { lost.value(of: $0, isPlace: false) }))
        }
        run.problem = lost.problem(of: run, path: path)
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
                    throw RunsError.unknownRun(number, path: path)
                }
                try database.run("DELETE FROM runs WHERE id = ?", [.integer(number)])
            }
            let before = try database.integer("SELECT count(*) FROM answers") ?? 0
            try database.run("DELETE FROM answers WHERE key NOT IN (SELECT key FROM run_answers)")
            return before - (try database.integer("SELECT count(*) FROM answers") ?? 0)
        }
    }

    /// Says which rows cannot be read, and why the first of them cannot; nil where all can.
    private func problem(
        of rows: [(number: Int, run: Result<KeptRun, UnreadableText>)]
    ) -> RunsError? {
        let lost = rows.compactMap { row -> (number: Int, reason: String)? in
            guard case .failure(let fault) = row.run else { return nil }
            return (row.number, fault.reason)
        }.sorted { $0.number < $1.number }
        guard let first = lost.first else { return nil }
        let numbers = lost.map { "\($0.number)" }
        return RunsError(
            .unreadableRuns,
            lost.count == 1
                ? "\(path): run \(first.number) cannot be read: \(first.reason)"
                : "\(path): \(lost.count) runs cannot be read: \(numbers.joined(separator: ", ")); of run "
                    + "\(first.number): \(first.reason)",
            remedy: "use the tiller that wrote \(lost.count == 1 ? "it" : "them"), or tiller runs remove "
                + numbers.joined(separator: " "))
    }

    private func list(
        _ condition: String, _ values: [DatabaseValue]
    ) throws -> [(number: Int, run: Result<KeptRun, UnreadableText>)] {
        try database.query(
            """
            SELECT id, started, finished, report,
                (SELECT count(*) FROM run_answers JOIN answers ON answers.key = run_answers.key WHERE run = runs.id),
                (SELECT count(*) FROM run_answers WHERE run = runs.id)
            FROM runs \(condition) ORDER BY started DESC, id DESC
            """, values
        ) { row in
            (
                row.integer(0),
                RunCoding.decode(SweepReport.self, row.text(3)).map { report in
                    KeptRun(
                        number: row.integer(0), started: row.number(1) ?? 0, finished: row.number(2),
                        answered: row.integer(4), total: row.integer(5), report: report)
                }
            )
        }
    }
}

/// The answers of a run that could not be read.
private struct LostAnswers {
    private var count = 0
    /// Why the first could not.
    private var reason: String?
    /// Whether it is not even known what some of them answer: the same sweep does not put that right.
    private var areSomeWithoutPlace = false

    mutating func value<Value>(of result: Result<Value, UnreadableText>, isPlace: Bool) -> Value? {
        switch result {
        case .success(let value): return value
        case .failure(let fault):
            count(because: fault.reason, isPlace: isPlace)
            return nil
        }
    }

    mutating func count(because reason: String, isPlace: Bool) {
        count += 1
        if self.reason == nil { self.reason = reason }
        if isPlace { areSomeWithoutPlace = true }
    }

    func problem(of run: KeptRun, path: String) -> RunsError? {
        guard let reason else { return nil }
        return RunsError(
            .unreadableRuns,
            "\(path): \(count) of the \(run.total) answers of run \(run.number) cannot be read: \(reason)",
            remedy: areSomeWithoutPlace
                ? "tiller runs remove \(run.number), then the same sweep again"
                : "the same sweep again answers them anew")
    }
}

extension SweepReport {
    /// Whether a place is one of this report's.
    fileprivate func has(_ cell: SweepCell) -> Bool {
        prompts.indices.contains(cell.prompt) && vectors.indices.contains(cell.vector)
    }
}
