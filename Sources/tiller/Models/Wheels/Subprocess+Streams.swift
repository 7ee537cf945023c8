import Glibc

/// Programs whose streams are ours: what they are told, and what they answer.
extension Subprocess {
    /// What a program has made of its input.
    struct Answer: Equatable {
        /// Its exit status; nil where a signal ended it.
        var status: Int32?
        /// Its standard output.
        var output: [UInt8]
        /// The first line of its standard error.
        var words: String
    }

    /// Gives a program its input and takes what it writes; nil where there is no such program.
    ///
    /// For programs that read everything before they write: all of the input goes out
    /// before anything is read back.
    static func answer(of command: [String], to input: [UInt8]) throws(TillerError) -> Answer? {
        var open: [Int32] = []
        defer { for descriptor in open { close(descriptor) } }
        func pair() throws(TillerError) -> (ours: Int32, theirs: Int32) {
            let pair = try socketPair(for: command[0])
            open += [pair.ours, pair.theirs]
            return pair
        }
        func shut(_ descriptor: Int32) {
            close(descriptor)
            open.removeAll { $0 == descriptor }
        }
        let (question, answer, words) = (try pair(), try pair(), try pair())
        let process = try start(command) { actions in
            posix_spawn_file_actions_adddup2(&actions, question.theirs, 0)
            posix_spawn_file_actions_adddup2(&actions, answer.theirs, 1)
            posix_spawn_file_actions_adddup2(&actions, words.theirs, 2)
        }
        guard let process else { return nil }
        for descriptor in [question.theirs, answer.theirs, words.theirs] { shut(descriptor) }
        send(input, to: question.ours)
        shut(question.ours)
        let output = contents(of: answer.ours)
        return Answer(status: wait(for: process), output: output, words: text(of: words.ours).firstLine)
    }

    /// A pair of sockets that no other child inherits. Sockets, because writing to one whose reader is gone
    /// can be told to be no signal.
    static func socketPair(for tool: String) throws(TillerError) -> (ours: Int32, theirs: Int32) {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
            throw .cacheFailure(path: tool, operation: "connecting its streams", reason: FileSystem.reason())
        }
        return (pair[0], pair[1])
    }

    /// Writes to a program; one that reads no more hears no more.
    static func send(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Everything up to the end.
    private static func contents(of descriptor: Int32) -> [UInt8] {
        var contents: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return contents }
            contents += block[..<count]
        }
    }

    /// Everything up to the end, as text.
    static func text(of descriptor: Int32) -> String {
        String(decoding: contents(of: descriptor), as: UTF8.self)
    }

    /// Waits for a program, and gives its status; nil where a signal ended it.
    static func wait(for process: pid_t) -> Int32? {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { if errno != EINTR { return nil } }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
    }
}

extension String {
    /// The first line that is not empty; an empty text where there is none.
    var firstLine: String { split(separator: "\n").first.map(String.init) ?? "" }
}
