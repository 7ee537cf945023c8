import Foundation
import Glibc

/// A server that completes chats as OpenAI's does: `POST BASE/chat/completions`.
struct ChatEndpoint: Sendable {
    /// Where requests go.
    let address: WebAddress
    /// Sent as a bearer; written nowhere.
    let key: String?
    /// Seconds for a whole answer.
    var seconds = 120
    /// How often, and after which seconds, a request that failed for a while only is made again.
    var pauses: [Double] = [1, 2, 4, 8]

    /// The key for any judge that is named.
    static let keyVariable = "TILLER_JUDGE_KEY"
    /// The key that is for OpenAI, and goes nowhere else.
    static let openAIKeyVariable = "OPENAI_API_KEY"
    private static let openAIOrigin = "https://api.openai.com:443"

    /// A server that asks for more seconds is asked again after so many.
    private static let longestPause = 60.0
    /// More than this is no reply of one number.
    private static let answerLimit = 1 << 20
    /// Of what a server says when it refuses, this many characters are shown.
    private static let shownCount = 200

    /// An endpoint below a base address, with the key that the environment has for it.
    ///
    /// - Throws: `badUsage`.
    init(
        base: String, environment: (String) -> String? = Terminal.environment
    ) throws(TillerError) {
        guard let address = WebAddress(base), !address.path.contains("?"),
            let target = address.appending(["chat", "completions"])
        else {
            throw .badUsage(
                message: "--judge \(base.onOneLine): it is no address of a server",
                remedy:
                    "--judge https://api.openai.com/v1, or http://127.0.0.1:8080/v1 for one on this machine")
        }
        self.address = target
        let variables =
            [Self.keyVariable] + (target.origin == Self.openAIOrigin ? [Self.openAIKeyVariable] : [])
        let variable = variables.first { environment($0) != nil }
        key = variable.flatMap(environment)
        // Anything else would end the line that carries it to curl.
        if let variable, let key,
            !key.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        {
            throw .badUsage(
                message: "\(variable) has a character in it that no key has",
                remedy: "export \(variable) again, without blanks and line breaks")
        }
    }

    /// What a model says to a text as the user turn, at temperature 0.
    ///
    /// - Throws: `judge` with what went wrong; for what may pass, after some further tries.
    func reply(of model: String, to prompt: String) throws -> String {
        var rest = pauses[...]
        while true {
            var retryAfter: String?
            do {
                return try ask(model, prompt, retryAfter: &retryAfter)
            } catch let problem as JudgeProblem {
                guard problem.isTransient, let pause = rest.popFirst() else {
                    throw TillerError.judge(problem, address: address.shortText)
                }
                usleep(useconds_t(Self.pause(pause, retryAfter: retryAfter) * 1e6))
            }
        }
    }

    /// Seconds until a request is made again: those that were meant, or more where the server asks for them
    /// (`Retry-After`).
    static func pause(_ seconds: Double, retryAfter: String?) -> Double {
        max(seconds, min(retryAfter.flatMap { Double($0) } ?? 0, longestPause))
    }

    /// - Parameter retryAfter: Becomes what the server says of when to ask again.
    private func ask(_ model: String, _ prompt: String, retryAfter: inout String?) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(
            Request(model: model, messages: [.init(role: "user", content: prompt)]))
        var fields = ["Content-Type: application/json", "Accept: application/json", "Expect:"]
        if let key { fields.append("Authorization: Bearer \(key)") }
        var status = 0
        var answer: [UInt8] = []
        let end: Curl.End
        do {
            end = try Curl.send(
                Curl.Request(
                    address: address, fields: fields, body: String(decoding: body, as: UTF8.self),
                    secondsInAll: seconds),
                onHead: { head in
                    status = head.status
                    retryAfter = head["retry-after"]
                    return .goOn
                },
                onBody: { bytes in
                    answer.append(contentsOf: bytes)
                    return answer.count > Self.answerLimit ? .stop : .goOn
                })
        } catch let problem as DownloadProblem {
            throw JudgeProblem.tool(problem)
        }
        switch end {
        case .complete, .stopped: break
        case .timedOut: throw JudgeProblem.timedOut(seconds: seconds)
        case .unreachable(let words): throw JudgeProblem.unreachable(detail: words)
        case .cut(let words): throw JudgeProblem.cut(detail: words)
        case .failed(let status, let words):
            throw JudgeProblem.tool(
                .toolFailed(tool: "curl", detail: words.isEmpty ? "status \(status)" : words))
        }
        guard status == 200 else {
            throw JudgeProblem.refused(status: status, body: shown(answer))
        }
        guard let completion = try? JSONDecoder().decode(Completion.self, from: Data(answer)),
            let reply = completion.choices.first?.message.content
        else { throw JudgeProblem.badAnswer(detail: shown(answer)) }
        return reply
    }

    /// What a server says, on one line and short, without the key if it should repeat it.
    private func shown(_ answer: [UInt8]) -> String {
        var text = String(decoding: answer.prefix(4096), as: UTF8.self)
        if let error = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(answer)) {
            text = error.error.message
        }
        if let key { text = text.replacing(key, with: "…") }
        text = text.onOneLine
        return text.count > Self.shownCount ? text.prefix(Self.shownCount) + "…" : text
    }

    // MARK: - The wire

    private struct Request: Encodable {
        struct Message: Encodable {
            var role: String
            var content: String
        }

        var model: String
        var messages: [Message]
        var temperature = 0
        /// Enough for a number or the word REFUSAL.
        var maximumTokens = 16

        enum CodingKeys: String, CodingKey {
            case model, messages, temperature
            case maximumTokens = "max_tokens"
        }
    }

    private struct Completion: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable { var content: String? }
            var message: Message
        }
        var choices: [Choice]
    }

    private struct ErrorAnswer: Decodable {
        struct Words: Decodable { var message: String }
        var error: Words
    }
}
