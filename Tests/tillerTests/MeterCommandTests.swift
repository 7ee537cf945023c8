import Foundation
import Testing
import _TestSupport

@testable import tiller

/// Reading texts and answers, through the built binary.
@Suite(.serialized) struct MeterCommandTests {
    static let vector = fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf")
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func projections(_ json: [String: Any]) throws -> [[Double]] {
        try #require(json["meters"] as? [[String: Any]]).map {
            try #require($0["projections"] as? [Double])
        }
    }

    @Test func aTextIsReadTokenByToken() throws {
        let happy = try TillerProcess(["score", "-v", Self.vector, "What a wonderful day!", "--json"]).json()
        let tokens = try #require(happy["tokens"] as? [[String: Any]])
        #expect(tokens.map { $0["piece"] as? String ?? "" }.joined() == "What a wonderful day!")
        #expect(tokens.allSatisfy { $0["id"] is Int && $0["projection"] is Double })
        let mean = try #require(happy["mean"] as? Double)
        let values = try projections(happy)[0]
        #expect(abs(values.reduce(0, +) / Double(values.count) - mean) < 1e-9)
        let sad = try TillerProcess(
            ["score", "-v", Self.vector, "-", "--json"], input: "Everybody died alone.\n")
        #expect(try #require(try sad.json()["mean"] as? Double) < mean - 0.3)

        let table = try TillerProcess(["score", "-v", Self.vector, "What a wonderful day!"])
        #expect(table.output.contains("TOKEN") && table.output.contains(" wonderful"))
        #expect(!table.output.contains("\u{1B}"))
    }

    @Test func aVectorWithoutSidesGivesPlainProjectionsAndSaysSo() throws {
        let moved = folder.file("moved.gguf")
        #expect(try TillerProcess(["shift", Self.vector, "--layers=1", "-o", moved]).status == 0)
        let run = try TillerProcess(["score", "-v", moved, "-v", Self.vector, "Fine.", "--raw", "--json"])
        let meters = try #require(try run.json()["meters"] as? [[String: Any]])
        #expect(meters.map { $0["scale"] as? String } == ["projection", "sides"])
        #expect(meters.map { $0["name"] as? String } == ["moved", "happy"])
        #expect(run.errors.contains("plain projections"))
    }

    @Test func vectorsOfOneNameAreToldApart() {
        #expect(
            VectorMeter.names(of: ["happy.gguf", "b/happy.gguf", "sad.gguf"]) == ["happy", "b/happy", "sad"])
        #expect(
            VectorMeter.names(of: ["a/v.gguf", "a/v.gguf", "a/v.gguf", "v.gguf"]) == [
                "v", "a/v", "v#2", "v#3",
            ])
    }

    @Test(arguments: [
        (["x"], 2), (["-v", "none.gguf", "x"], 1), (["-v", vector, ""], 2),
        (["-v", vector, "--raw", "-p", "y", "x"], 2), (["-v", vector, "--layers", "26-29", "x"], 2),
        (["-v", vector, "-c", "4", "some longer text"], 1),
    ])
    func whatCannotBeReadIsRefused(_ arguments: [String], _ status: Int) throws {
        let run = try TillerProcess(["score", "--json"] + arguments)
        #expect(run.status == status, "\(run.output)")
        #expect(try run.jsonError()["message"] is String)
    }

    @Test func aMeterTakesNoStrength() throws {
        for words in [
            ["score", "-v", Self.vector + ":0.5", "x"],
            ["generate", "-p", "x", "--meter", Self.vector + ":0.4@9-12"],
        ] {
            let run = try TillerProcess(words + ["--json"])
            #expect(run.status == 2, "\(run.output)")
            #expect((try run.jsonError()["message"] as? String)?.contains("no strength") == true)
        }
        let chat = try TillerProcess(["chat"], input: "/meter \(Self.vector):0.4\n")
        #expect(chat.errors.contains("fix  /meter \(Self.vector)\n"), "\(chat.errors)")
    }

    @Test func anEmptyTextIsNotCalledAPrompt() throws {
        for words in [[""], ["-", "--raw"]] {
            let error = try TillerProcess(["score", "-v", Self.vector, "--json"] + words).jsonError()
            #expect(error["message"] as? String == "the text: it is empty, so there is nothing to score")
            #expect((error["fix"] as? String)?.contains("-p") == false)
        }
    }

    private let question = [
        "generate", "-p", "How was your day?", "-n", "10", "--temp", "0", "--exact", "--json",
    ]

    @Test func anAnswerReadsAsScoreReadsTheSameText() throws {
        let answer = try TillerProcess(question + ["--meter", Self.vector]).json()
        let ids = try #require(answer["ids"] as? [Int])
        let read = try projections(answer)[0]
        #expect(read.count == ids.count)
        let scored = try TillerProcess([
            "score", "-v", Self.vector, "-p", "How was your day?", try #require(answer["text"] as? String),
            "--json",
        ]).json()
        #expect((scored["tokens"] as? [[String: Any]])?.compactMap { $0["id"] as? Int } == ids)
        for (left, right) in zip(read, try projections(scored)[0]) { #expect(abs(left - right) < 1e-3) }
        #expect(try TillerProcess(question).json()["ids"] as? [Int] == ids)
    }

    @Test func steeringMovesTheMeterOfItsOwnVector() throws {
        let both = try TillerProcess(
            question + ["--meter", Self.vector, "--vector", Self.vector + ":0.4", "--compare"]
        ).json()
        func mean(_ json: [String: Any]) throws -> Double {
            try #require((json["meters"] as? [[String: Any]])?[0]["mean"] as? Double)
        }
        #expect(try mean(both) > mean(try #require(both["baseline"] as? [String: Any])) + 0.5)
    }

    // MARK: - Heads

    private func heads(_ action: String, below threshold: Double) throws -> String {
        try folder.write(
            "heads.json",
            """
            {"heads": [{"name": "mood", "vector": "\(Self.vector)", "when": "below", "threshold": \(threshold), "window": 4,
                        "action": "\(action)"\(action == "steer" ? ", \"strength\": 0.5" : "")}]}
            """)
    }

    /// Of an answer that ends for want of a reader no more than its first token is there.
    private func oneTokenHeads(_ action: String) throws -> String {
        let heads = try String(contentsOfFile: try heads(action, below: 100), encoding: .utf8)
        return try folder.write(
            "heads.json", heads.replacingOccurrences(of: "\"window\": 4", with: "\"window\": 1"))
    }

    private func log() throws -> [[String: Any]] {
        try String(contentsOfFile: folder.file("audit.jsonl"), encoding: .utf8).split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test(arguments: [("warn", 0, 10), ("stop", 0, 4), ("escalate", 4, 4), ("steer", 0, 10)])
    func aHeadActsAndTheLogSaysSo(_ action: String, _ status: Int, _ tokens: Int) throws {
        let run = try TillerProcess(
            question + ["--heads", try heads(action, below: 100), "--audit", folder.file("audit.jsonl")])
        #expect(run.status == status)
        let json = try run.json()
        #expect((json["ids"] as? [Int])?.count == tokens)
        #expect((json["steeredLayers"] as? [Int])?.isEmpty == (action != "steer"))
        #expect(json["endedBy"] as? String == (tokens == 4 ? "mood" : nil))
        let fired = try #require(json["heads"] as? [[String: Any]])
        #expect(fired.map { $0["token"] as? Int } == [3])
        #expect(try log().map { $0["event"] as? String } == ["begin", "fired", "end"])
        #expect(try log()[1]["action"] as? String == action)
        #expect(try log()[2]["token"] as? Int == tokens)
        #expect(run.errors.contains("mood: "))
    }

    /// With three tokens the window is never filled; with four it is by the last one, which the
    /// log knows only afterwards.
    @Test(arguments: [
        ("steer", 3, 0, "nothing more was steered"), ("stop", 3, 0, "was over already"),
        ("escalate", 4, 4, "was over already; a person has to look at it"),
    ])
    func aHeadThatFiresWhereTheAnswerIsOverSaysSo(
        _ action: String, _ tokens: Int, _ status: Int, _ words: String
    ) throws {
        let run = try TillerProcess([
            "generate", "-p", "How was your day?", "-n", "\(tokens)", "--temp", "0", "--json", "--heads",
            try heads(action, below: 100), "--audit", folder.file("audit.jsonl"),
        ])
        #expect(run.status == status && run.errors.contains(words), "\(run.errors)")
        let json = try run.json()
        #expect((json["heads"] as? [[String: Any]])?.map { $0["late"] as? Bool } == [true])
        #expect(json["endedBy"] is NSNull && json["finishReason"] as? String == "length")
        #expect(try log()[1]["late"] as? Bool == (tokens == 3 ? true : nil))
        #expect(try log()[2]["lateHeads"] as? [String] == ["mood"])
    }

    @Test func aHeadThatDoesNotFireChangesNothing() throws {
        let plain = try TillerProcess(question).json()
        let watched = try TillerProcess(question + ["--heads", try heads("stop", below: -100)]).json()
        #expect(watched["ids"] as? [Int] == plain["ids"] as? [Int])
        #expect((watched["heads"] as? [Any])?.isEmpty == true)
        #expect(watched["endedBy"] is NSNull)
    }

    @Test func nothingIsInTheLogOfAnAnswerThatIsRefused() throws {
        let options = ["--heads", try heads("warn", below: -100), "--audit", folder.file("audit.jsonl")]
        let long = try TillerProcess(question + options + ["-c", "4"])
        #expect(try long.jsonError()["code"] as? String == "contextOverflow", "\(long.output)")
        let chat = try TillerProcess(["chat", "--json"] + options, input: "/again\n")
        #expect(chat.status == 1 && chat.errors.contains("nothing has been asked yet"))
        #expect(try log().isEmpty)
    }

    /// A run whose standard output is a pipe without a reader: its status, and what it says beside it.
    private func unread(_ arguments: [String], input: String = "") throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        let errors = try folder.write("errors", "")
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardInput = FileHandle(forReadingAtPath: try folder.write("input", input))
        try output.fileHandleForReading.close()
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        return (process.terminationStatus, try String(contentsOfFile: errors, encoding: .utf8))
    }

    @Test func theLogOfAnAnswerThatNobodyReadsHasAnEnd() throws {
        let run = try unread(
            question.filter { $0 != "--json" } + [
                "--heads", try heads("warn", below: -100), "--audit", folder.file("audit.jsonl"),
            ])
        #expect(run.status == 1)
        #expect(try log().map { $0["event"] as? String } == ["begin", "end"])
        #expect(try log().last?["text"] as? String == "cancelled")
    }

    /// A person has to look at it all the more.
    @Test(arguments: [[], ["--json"], ["--compare", "-v", vector + ":0.1"]])
    func anAnswerThatNobodyReadsIsEscalated(_ options: [String]) throws {
        let words = question.filter { $0 != "--json" } + options
        let run = try unread(words + ["--heads", try oneTokenHeads("escalate")])
        #expect(run.status == 4)
        #expect(run.errors.contains("a person has to look at it"), "\(run.errors)")
    }

    /// Whoever has closed the pipe has ended it, and not the head that fires with its last token.
    @Test func anAnswerThatNobodyReadsWasOverBeforeAHeadStoppedIt() throws {
        let run = try unread(question.filter { $0 != "--json" } + ["--heads", try oneTokenHeads("stop")])
        #expect(run.status == 1)
        #expect(run.errors.contains("the answer was over already"), "\(run.errors)")
    }

    @Test func aHeadThatStopsHidesNoneThatEscalates() throws {
        let escalating = try String(contentsOfFile: try heads("escalate", below: 100), encoding: .utf8)
        let stopping = escalating.replacingOccurrences(of: "mood", with: "end")
            .replacingOccurrences(of: "escalate", with: "stop")
        let both = stopping.replacingOccurrences(of: "]}", with: ",") + escalating.dropFirst(11)
        let run = try TillerProcess(question + ["--heads", try folder.write("both.json", both)])
        #expect(run.status == 4 && run.errors.contains("a person has to look at it"), "\(run.errors)")
        let json = try run.json()
        #expect((json["heads"] as? [[String: Any]])?.map { $0["head"] as? String } == ["end", "mood"])
        #expect(json["endedBy"] as? String == "end")
    }

    @Test(arguments: [[], ["--json"]]) func aChatThatNobodyReadsIsEscalated(_ options: [String]) throws {
        let heads = ["--heads", try oneTokenHeads("escalate")]
        let run = try unread(["chat", "-n", "4"] + options + heads, input: "How was your day?\n")
        #expect(run.status == 4)
        #expect(run.errors.contains("a person has to look at it"), "\(run.errors)")
    }

    /// The disk's error is said besides.
    @Test func anAnswerThatFindsNoRoomIsEscalated() throws {
        let heads = try oneTokenHeads("escalate")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = question + ["--heads", heads]
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 4)
        #expect(words.contains("a person has to look at it"), "\(words)")
        #expect(words.contains("standard output could not be written"), "\(words)")
    }

    @Test func headsAndLogsThatCannotBeUsedAreRefusedBeforeTheAnswer() throws {
        let path = try heads("warn", below: 0)
        for (arguments, status, code) in [
            (["--audit", folder.file("a.jsonl")], 2, "badUsage"),
            (["--heads", folder.file("none.json")], 1, "unreadableFile"),
            (["--heads", try folder.write("bad.json", "{}")], 1, "missingField"),
            (["--heads", path, "--audit", folder.file("no/a.jsonl")], 1, "auditFailed"),
            (["--heads", path, "--audit", path], 1, "auditFailed"),
            (["--meter", folder.file("none.gguf")], 1, "fileNotFound"),
        ] {
            let run = try TillerProcess(question + arguments)
            #expect(Int(run.status) == status, "\(arguments)")
            #expect(try run.jsonError()["code"] as? String == code, "\(arguments)")
        }
    }
}
