import Foundation
import Glibc
import Testing
import _TestSupport

@testable import tiller

/// Conversations through a pipe.
@Suite(.serialized) struct ChatCommandTests {
    private let folder: TemporaryFolder
    private let options = ["chat", "--temp", "0", "-n", "6"]

    init() throws { folder = try TemporaryFolder() }

    private func chat(_ lines: [String], _ more: [String] = []) throws -> TillerProcess {
        try TillerProcess(options + more, input: lines.joined(separator: "\n") + "\n")
    }

    @Test func aConversationIsOneObjectUnderJSON() throws {
        let vector = MeterCommandTests.vector
        let run = try chat(
            [
                "What is a tiller?", "/vector \(vector):0.3", "/meter happy", "And a rudder?", "/compare",
                "/strength -0.3", "/again", "/save \(folder.file("talk.json"))",
            ], ["--system", "Be brief.", "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let json = try run.json()
        let messages = try #require(json["messages"] as? [[String: String]])
        #expect(messages.map { $0["role"] } == ["system", "user", "assistant", "user", "assistant"])
        #expect(messages[0]["content"] == "Be brief." && messages[3]["content"] == "And a rudder?")
        let turns = try #require(json["turns"] as? [[String: Any]])
        #expect(turns.count == 2)
        #expect((turns[0]["steeredLayers"] as? [Int])?.isEmpty == true && turns[0]["meters"] == nil)
        let vectors = try #require(turns[1]["vectors"] as? [[String: Any]])
        #expect(vectors.map { $0["strength"] as? Double } == [-0.3])
        #expect(vectors[0]["path"] as? String == vector && (vectors[0]["layers"] as? [Int])?.isEmpty == false)
        #expect((turns[1]["meters"] as? [Any])?.count == 1)
        #expect(turns[1]["text"] as? String == messages[4]["content"])
        let saved = try String(contentsOfFile: folder.file("talk.json"), encoding: .utf8)
        #expect(saved == run.output)
    }

    @Test func whatIsComparedIsHeadedByWhatItWasAnsweredWith() throws {
        let run = try chat([
            "Hi", "/compare", "/vector \(MeterCommandTests.vector):0.3", "/compare", "/again",
            "/strength 0.1",
            "/compare",
        ])
        #expect(run.status == 1)
        #expect(run.errors.components(separatedBy: "error: the last answer was not steered").count == 3)
        #expect(run.errors.contains("fix  /vector FILE:STRENGTH, /again"), "\(run.errors)")
        #expect(run.errors.contains("fix  /again answers with happy +0.3, and then"), "\(run.errors)")
        #expect(run.output.contains("\n\nhappy +0.3\n") && !run.output.contains("STEERED"), "\(run.output)")
        #expect(run.errors.contains("turned since, to happy +0.1; /again"), "\(run.errors)")
    }

    @Test func vectorsOfOneNameHaveDialsOfTheirOwn() throws {
        let other = folder.file("happy.gguf")
        try FileManager.default.copyItem(atPath: MeterCommandTests.vector, toPath: other)
        let name = "\(folder.path.split(separator: "/").last ?? "")/happy"
        let run = try chat(
            [
                "/strength \(name) -0.1", "/vector \(other):-0.2", "/strength happy auto", "/vector", "/quit",
            ], ["-v", MeterCommandTests.vector + ":0.3", "-v", other + ":0.4"])
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines[0] == "happy +0.3, \(name) -0.1" && lines[1] == "happy +0.3, \(name) -0.2", "\(lines)")
        let strong =
            try #require(
                try TillerProcess(["inspect", MeterCommandTests.vector, "--json"]).json()["calibration"]
                    as? [String: Any])["positive"] as? Double
        let dial = "happy \(Quantity.strength(Float(try #require(strong))))"
        #expect(lines.suffix(3) == ["\(dial), \(name) -0.2", dial, "\(name) -0.2"], "\(lines)")
    }

