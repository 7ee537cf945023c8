import Glibc

/// One request by the `curl` program: its answer comes through a socket, head and body, and nothing is left
/// to curl that decides what is kept or who is trusted.
///
/// Settings go to it through its standard input, so that no token stands in the list of processes.
struct Curl {
    /// How the answer ended.
    enum End: Equatable {
        /// With its last byte.
        case complete
        /// Before it.
        case cut(String)
        /// Not in time.
        case timedOut(String)
        /// The other side was never reached.
        case unreachable(String)
        /// Our own side has seen enough.
        case stopped
        /// Something else: curl's status and its words.
        case failed(Int32, String)
    }

    /// What is asked for.
    struct Request {
        var address: WebAddress
        /// `Name: value`, without quotes and line breaks.
        var fields: [String] = []
        /// Sent with POST; nil to GET.
        var body: String?
        /// Seconds for the whole; nil for as long as something comes.
        var secondsInAll: Int?
        /// Seconds in which the other side must have been reached.
        var secondsToConnect = 20
    }

    /// What the receiver of a head or a body wants.
    enum Verdict { case goOn, stop }

    /// Seconds without a byte after which a connection counts as dead, where no whole time is set: who thinks
    /// about an answer is silent until its first byte.
    static let stallSeconds = 60
    /// A head that is longer than this is an attack.
    private static let headLimit = 256 * 1024

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - onHead: Hears of the answer's head, once.
    ///   - onBody: Hears of each piece of its body, in order.
    static func send(
        _ request: Request, onHead: (HTTPHead) throws -> Verdict,
        onBody: (UnsafeRawBufferPointer) throws -> Verdict
    ) throws -> End {
        let settings = try Subprocess.socketPair(for: "curl")
        let answer = try Subprocess.socketPair(for: "curl")
        let words = try Subprocess.socketPair(for: "curl")
        var open = [settings.ours, settings.theirs, answer.ours, answer.theirs, words.ours, words.theirs]
        defer { for descriptor in open { close(descriptor) } }
        // `-q`: whatever ~/.curlrc says would change what comes back.
        let process = try Subprocess.start(["curl", "-q", "--config", "-"]) { actions in
            posix_spawn_file_actions_adddup2(&actions, settings.theirs, 0)
            posix_spawn_file_actions_adddup2(&actions, answer.theirs, 1)
            posix_spawn_file_actions_adddup2(&actions, words.theirs, 2)
        }
        guard let process else { throw DownloadProblem.noTool("curl", package: "curl") }
        func shut(_ descriptor: Int32) {
            close(descriptor)
            open.removeAll { $0 == descriptor }
        }
        for descriptor in [settings.theirs, answer.theirs, words.theirs] { shut(descriptor) }
        Subprocess.send(Array(lines(for: request).utf8), to: settings.ours)
        shut(settings.ours)

        // It may be waiting for us to read on.
        func stop() {
            kill(process, SIGTERM)
            shut(answer.ours)
        }
        var hasStopped = false
        do {
            hasStopped = try receive(from: answer.ours, onHead: onHead, onBody: onBody) == .stop
        } catch {
            stop()
            _ = Subprocess.wait(for: process)
            throw error
        }
        if hasStopped {
            stop()
            _ = Subprocess.wait(for: process)
            return .stopped
        }
        let said = Subprocess.text(of: words.ours)
        let status = Subprocess.wait(for: process)
        return end(status: status ?? -1, words: said.firstLine, hasAsked: hasAsked(said))
    }

    /// With what the line begins that says when curl began to send its request.
    private static let askedAfter = "asked after "

    /// Whether curl came to send its request, by what it says at its end: seconds, and none where it did not.
    /// Its error may have any words, and some versions write the number as the language of the system does.
    static func hasAsked(_ words: String) -> Bool {
        let lines = words.split(whereSeparator: \.isNewline)
        guard let line = lines.last(where: { $0.hasPrefix(askedAfter) }) else { return true }
        return Double(line.dropFirst(askedAfter.count).replacing(",", with: ".")) != 0
    }

