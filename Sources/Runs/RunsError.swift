public import Terms

/// What went wrong with the file of kept runs.
public struct RunsError: ExplainedError, Equatable {
    /// The kinds of failure; the raw value is the stable name that scripts see.
    public enum Kind: String, Sendable, CaseIterable {
        /// The file is no database, or a damaged one.
        case damagedRuns
        /// The file is a database of another program.
        case foreignDatabase
        /// The file was written by a newer version.
        case newerRuns
        /// Another process keeps the file to itself.
        case runsBusy
        /// The file cannot be opened, read or written.
        case runsUnavailable
        /// Runs, or answers of one, do not read: another version has written them, or they were damaged.
        case unreadableRuns
        /// There is no run of that number.
        case unknownRun
    }

    /// Which failure it is.
    public let kind: Kind

    /// What was expected, what was found, and where.
    public let message: String

    /// What repairs it.
    public let remedy: String?

    /// The kind's name.
    public var code: String { kind.rawValue }

    init(_ kind: Kind, _ message: String, remedy: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }

    /// There is no run of that number in a file.
    public static func unknownRun(_ number: Int, path: String) -> RunsError {
        RunsError(.unknownRun, "\(path): there is no run \(number)", remedy: "tiller runs lists them")
    }
}
