import CSQLite
import ControlVectors

/// One connection to a SQLite file, which one thread uses.
///
/// Written ahead (WAL) and synchronised at checkpoints: what a transaction has written outlives a killed
/// process, and a power failure may take the last ones but leaves no broken file.
final class Database {
    let path: String
    private let handle: OpaquePointer
    /// Statements that were prepared before, by their text.
    private var statements: [String: Statement] = [:]

    /// How long a statement waits for another process, in milliseconds.
    private static let patience: Int32 = 10_000

    /// Opens a file, which is made where it does not exist.
    init(path: String) throws(RunsError) {
        self.path = path
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let status = sqlite3_open_v2(path, &opened, flags, nil)
        guard status == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw Self.error(
                status, path: path, message: opened.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
            )
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Self.patience)
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs statements without values or rows.
    func execute(_ sql: String) throws(RunsError) {
        let status = sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw failure(status) }
    }

    /// Has the file written ahead. The change of a new file wants it alone, and SQLite does
    /// not wait for that by itself.
    func writeAhead() throws(RunsError) {
        let end = ContinuousClock.now + .milliseconds(Int(Self.patience))
        while true {
            do {
                return try execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            } catch {
                guard error.kind == .runsBusy, ContinuousClock.now < end else { throw error }
                sqlite3_sleep(20)
            }
        }
    }

    /// Runs one statement, and gives its rows to `row`.
    func query<Value>(
        _ sql: String, _ values: [DatabaseValue] = [], row: (Statement) -> Value
    ) throws(RunsError) -> [Value] {
        let statement = try statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() {
            let status = statement.bind(value, at: index)
            guard status == SQLITE_OK else { throw failure(status) }
        }
        var rows: [Value] = []
        while true {
            switch statement.step() {
            case SQLITE_ROW: rows.append(row(statement))
            case SQLITE_DONE: return rows
            case let status: throw failure(status)
            }
        }
    }

    /// Runs one statement that has no rows.
    func run(_ sql: String, _ values: [DatabaseValue] = []) throws(RunsError) {
        _ = try query(sql, values) { _ in }
    }

    /// The first number of the first row.
    func integer(_ sql: String, _ values: [DatabaseValue] = []) throws(RunsError) -> Int? {
        try query(sql, values) { $0.integer(0) }.first
    }

    /// All of what `body` does, or nothing.
    func transaction<Value>(_ body: () throws(RunsError) -> Value) throws(RunsError) -> Value {
        // The lock is taken at once: a transaction that reads first and writes later
        // cannot wait for its turn.
        try execute("BEGIN IMMEDIATE")
        do {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    private func statement(_ sql: String) throws(RunsError) -> Statement {
        if let known = statements[sql] { return known }
        var prepared: OpaquePointer?
        let status = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard status == SQLITE_OK, let prepared else { throw failure(status) }
        let statement = Statement(prepared)
        statements[sql] = statement
        return statement
    }

    private func failure(_ status: Int32) -> RunsError {
        Self.error(status, path: path, message: String(cString: sqlite3_errmsg(handle)))
    }

    private static func error(_ status: Int32, path: String, message: String) -> RunsError {
        switch status & 0xFF {
        case SQLITE_NOTADB, SQLITE_CORRUPT:
            RunsError(
                .damagedRuns, "\(path): it is damaged, or no file of runs: \(message)",
                remedy:
                    "move it away (mv \(ShellCommand.quoted(path)) \(ShellCommand.quoted(path + ".old"))); "
                    + "a new one is made")
        case SQLITE_BUSY, SQLITE_LOCKED:
            RunsError(
                .runsBusy, "\(path): another process has kept it for \(patience / 1000) s",
                remedy: "wait for the other process; tiller sweep --no-keep does without the file")
        case SQLITE_FULL, SQLITE_IOERR:
            RunsError(
                .runsUnavailable, "\(path): \(message)",
                remedy:
                    "the disk may be full: make room, or check it; tiller sweep --no-keep does without the file"
            )
        default:
            RunsError(
                .runsUnavailable, "\(path): \(message)",
                remedy:
                    "check the folder, its disk and its permissions; tiller sweep --no-keep does without the file"
            )
        }
    }
}