    /// curl's settings, one a line, each value in quotes.
    static func lines(for request: Request) -> String {
        var lines = [
            "url = \"\(request.address.text)\"", "silent", "show-error", "include", "globoff", "path-as-is",
            "suppress-connect-headers", "proto = \"=http,https\"",
            "connect-timeout = \(request.secondsToConnect)",
            // Status 28 is any time-out, that of the connection too.
            "write-out = \"%{stderr}\\n\(askedAfter)%{time_pretransfer}\"",
            "user-agent = \"tiller/\(Tiller.version)\"",
        ]
        lines += request.fields.map { "header = \"\($0)\"" }
        if let seconds = request.secondsInAll {
            lines.append("max-time = \(seconds)")
        } else {
            lines += ["speed-limit = 1", "speed-time = \(stallSeconds)"]
        }
        // "raw": a body that begins with an @ is no file's name.
        if let body = request.body { lines.append("data-raw = \"\(quoted(body))\"") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A text between quotes in curl's settings.
    private static func quoted(_ text: String) -> String {
        var quoted: [UInt8] = []
        quoted.reserveCapacity(text.utf8.count + text.utf8.count / 8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): quoted += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): quoted += Array("\\n".utf8)
            case UInt8(ascii: "\r"): quoted += Array("\\r".utf8)
            case UInt8(ascii: "\t"): quoted += Array("\\t".utf8)
            default: quoted.append(byte)
            }
        }
        return String(decoding: quoted, as: UTF8.self)
    }

    // MARK: - The answer

    private static func receive(
        from descriptor: Int32, onHead: (HTTPHead) throws -> Verdict,
        onBody: (UnsafeRawBufferPointer) throws -> Verdict
    ) throws -> Verdict {
        var block = [UInt8](repeating: 0, count: 256 * 1024)
        var pending: [UInt8]? = []
        while true {
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .goOn }
            guard pending != nil else {
                if try block.withUnsafeBytes({ try onBody(UnsafeRawBufferPointer(rebasing: $0[..<count])) })
                    == .stop
                {
                    return .stop
                }
                continue
            }
            pending?.append(contentsOf: block[..<count])
            // More than one head comes where a server says "early hints" before its answer.
            while let bytes = pending, let end = endOfHead(bytes) {
                guard let head = HTTPHead(String(decoding: bytes[..<end.head], as: UTF8.self)) else {
                    return .stop
                }
                let body = Array(bytes[end.body...])
                pending = head.status < 200 ? body : nil
                guard pending == nil else { continue }
                if try onHead(head) == .stop { return .stop }
                if !body.isEmpty, try body.withUnsafeBytes(onBody) == .stop { return .stop }
            }
            if let pending, pending.count > headLimit { return .stop }
        }
    }

    /// Where a head ends, and where what follows it begins.
    private static func endOfHead(_ bytes: [UInt8]) -> (head: Int, body: Int)? {
        var index = 0
        while let feed = bytes[index...].firstIndex(of: 0x0A) {
            if feed + 1 < bytes.count, bytes[feed + 1] == 0x0A { return (feed, feed + 2) }
            if feed + 2 < bytes.count, bytes[feed + 1] == 0x0D, bytes[feed + 2] == 0x0A {
                return (feed, feed + 3)
            }
            index = feed + 1
        }
        return nil
    }

    /// What curl's exit status means (`man curl`, EXIT CODES).
    private static func end(status: Int32, words: String, hasAsked: Bool) -> End {
        let words = words.hasPrefix("curl: ") ? String(words.dropFirst(6)) : words
        switch status {
        case 0: return .complete
        case 28: return hasAsked ? .timedOut(words) : .unreachable(words)
        // Partial file, nothing at all, failed to receive, HTTP/2 framing and stream errors.
        case 16, 18, 52, 55, 56, 92: return .cut(words)
        // Proxy or host not resolved, not connected, TLS.
        case 5, 6, 7, 35, 51, 58, 60, 77, 97: return .unreachable(words)
        default: return .failed(status, words)
        }
    }
}
