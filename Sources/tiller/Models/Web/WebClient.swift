import Glibc

/// Asks servers for files: follows redirects, keeps the token to the server that it was meant for, and tells
/// what a second try may repair from what it may not.
struct WebClient: Sendable {
    /// Sent as a bearer, and to `tokenOrigin` only.
    var token: String?
    /// Scheme, host and port that may see the token.
    var tokenOrigin: String
    /// How often, and after which seconds, a failed request is made again.
    var pauses: [Double] = [0.5, 1, 2, 4]

    /// Redirects that are followed before it counts as a circle.
    private static let redirectLimit = 8

    /// What was learned on the way to the last answer.
    struct Answer {
        /// Where it came from.
        var address: WebAddress
        /// Its head.
        var head: HTTPHead
        /// Size and SHA-256 of the file as a hub gives them on the way (`X-Linked-Size`,
        /// `X-Linked-ETag`), or the answer.
        var linkedByteCount: Int?
        var linkedTag: String?
    }

    /// A request that did not give what was asked for.
    struct Fault: Error {
        /// What is wrong.
        var problem: DownloadProblem
        /// Whether trying again may help.
        var isTransient = false
        /// Seconds after which the server wants to be asked again.
        var retryAfter: Double?
    }

    /// Asks once. The body of an answer with status 200 or 206 goes to `onBody`, if `onHead` wants it.
    ///
    /// - Throws: `Fault` for any other status and for what the connection does; whatever the closures throw.
    func get(
        _ start: WebAddress, fields: [String] = [], onHead: (Answer) throws -> Curl.Verdict,
        onBody: (UnsafeRawBufferPointer) throws -> Curl.Verdict
    ) throws -> Curl.End {
        var address = start
        var linkedByteCount: Int?
        var linkedTag: String?
        for _ in 0...Self.redirectLimit {
            var answer: Answer?
            var refusal: [UInt8] = []
            let end = try Curl.send(
                Curl.Request(address: address, fields: self.fields(for: address) + fields),
                onHead: { head in
                    linkedByteCount = linkedByteCount ?? head.byteCount("x-linked-size")
                    linkedTag = linkedTag ?? head["x-linked-etag"]
                    let found = Answer(
                        address: address, head: head, linkedByteCount: linkedByteCount, linkedTag: linkedTag)
                    answer = found
                    if head.isRedirect { return .stop }
                    return Self.isGood(head) ? try onHead(found) : .goOn
                },
                onBody: { bytes in
                    if let answer, Self.isGood(answer.head) { return try onBody(bytes) }
                    refusal.append(contentsOf: bytes.prefix(4096 - refusal.count))
                    return refusal.count < 4096 ? .goOn : .stop
                })
            guard let answer else { throw fault(end, at: address) }
            if Self.isGood(answer.head) { return end }
            guard answer.head.isRedirect else {
                throw refusalFault(answer, body: String(decoding: refusal, as: UTF8.self))
            }
            address = try target(of: answer)
        }
        throw Fault(
            problem: .badAnswer(
                address: start.shortText,
                detail: "it sends from address to address, more than \(Self.redirectLimit) times"))
    }

    private static func isGood(_ head: HTTPHead) -> Bool { head.status == 200 || head.status == 206 }

    private func fields(for address: WebAddress) -> [String] {
        guard let token, address.origin == tokenOrigin else { return [] }
        return ["Authorization: Bearer \(token)"]
    }

    private func target(of answer: Answer) throws -> WebAddress {
        guard let location = answer.head["location"], let next = answer.address.resolving(location) else {
            throw Fault(
                problem: .badAnswer(
                    address: answer.address.shortText,
                    detail:
                        "it sends elsewhere (\(answer.head.status)), and not to an address that can be followed"
                ))
        }
        guard !(answer.address.scheme == "https" && next.scheme == "http") else {
            throw Fault(
                problem: .badAnswer(
                    address: answer.address.shortText,
                    detail: "it sends from https to \(next.shortText), which anyone can change"))
        }
        return next
    }

    // MARK: - What went wrong

    /// The fault that an early end is.
    func fault(_ end: Curl.End, at address: WebAddress, received: Int = 0, expected: Int? = nil) -> Fault {
        switch end {
        case .unreachable(let words):
            Fault(problem: .noNetwork(host: address.authority, detail: words), isTransient: true)
        case .cut, .timedOut:
            Fault(
                problem: .connectionCut(address: address.shortText, received: received, expected: expected),
                isTransient: true)
        case .complete, .stopped:
            Fault(problem: .badAnswer(address: address.shortText, detail: "its answer is not HTTP"))
        case .failed(let status, let words):
            Fault(problem: .toolFailed(tool: "curl", detail: words.isEmpty ? "status \(status)" : words))
        }
    }

    private func refusalFault(_ answer: Answer, body: String) -> Fault {
        let status = answer.head.status
        let address = answer.address.shortText
        switch status {
        case 401, 403:
            return Fault(problem: .gated(address: address, status: status, hasToken: token != nil))
        default:
            // A page for a browser says nothing in a terminal.
            let isText = !body.hasPrefix("<") && body.utf8.count < 300
            let detail = isText ? body.onOneLine : ""
            return Fault(
                problem: .serverRefused(address: address, status: status, detail: detail),
                isTransient: status == 408 || status == 429 || status >= 500,
                retryAfter: answer.head["retry-after"].flatMap { Double($0) })
        }
    }

    // MARK: - Trying again

    /// Does some work again where it failed and may not fail again, a bounded number of times.
    ///
    /// - Parameter hasAdvanced: Whether the last try has brought something new: then the count starts again.
    ///   Twenty tries are the most in any case.
    func retrying<Result>(
        hasAdvanced: () -> Bool = { false }, _ work: () throws -> Result
    ) throws -> Result {
        var failures = 0
        for attempt in 1... {
            do {
                return try work()
            } catch let fault as Fault {
                failures = hasAdvanced() ? 1 : failures + 1
                guard fault.isTransient, failures <= pauses.count, attempt < 20 else { throw fault.problem }
                let pause = max(pauses[failures - 1], min(fault.retryAfter ?? 0, 30))
                usleep(useconds_t(pause * 1e6))
            }
        }
        preconditionFailure("an endless range ends only by returning or throwing")
    }

    /// A small answer as a whole.
    func text(at address: WebAddress, limit: Int = 32 << 20) throws -> [UInt8] {
        try retrying {
            var bytes: [UInt8] = []
            let end = try get(address, onHead: { _ in .goOn }) { piece in
                bytes.append(contentsOf: piece)
                return bytes.count > limit ? .stop : .goOn
            }
            guard end == .complete else {
                throw end == .stopped
                    ? Fault(problem: .badAnswer(address: address.shortText, detail: "its answer has no end"))
                    : fault(end, at: address, received: bytes.count)
            }
            return bytes
        }
    }
}
