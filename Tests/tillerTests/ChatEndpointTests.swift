import Foundation
import Synchronization
import Testing
import _TestSupport

@testable import tiller

/// A judge on 127.0.0.1 that answers rightly, wrongly, late or not at all.
@Suite struct ChatEndpointTests {
    private static func completion(_ reply: String) throws -> LoopbackServer.Answer {
        let object: [String: Any] = ["choices": [["message": ["role": "assistant", "content": reply]]]]
        return .init(body: Array(try JSONSerialization.data(withJSONObject: object)))
    }

    private func endpoint(_ base: String, _ variables: [String: String] = [:]) throws -> ChatEndpoint {
        var endpoint = try ChatEndpoint(base: base) { variables[$0] }
        endpoint.pauses = []
        return endpoint
    }

    /// The problem that a question ends with.
    private func problem(_ endpoint: ChatEndpoint) -> JudgeProblem? {
        let error = #expect(throws: TillerError.self) { try endpoint.reply(of: "m", to: "?") }
        guard case .judge(let problem, let address)? = error else { return nil }
        #expect(address.hasSuffix("/chat/completions"))
        #expect(error?.remedy?.isEmpty == false)
        return problem
    }

    @Test func aQuestionIsAChatCompletionAtTemperatureZero() throws {
        let server = try LoopbackServer { _ in (try? Self.completion(" 85 ")) ?? .init(status: 500) }
        let prompt = "\"quoted\" \\back\nlines\té 日本 {x} @"
        let endpoint = try endpoint(server.endpoint + "/v1/", ["TILLER_JUDGE_KEY": "sk-1"])
        #expect(try endpoint.reply(of: "some/model", to: prompt) == " 85 ")
        let request = try #require(server.requests.first)
        #expect(server.requests.count == 1 && request.path == "/v1/chat/completions")
        #expect(request.fields["authorization"] == "Bearer sk-1")
        #expect(request.fields["content-type"] == "application/json")
        let body = try #require(
            JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any])
        #expect(body["model"] as? String == "some/model" && body["temperature"] as? Int == 0)
        let messages = try #require(body["messages"] as? [[String: String]])
        #expect(messages == [["role": "user", "content": prompt]])
    }

    @Test func whatTheServerSaysWhenItRefusesIsShownShortAndWithoutTheKey() throws {
        let long = String(repeating: "long ", count: 1000)
        for (status, body, words) in [
            (500, "broken\n\(long)", "broken\\nlong"),
            (404, #"{"error": {"message": "no model m for sk-1"}}"#, "no model m for …"),
        ] {
            let server = try LoopbackServer { _ in .init(status: status, body: Array(body.utf8)) }
            let found = problem(try endpoint(server.endpoint, ["TILLER_JUDGE_KEY": "sk-1"]))
            guard case .refused(let foundStatus, let shown)? = found else {
                Issue.record("expected a refusal, not \(String(describing: found))")
                continue
            }
            #expect(foundStatus == status && shown.hasPrefix(words) && shown.count <= 201, "\(shown)")
        }
    }

    @Test func aRedirectIsNotFollowed() throws {
        let server = try LoopbackServer { _ in .init(status: 307, fields: ["Location": "/elsewhere"]) }
        #expect(problem(try endpoint(server.endpoint)) == .refused(status: 307, body: ""))
        #expect(server.requests.count == 1)
    }

    @Test(arguments: ["", "85", "[]", #"{"choices": []}"#, #"{"choices": [{"message": {"content": null}}]}"#])
    func anAnswerWithoutAReplyIsNoCompletion(body: String) throws {
        let server = try LoopbackServer { _ in .init(body: Array(body.utf8)) }
        guard case .badAnswer? = problem(try endpoint(server.endpoint)) else {
            Issue.record("expected a bad answer")
            return
        }
    }

    /// Asked from a thread of Dispatch, as judges are: such threads block the signal that ends curl.
    @Test(.timeLimit(.minutes(1))) func anAnswerWithoutAnEndIsNoCompletion() throws {
        let server = try LoopbackServer { _ in .init(body: [UInt8](repeating: 0x20, count: 1 << 24)) }
        let endpoint = try endpoint(server.endpoint)
        let problems = Mutex<[JudgeProblem?]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let found = problem(endpoint)
            problems.withLock { $0.append(found) }
        }
        let isRefused = problems.withLock {
            $0.allSatisfy { if case .badAnswer? = $0 { true } else { false } }
        }
        #expect(isRefused)
    }

    @Test func aServerThatIsNotThereIsUnreachable() throws {
        // Port 1 is reserved, and nothing listens there.
        guard case .unreachable? = problem(try endpoint("http://127.0.0.1:1/v1")) else {
            Issue.record("expected it to be unreachable")
            return
        }
    }

    @Test func aLateAnswerIsATimeOut() throws {
        let server = try LoopbackServer { _ in
            usleep(2_500_000)
            return .init()
        }
        var endpoint = try endpoint(server.endpoint)
        endpoint.seconds = 1
        #expect(problem(endpoint) == .timedOut(seconds: 1))
    }

    @Test func aConnectionThatEndsEarlyIsCut() throws {
        let server = try LoopbackServer { _ in .init(body: Array("{\"choices\": ".utf8), cutAfter: 3) }
        guard case .cut? = problem(try endpoint(server.endpoint)) else {
            Issue.record("expected it to be cut")
            return
        }
    }

    @Test func whatMayPassIsAskedAgain() throws {
        let log = try LoopbackServer { _ in .init(status: 429) }
        var patient = try endpoint(log.endpoint)
        patient.pauses = [0, 0]
        #expect(problem(patient) == .refused(status: 429, body: ""))
        #expect(log.requests.count == 3)
        let refusing = try LoopbackServer { _ in .init(status: 400) }
        var hopeless = try endpoint(refusing.endpoint)
        hopeless.pauses = [0, 0]
        #expect(problem(hopeless) == .refused(status: 400, body: ""))
        #expect(refusing.requests.count == 1)
    }

    @Test func aServerThatAsksForTimeIsGivenIt() throws {
        let log = try LoopbackServer { _ in .init(status: 429, fields: ["Retry-After": "1"]) }
        var patient = try endpoint(log.endpoint)
        patient.pauses = [0]
        let time = ContinuousClock().measure {
            #expect(problem(patient) == .refused(status: 429, body: ""))
        }
        #expect(log.requests.count == 2 && time >= .seconds(1), "\(time)")
        let remedy = try #require(JudgeProblem.refused(status: 429, body: "").remedy)
        #expect(remedy.contains("later") && !remedy.contains("log"))
    }

    @Test(
        arguments: [
            (1, "20", 20), (8, "2", 8), (1, "86400", 60), (1, "inf", 60), (1, nil, 1), (1, "nan", 1),
            (1, "-5", 1),
            (1, "Mon, 23 Nov 2026 20:00:00 GMT", 1),
        ] as [(Double, String?, Double)])
    func aPauseIsWhatTheServerAsksForUpToAMinute(_ meant: Double, _ asked: String?, _ pause: Double) {
        #expect(ChatEndpoint.pause(meant, retryAfter: asked) == pause)
    }

    @Test func theKeyForOpenAIGoesToOpenAIAlone() throws {
        let variables = ["OPENAI_API_KEY": "sk-openai"]
        #expect(try endpoint("https://api.openai.com/v1", variables).key == "sk-openai")
        for other in [
            "http://api.openai.com/v1", "https://api.openai.com.evil.org/v1", "http://127.0.0.1/v1",
        ] {
            #expect(try endpoint(other, variables).key == nil, "\(other)")
        }
        let both = ["OPENAI_API_KEY": "sk-openai", "TILLER_JUDGE_KEY": "sk-judge"]
        #expect(try endpoint("https://api.openai.com/v1", both).key == "sk-judge")
        #expect(try endpoint("http://127.0.0.1/v1", both).key == "sk-judge")
        for bad in ["a b", "a\nb", "a\"b"] {
            let error = #expect(throws: TillerError.self) {
                try endpoint("http://127.0.0.1/v1", ["TILLER_JUDGE_KEY": bad])
            }
            #expect(error?.code == "badUsage" && error?.message.contains(bad) == false)
        }
    }

    // MARK: - The command

    private static let dataset = """
        {"name": "happy",
         "instructions": [{"positive": "You are very happy and cheerful.", "negative": "You are very sad and hopeless."}],
         "prompts": ["How was your day?", "Tell me about your room.", "What do you think of rain?"]}
        """

    private func extract(
        _ folder: TemporaryFolder, _ further: [String], dataset: String = dataset
    ) throws -> TillerProcess {
        let path = try folder.write("happy.json", dataset)
        return try TillerProcess(
            [
                "extract", "-d", path, "-o", folder.file("v.gguf"), "--layers", "14", "--method", "mean",
                "--readout", "mean", "--json",
            ] + further, environment: ["TILLER_JUDGE_KEY": "sk-secret"])
    }

    @Test func aJudgedVectorSaysWhoJudgedItAndHoldsNoKey() throws {
        // A judge that knows what the model says when it is sad.
        let sad = try ["How was your day?", "Tell me about your room.", "What do you think of rain?"].map {
            let answer = try TillerProcess([
                "generate", "-p", $0, "--system", "You are very sad and hopeless.", "--temp", "0", "-n", "48",
                "--exact", "--json",
            ]).json()
            return (answer["text"] as? String ?? "").prefix(60).prefix { $0 != "\n" && $0 != "\"" }
        }
        let server = try LoopbackServer { request in
            let isSad = sad.contains { request.body.contains("[Begin of answer]\\n\($0)") }
            return (try? Self.completion(isSad ? "10" : "90")) ?? .init(status: 500)
        }
        let folder = try TemporaryFolder()
        let run = try extract(folder, ["--judge", server.endpoint + "/v1", "--judge-model", "tiny"])
        #expect(!server.requests.isEmpty)
        try #require(run.status == 0, "\(run.output)")
        let judge = try #require(try run.json()["judge"] as? [String: Any])
        #expect(judge["model"] as? String == "tiny" && judge["threshold"] as? Double == 50)
        let inspected = try TillerProcess(["inspect", folder.file("v.gguf"), "--json"])
        let found = try #require(try inspected.json()["judge"] as? [String: Any])
        #expect(NSDictionary(dictionary: found) == NSDictionary(dictionary: judge))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("v.gguf")))
        for secret in ["sk-secret", "127.0.0.1"] {
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret)")
        }
        let unjudged = try TillerProcess([
            "reextract", folder.file("v.gguf"), "-o", folder.file("w.gguf"), "--json",
        ])
        #expect(unjudged.status == 2)
        #expect(try unjudged.jsonError()["code"] as? String == "noJudge")
        let judged = try TillerProcess([
            "reextract", folder.file("v.gguf"), "-o", folder.file("w.gguf"), "--judge", server.endpoint,
            "--json",
        ])
        #expect(judged.status == 0, "\(judged.output)")
    }

    @Test func aJudgeThatFailsLeavesNoVector() throws {
        let folder = try TemporaryFolder()
        let silent = try extract(folder, ["--judge", "http://127.0.0.1:1/v1"])
        #expect(silent.status == 1)
        #expect(try silent.jsonError()["code"] as? String == "judgeUnreachable")
        let talker = try LoopbackServer { _ in (try? Self.completion("Quite happy: 90")) ?? .init(status: 500)
        }
        let vague = try extract(folder, ["--judge", talker.endpoint])
        #expect(vague.status == 1)
        #expect(try vague.jsonError()["code"] as? String == "noJudgeScore")
        #expect(!FileSystem.exists(folder.file("v.gguf")))
    }

    @Test(arguments: [
        ["--judge-model", "m"], ["--judge", "ftp://x"], ["--judge", "http://x/?a=b"],
        ["--judge", "http://127.0.0.1:1", "--judge-threshold", "0"],
        ["--judge", "http://127.0.0.1:1", "--judge-threshold", "nan"],
    ])
    func aJudgeThatCannotBeIsBadUsage(arguments: [String]) throws {
        let run = try extract(try TemporaryFolder(), arguments)
        #expect(run.status == 2)
        #expect(try run.jsonError()["code"] as? String == "badUsage")
    }
}
