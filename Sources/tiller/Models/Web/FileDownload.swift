import GGUF
import Glibc

/// Fetches one file: goes on where an earlier try stopped, checks size and SHA-256 where they are known, else
/// whether a GGUF file holds all of its tensors, and gives the file its name by one rename.
///
/// Until then it is `.NAME.partial`, with `.NAME.source` beside it: the tag and the size by which the server
/// must still know the file, or the download starts over.
struct FileDownload {
    let client: WebClient
    let address: WebAddress
    /// Where the file goes; its folder exists.
    let target: String
    /// Hears how many bytes there are, of how many.
    var watch: (Int, Int?) -> Void = { _, _ in }

    private var folder: String { String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)]) }
    private var name: String { target.split(separator: "/").last.map(String.init) ?? target }
    private var partial: String { "\(folder)/.\(name).partial" }
    private var source: String { "\(folder)/.\(name).source" }

    /// What the server says about the file.
    private struct Facts {
        var total: Int?
        var sha256: String?
        var mediaType: String?
    }

    /// Fetches it. What has arrived is kept on any error but one that says that it is not the file: a wrong
    /// size or digest, or contents that cannot be its.
    func run() throws {
        let lock = try FileLock(partial)
        defer {
            if FileSystem.size(of: partial) == 0 { discard() }
            lock.release()
        }
        let descriptor = open(partial, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TillerError.cacheFailure(path: partial, operation: "opening", reason: FileSystem.reason())
        }
        defer { close(descriptor) }
        var facts = Facts()
        var before = -1
        try client.retrying(hasAdvanced: {
            let size = FileSystem.size(of: partial) ?? 0
            defer { before = size }
            return before >= 0 && size > before
        }) {
            if before < 0 { before = FileSystem.size(of: partial) ?? 0 }
            facts = try receive(into: descriptor)
        }
        do {
            try check(facts)
        } catch let problem as DownloadProblem where problem.condemnsFile {
            discard()
            throw problem
        }
        try FileSystem.publish(partial, as: target)
        FileSystem.remove(source)
    }

    private func discard() {
        FileSystem.remove(partial)
        FileSystem.remove(source)
    }

    // MARK: - One try

    private func receive(into descriptor: Int32) throws -> Facts {
        let known = (try? FileSystem.head(of: source, count: 4096)).map {
            String(decoding: $0, as: UTF8.self)
        }
        var offset = known == nil ? 0 : FileSystem.size(of: partial) ?? 0
        var facts = Facts()
        // Ended between its last byte and its name: there is nothing to ask for.
        if let known, offset > 0, let total = Self.total(in: known), offset == total {
            return Facts(
                total: total,
                sha256: known.split(separator: " ").first.flatMap { SHA256.digest(in: String($0)) })
        }
        var mustStartOver = false
        var answering = address
        let end: Curl.End
        do {
            end = try client.get(
                address, fields: offset > 0 ? ["Range: bytes=\(offset)-"] : [],
                onHead: { answer in
                    answering = answer.address
                    if offset > 0, answer.head.status == 206, answer.head.contentRange?.start != offset {
                        // What it sends cannot be put behind what is here; the next try asks for the whole.
                        mustStartOver = true
                        return .stop
                    }
                    let found = try self.facts(of: answer, offset: &offset)
                    let identity = Self.identity(of: answer, found)
                    if offset > 0, identity != known {
                        mustStartOver = true
                        return .stop
                    }
                    facts = found
                    try prepare(descriptor, offset: offset, identity: identity, total: found.total)
                    return .goOn
                },
                onBody: { bytes in
                    try FileSystem.write(bytes, to: descriptor, path: partial)
                    offset += bytes.count
                    watch(offset, facts.total)
                    // A server that sends more than it said is not asked for the rest.
                    return offset <= facts.total ?? Int.max ? .goOn : .stop
                })
        } catch let fault as WebClient.Fault {
            // There is nothing behind what has arrived: it is whole, or from another file.
            guard case .serverRefused(_, 416, _) = fault.problem, offset > 0 else { throw fault }
            mustStartOver = true
            end = .stopped
        }
        if mustStartOver {
            discardContents(descriptor)
            throw WebClient.Fault(
                problem: .badAnswer(
                    address: address.shortText, detail: "the file changes while it is being fetched"),
                isTransient: true)
        }
        switch end {
        case .complete, .stopped: break
        default: throw client.fault(end, at: answering, received: offset, expected: facts.total)
        }
        if let total = facts.total, offset < total {
            throw client.fault(.cut(""), at: answering, received: offset, expected: total)
        }
        return facts
    }

    private func facts(of answer: WebClient.Answer, offset: inout Int) throws -> Facts {
        let head = answer.head
        let address = answer.address.shortText
        if let encoding = head["content-encoding"], encoding.lowercased() != "identity" {
            throw DownloadProblem.badAnswer(
                address: address, detail: "it is packed (\(encoding)), which nobody asked for")
        }
        var total: Int?
        if head.status == 206 {
            guard let range = head.contentRange, range.start == offset else {
                throw DownloadProblem.badAnswer(
                    address: address,
                    detail: "it sends another piece of the file than the one that was asked for")
            }
            total = range.total
        } else {
            offset = 0
            total = head.byteCount("content-length")
        }
        if let linked = answer.linkedByteCount {
            if let total, total != linked {
                discard()
                throw DownloadProblem.wrongSize(file: name, found: total, expected: linked)
            }
            total = linked
        }
        return Facts(
            total: total, sha256: (answer.linkedTag ?? head["etag"]).flatMap { SHA256.digest(in: $0) },
            mediaType: head["content-type"])
    }

    /// By what the file is known again: the tag that the hub gives it, or the server, and its size.
    private static func identity(of answer: WebClient.Answer, _ facts: Facts) -> String {
        "\(answer.linkedTag ?? answer.head["etag"] ?? "-") \(facts.total.map(String.init) ?? "-")"
    }

    private static func total(in identity: String) -> Int? {
        identity.split(separator: " ").last.flatMap { Int($0) }
    }

    private func prepare(_ descriptor: Int32, offset: Int, identity: String, total: Int?) throws {
        if offset == 0 { try FileSystem.replace(source, with: identity) }
        guard ftruncate(descriptor, off_t(offset)) == 0, lseek(descriptor, off_t(offset), SEEK_SET) >= 0
        else {
            throw TillerError.cacheFailure(
                path: partial, operation: "setting its size", reason: FileSystem.reason())
        }
        watch(offset, total)
        guard let total, let free = FileSystem.freeSpace(at: folder), free < total - offset else { return }
        throw DownloadProblem.diskFull(needed: total - offset, free: free, path: folder)
    }

    private func discardContents(_ descriptor: Int32) {
        _ = ftruncate(descriptor, 0)
        FileSystem.remove(source)
    }

    // MARK: - At the end

    private func check(_ facts: Facts) throws {
        let size = FileSystem.size(of: partial) ?? 0
        if let total = facts.total, size != total {
            throw DownloadProblem.wrongSize(file: name, found: size, expected: total)
        }
        let head = try FileSystem.head(of: partial, count: 32)
        guard FileKind.agrees(name: name, head: head) else {
            let words = String(decoding: head.prefix { (0x20..<0x7F).contains($0) }, as: UTF8.self)
            throw DownloadProblem.badAnswer(
                address: address.shortText,
                detail: head.isEmpty
                    ? "\(name) is empty"
                    : "\(name) is no GGUF file" + (words.isEmpty ? "" : ", it begins with \(words)"))
        }
        if let expected = facts.sha256 {
            let log = "\(folder)/.\(name).check"
            try FileSystem.makeFolder(log)
            defer { FileSystem.remove(log) }
            let digest = try SHA256.digest(of: partial, logIn: log)
            guard digest == expected else {
                throw DownloadProblem.wrongDigest(file: name, found: digest, expected: expected)
            }
        } else if facts.mediaType?.lowercased().hasPrefix("text/html") == true, !name.hasSuffix(".html") {
            throw DownloadProblem.badAnswer(
                address: address.shortText, detail: "it gives a page for a browser in place of \(name)")
        } else if facts.total == nil, let cut = FileKind.cut(partial, name: name) {
            throw DownloadProblem.badAnswer(
                address: address.shortText,
                detail:
                    "it says neither size nor digest of \(name), and sent only \(Quantity.count(size)) bytes of it: "
                    + "\(cut.field) has \(cut.found), expected \(cut.allowed)")
        }
    }
}
