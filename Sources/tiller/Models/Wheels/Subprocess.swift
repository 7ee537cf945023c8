// `environ` is a variable; nothing in this process changes it after the start.
@preconcurrency import Glibc

/// Another program that works for a command.
///
/// It stays in the process group of the command, so that Ctrl-C ends both.
struct Subprocess {
    /// How it ended.
    struct Outcome: Equatable {
        /// Its exit status; nil where a signal ended it.
        var status: Int32?
        /// What it wrote, both streams together.
        var log: String

        /// The last line of it that says something.
        var lastLine: String {
            log.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
                ?? "it said nothing"
        }
    }

    /// The program, looked up on the path, and its arguments.
    var command: [String]
    /// Changes of the environment.
    var environment: [String: String] = [:]
    /// Where both of its output streams go.
    var logPath: String

    /// Runs it to its end; nil where there is no such program.
    ///
    /// - Parameter watch: Called about ten times a second meanwhile.
    func run(watch: () -> Void = {}) throws(TillerError) -> Outcome? {
        guard let process = try start() else { return nil }
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            if ended < 0, errno != EINTR {
                throw .cacheFailure(
                    path: command[0], operation: "waiting for the program", reason: FileSystem.reason())
            }
            watch()
            usleep(50_000)
        }
        let hasExited = status & 0x7F == 0
        let log = (try? FileSystem.head(of: logPath, count: 1 << 16)) ?? []
        return Outcome(
            status: hasExited ? (status >> 8) & 0xFF : nil, log: String(decoding: log, as: UTF8.self))
    }

    private func start() throws(TillerError) -> pid_t? {
        try Self.start(command, environment: environment) { actions in
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, logPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
    }

    /// Starts a program with the streams that `connect` gives it; nil where there is no such program.
    static func start(
        _ command: [String], environment: [String: String] = [:],
        connect: (inout posix_spawn_file_actions_t) -> Void
    ) throws(TillerError) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        connect(&actions)

        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            changed(environment).map { strdup($0) } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        // Dispatch's threads block signals, and what a thread blocks its programs begin with: one of
        // theirs would not hear Ctrl-C.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        // What is ignored here would be ignored there, and not every program looks at what its writes say.
        var closedPipe = sigset_t()
        sigemptyset(&closedPipe)
        sigaddset(&closedPipe, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &closedPipe)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let problem = posix_spawnp(&process, command[0], &actions, &attributes, &arguments, &variables)
        if problem == ENOENT { return nil }
        guard problem == 0 else {
            throw .cacheFailure(
                path: command[0], operation: "starting the program",
                reason: String(cString: strerror(problem)))
        }
        return process
    }

    private static func changed(_ environment: [String: String]) -> [String] {
        var variables: [String] = environment.map { "\($0.key)=\($0.value)" }
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            if environment[String(text.prefix { $0 != "=" })] == nil { variables.append(text) }
            next += 1
        }
        return variables
    }
}
