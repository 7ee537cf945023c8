import ControlVectors
import Dispatch
import Foundation
import Synchronization

/// Asks a judge with a text as its user turn, and gives its reply. It is called on several threads at once.
///
/// This room knows no network: whoever runs an extraction brings the way to the judge.
public typealias JudgeQuestion = @Sendable (_ prompt: String) throws -> String

/// What a judge's reply says.
enum JudgeScore: Equatable {
    /// How strongly the trait shows, 0…100.
    case number(Double)
    /// The answer declines, so that there is nothing to score.
    case refusal

    /// Reads a reply that is one number of 0 to 100, or the word `REFUSAL`, and nothing else: a number
    /// somewhere in a sentence may be any number.
    init?(_ reply: String) {
        guard let start = reply.firstIndex(where: { !$0.isWhitespace }),
            let end = reply.lastIndex(where: { !$0.isWhitespace })
        else { return nil }
        let text = reply[start...end]
        if text.uppercased() == "REFUSAL" {
            self = .refusal
            return
        }
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, Self.isDigit(first), Self.isDigit(last),
            bytes.allSatisfy({ Self.isDigit($0) || $0 == UInt8(ascii: ".") }), let number = Double(text),
            (0...100).contains(number)
        else { return nil }
        self = .number(number)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Whether an answer of one side is kept.
    func keeps(isPositive: Bool, threshold: Double) -> Bool {
        guard case .number(let score) = self else { return false }
        return isPositive == (score >= threshold)
    }
}

/// Has answers scored by another model.
struct AnswerJudge {
    let options: JudgeOptions
    /// The replies that an earlier run was given, and these; nil to keep none.
    var kept: JudgeReplies?
    let ask: JudgeQuestion

    /// Questions under way together.
    private static let group = 8

    /// One answer to be scored.
    struct Case {
        var question: String
        var answer: String
    }

    /// The scores of some answers, in their order. Equal ones are asked about once.
    ///
    /// - Throws: What `ask` throws; `noJudgeScore` for a reply that is neither a number of 0 to 100 nor a
    ///   refusal. Of several errors it is that of the first answer. Scores that came beside it are kept.
    func scores(of cases: [Case], progress: ProgressReport) throws -> [JudgeScore] {
        let prompts = cases.map { options.prompt(question: $0.question, answer: $0.answer) }
        var seen: Set<String> = []
        let distinct = prompts.filter { seen.insert($0).inserted }
        var scores: [String: JudgeScore] = [:]
        for prompt in distinct { scores[prompt] = kept?.reply(to: prompt).flatMap(JudgeScore.init) }
        let open = distinct.filter { scores[$0] == nil }
        for start in stride(from: 0, to: open.count, by: Self.group) {
            try progress(scores.count, distinct.count, Self.label)
            let part = open[start..<min(start + Self.group, open.count)]
            let found = replies(to: Array(part))
            // What others were replied has been paid for, whatever became of one.
            var failure: (any Error)?
            for (place, prompt) in part.enumerated() {
                do {
                    guard let reply = try found[place]?.get() else { continue }
                    scores[prompt] = try score(of: reply)
                    kept?.keep(reply, to: prompt)
                } catch {
                    failure = failure ?? error
                }
            }
            if let failure { throw failure }
        }
        try progress(distinct.count, distinct.count, Self.label)
        return prompts.compactMap { scores[$0] }
    }

    /// The replies to some prompts, by their place; each has a thread that waits for it, because a
    /// judge takes no processor here.
    private func replies(to prompts: [String]) -> [Int: Result<String, any Error>] {
        let replies = Mutex<[Int: Result<String, any Error>]>([:])
        let open = DispatchGroup()
        let ask = ask
        for (place, prompt) in prompts.enumerated() {
            open.enter()
            Thread.detachNewThread {
                let reply = Result { try ask(prompt) }
                replies.withLock { $0[place] = reply }
                open.leave()
            }
        }
        open.wait()
        return replies.withLock { $0 }
    }

    private func score(of reply: String) throws(SteeringError) -> JudgeScore {
        if let score = JudgeScore(reply) { return score }
        throw SteeringError(
            .noJudgeScore,
            "the judge \(options.model) replied \"\(Self.shortened(reply))\" instead of a number from 0 to 100",
            remedy: "name another model with --judge-model, or ask for a number alone in \"judgePrompt\"")
    }

    private static let label = "judged answers"

    private static func shortened(_ reply: String) -> String {
        let line = reply.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > 80 ? line.prefix(80) + "…" : line
    }
}

extension Judgement.Side {
    /// Counts one score.
    mutating func count(_ score: JudgeScore, isKept: Bool) {
        judged += 1
        if isKept { kept += 1 }
        if score == .refusal { refused += 1 }
    }
}