    @Test func aVectorKeepsItsLayersUnlessOthersAreWritten() throws {
        let vector = MeterCommandTests.vector
        let other = folder.file("other.gguf")
        try FileManager.default.copyItem(atPath: vector, toPath: other)
        let lines = ["/vector \(vector):0.3", "/vector \(other):0.1", "/vector \(vector):0.2@20-21"]
        let command = try chat(lines, ["-v", vector + ":0.2", "--layers", "9-12"])
        #expect(
            command.output.split(separator: "\n") == [
                "happy +0.3@9-12", "happy +0.3@9-12, other +0.1@9-12",
                "happy +0.2@20-21, other +0.1@9-12; replaces happy +0.3@9-12",
            ], "\(command.output) \(command.errors)")
        let own = try chat(
            ["/vector \(vector):auto", "/vector \(vector):0.3@12-10"],
            ["-v", vector + ":0.2@9-10", "-v", vector + ":0.1@20-21"])
        #expect(own.output.contains("@9-10, "), "\(own.output)")
        #expect(own.output.hasSuffix("happy +0.1@20-21\n"), "\(own.output)")
        #expect(own.errors.contains("9-10 alone do less"), "\(own.errors)")
        #expect(own.errors.contains("the layers 12-10 end before they begin"), "\(own.errors)")
    }

    @Test func vectorsThatPullAgainstEachOtherAreSaidWhenADialIsTurned() throws {
        let other = folder.file("other.gguf")
        try FileManager.default.copyItem(atPath: MeterCommandTests.vector, toPath: other)
        let preset = try folder.write(
            "glad.json", #"{"rules": [{"operation": "add", "vector": "other.gguf", "strength": 0.3}]}"#)
        let start = ["-v", MeterCommandTests.vector + ":0.2"]
        for lines in [
            ["/vector \(other):-0.1"], ["/vector \(other):0.1", "/strength other -0.1"],
            ["/strength happy -0.1", "/preset \(preset)"],
        ] {
            let run = try chat(lines, start)
            #expect(
                run.errors.components(separatedBy: "pull against each other: cosine -1.00").count == 2,
                "\(lines): \(run.errors)")
        }
    }

    /// Exact, because a token that is computed alone differs in its last bits from one that
    /// is computed beside others.
    @Test func whatACalibrationSaysIsDrawnAsItWasMeasured() throws {
        let steered = ["\(MeterCommandTests.vector):auto", "-n", "24", "--temp", "0", "--exact", "--json"]
        let expected = try TillerProcess(["generate", "-p", "Who are you?", "--vector"] + steered).json()
        for run in [
            try chat(["Who are you?"], ["--vector"] + steered),
            try chat(["/vector \(steered[0])", "Who are you?"], Array(steered.dropFirst())),
        ] {
            let turns = try #require(try run.json()["turns"] as? [[String: Any]])
            #expect(turns[0]["ids"] as? [Int] == expected["ids"] as? [Int])
        }
    }

    @Test func aSecondQuestionReusesTheFirst() throws {
        let turns = try #require(
            try chat(["What is a tiller?", "And a rudder?"], ["--json"]).json()["turns"] as? [[String: Any]])
        func number(_ turn: Int, _ key: String) throws -> Int { try #require(turns[turn][key] as? Int) }
        #expect(try number(1, "reusedPromptTokens") >= number(0, "promptTokens") + 5)
        #expect(
            try number(1, "computedTokens")
                <= number(1, "promptTokens") - number(1, "reusedPromptTokens") + 6)
    }

    @Test func whatGoesWrongIsSaidAndTheChatGoesOn() throws {
        let run = try chat([
            "/again", "/strength 0.5", "/strength nan", "/vector \(folder.file("none.gguf"))", "/frob",
            "/save",
            "", "Hello\\", "there", "/history", "/undo", "/history", "/quit", "never said",
        ])
        #expect(run.status == 1)
        #expect(run.errors.components(separatedBy: "error: ").count == 7)
        #expect(run.errors.contains("nothing has been asked yet"))
        #expect(run.output.contains("> Hello\nthere\n"))
        #expect(run.output.contains("took back: Hello\\nthere"))
        #expect(run.output.contains("nothing has been said yet"))
        #expect(!run.output.contains("never said") && !run.output.contains("\u{1B}"))
    }

    @Test func aLineThatGoesOnAndOnIsRefused() throws {
        let run = try chat([String](repeating: String(repeating: "x", count: 4000) + "\\", count: 400))
        #expect(run.status == 1 && run.errors.contains("a line is longer than"), "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    /// All of it is passed over, and what goes on behind it.
    @Test func aLineThatIsTooLongDoesNotEndTheChat() throws {
        let long = String(repeating: "x", count: 1_100_000)
        let run = try chat(["Hello", long, "/system Be brief.", long + "\\", "y", "/system"], ["--json"])
        let json = try run.json()
        #expect((json["turns"] as? [Any])?.count == 1)
        let errors = try #require(json["errors"] as? [String])
        #expect(run.status == 1 && errors.count == 2 && errors.allSatisfy { $0.contains("longer than") })
        let messages = try #require(json["messages"] as? [[String: String]])
        #expect(messages.map { $0["role"] } == ["user", "assistant"])
    }

    /// Two seeds are the same once in four thousand million times.
    @Test func aSeedOfMinusOneIsAnotherForEachAnswer() throws {
        func seeds(_ seed: String) throws -> [Int] {
            let words = ["chat", "-n", "2", "--seed", seed, "--json"]
            let json = try TillerProcess(words, input: "Hi\nAnd you?\n").json()
            let turns = try #require(json["turns"] as? [[String: Any]])
            return turns.compactMap { $0["seed"] as? Int }
        }
        let drawn = try seeds("-1")
        #expect(drawn.count == 2 && drawn[0] != drawn[1])
        #expect(try seeds("7") == [7, 7])
    }

    @Test func eachTurnHasTheSystemTurnUnderWhichItWasAnswered() throws {
        let lines = ["Hi", "/system Be kind.", "And you?", "/system off", "Why?", "/system Be rude."]
        let json = try chat(lines, ["--system", "Be brief.", "--json"]).json()
        let turns = try #require(json["turns"] as? [[String: Any]])
        #expect(turns.map { $0["system"] as? String } == ["Be brief.", "Be kind.", nil])
        let messages = try #require(json["messages"] as? [[String: String]])
        #expect(messages.map { $0["role"] }.prefix(3) == ["system", "user", "assistant"])
        #expect(messages.count == 7 && messages[0]["content"] == "Be brief.")
    }

    @Test func savingDoesNotReplaceTheModelOrAVector() throws {
        let vector = folder.file("v.gguf")
        try FileManager.default.copyItem(atPath: MeterCommandTests.vector, toPath: vector)
        let before = folder.read("v.gguf")
        let run = try chat(
            ["/vector \(vector)", "/save \(vector)", "/save \(try smolLM2Path())"], ["--json"])
        #expect(try (run.json()["errors"] as? [String])?.count == 2)
        #expect(folder.read("v.gguf") == before)
    }

    /// A signal ends the answer; the next line is read as if nothing had been.
    @Test func controlCEndsTheAnswerAndNotTheChat() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = ["chat", "--temp", "0", "-n", "4000", "-t", "1"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        let saved = folder.file("talk.json")
        input.fileHandleForWriting.write(Data("Write a very long story about a river.\n".utf8))
        // The answer has begun; what is typed behind it waits.
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        kill(process.processIdentifier, SIGINT)
        input.fileHandleForWriting.write(Data("/save \(saved)\n".utf8))
        try input.fileHandleForWriting.close()
        _ = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        let data = Data(try #require(folder.read("talk.json")))
        let json = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let turns = try #require(json["turns"] as? [[String: Any]])
        #expect(turns.map { $0["finishReason"] as? String } == ["cancelled"])
        #expect((turns[0]["ids"] as? [Int] ?? []).count < 4000)
    }
}
