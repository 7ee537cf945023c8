/// Why a judge gave no reply.
enum JudgeProblem: Error, Sendable, Equatable {
    /// The program that asks is not on the path, or failed.
    case tool(DownloadProblem)
    /// The other side could not be reached.
    case unreachable(detail: String)
    /// No whole answer came in time.
    case timedOut(seconds: Int)
    /// The connection ended before the answer did.
    case cut(detail: String)
    /// The server answered with another status than 200.
    case refused(status: Int, body: String)
    /// The answer is no chat completion.
    case badAnswer(detail: String)
}

extension JudgeProblem {
    var code: String {
        switch self {
        case .tool(let problem): problem.code
        case .unreachable: "judgeUnreachable"
        case .timedOut: "judgeTimedOut"
        case .cut: "judgeCut"
        case .refused: "judgeRefused"
        case .badAnswer: "judgeBadAnswer"
        }
    }

    var message: String {
        switch self {
        case .tool(let problem): problem.message
        case .unreachable(let detail): "it could not be reached (\(detail))"
        case .timedOut(let seconds): "no answer within \(seconds) seconds"
        case .cut(let detail): "the connection ended before its answer (\(detail))"
        case .refused(let status, let body): "it answers \(status)" + (body.isEmpty ? "" : ": \(body)")
        case .badAnswer(let detail): "its answer is no chat completion: \(detail)"
        }
    }

    var remedy: String? {
        switch self {
        case .tool(let problem): problem.remedy
        case .unreachable: "start the judge, or check the address after --judge and the proxy"
        case .timedOut, .cut: "try again later, or use a faster judge"
        case .refused(401, _), .refused(403, _):
            "export \(ChatEndpoint.keyVariable)=KEY (api.openai.com also takes OPENAI_API_KEY)"
        case .refused(404, _):
            "check the address, which often ends in /v1, and the name after --judge-model"
        case .refused(429, _): "try again later, or use a judge that allows more requests"
        case .refused: "see what the server says, and its log"
        case .badAnswer:
            "give the base address of an OpenAI-compatible server, for example http://127.0.0.1:8080/v1"
        }
    }

    /// Whether asking again may help.
    var isTransient: Bool {
        switch self {
        case .cut: true
        case .refused(let status, _): status == 408 || status == 429 || status >= 500
        case .tool, .unreachable, .timedOut, .badAnswer: false
        }
    }
}
