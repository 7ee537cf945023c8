import Foundation
import Glibc
import Runs
import Testing
import _TestSupport

@testable import tiller

/// Sweeps, the runs that are kept of them, and their page, through the built binary.
@Suite(.serialized) struct SweepCommandTests {
    private let folder: TemporaryFolder
    private let vector: String
    private let arguments: [String]

    init() throws {
        folder = try TemporaryFolder()
        vector = folder.file("happy.gguf")
        let dataset = try folder.write(
            "happy.json",
            """
            {"name": "happy", "template": "Act as if you're extremely {persona}.", "positive": ["happy"],
             "negative": ["sad"], "suffixes": ["I", "The weather", "My day", "It was", "Today"], "truncate": false,
             "questions": ["How was <b>your</b> day?"], "markers": {"positive": ["happy"], "negative": ["sad"]}}
            """)
        let model = try smolLM2Path()
        let made = try TillerProcess([
            "extract", "-m", model, "-d", dataset, "-o", vector, "--layers", "14-15", "--method", "mean",
        ])
        try #require(made.status == 0, "\(made.errors)")
        arguments = ["sweep", "-m", model, "-v", vector, "--strengths=-2,2", "-n", "6", "--temp", "0"]
    }

    private var environment: [String: String] { ["TILLER_HOME": folder.file("cache")] }

    private func tiller(_ words: [String]) throws -> TillerProcess {
        try TillerProcess(words, environment: environment)
    }

    private func texts(_ json: [String: Any]) -> [String] {
        ["runs", "controls"].flatMap { json[$0] as? [[String: Any]] ?? [] }.compactMap {
            $0["text"] as? String
        }
    }

    @Test func aSweepHasItsControlsItsPageAndIsKept() throws {
        let page = folder.file("out.html")
        let first = try tiller(arguments + ["--report", page, "--json"]).json()
        let runs = try #require(first["runs"] as? [[String: Any]])
        #expect(runs.map { $0["strength"] as? Double } == [-2, 0, 2])
        #expect(runs.allSatisfy { ($0["perplexity"] as? Double ?? 0) >= 1 && $0["meter"] is Double })
        let controls = try #require(first["controls"] as? [[String: Any]])
        #expect(controls.map { $0["arm"] as? String } == ["random", "random", "instruction", "instruction"])
        #expect(controls.suffix(2).map { $0["side"] as? String } == ["positive", "negative"])
        let swept = try #require((first["vectors"] as? [[String: Any]])?.first)
        let points = try #require(swept["strengths"] as? [[String: Any]])
        #expect(points.map { $0["strength"] as? Double } == [-2, 0, 2])
        #expect(points[1]["meterShift"] as? Double == 0 && points[1]["perplexityRatio"] as? Double == 1)
        #expect(swept["choiceSlope"] is Double && swept["antiSteerableShare"] is Double)

        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("How was &lt;b&gt;your&lt;/b&gt; day?") && !html.contains("<b>"))
        for word in ["http:", "https:", "//", "src=", "<script", "url(", "@import"] {
            #expect(!html.contains(word), "\(word) would be fetched or run")
        }

        // The same again is all there already, and says the same.
        let again = try tiller(arguments + ["--json"]).json()
        #expect(again["reused"] as? Int == 7 && again["run"] as? Int == 1)
        #expect(texts(again) == texts(first))
        try expectRuns(texts(first))
    }

    /// What `tiller runs` says of the one run that there is, and of a second one.
    private func expectRuns(_ expected: [String]) throws {
        let shown = try tiller(["runs", "show", "1", "--report", folder.file("again.html"), "--json"])
        #expect(try texts(shown.json()) == expected)
        #expect(FileManager.default.fileExists(atPath: folder.file("again.html")))
        #expect(try tiller(arguments + ["-p", "Hello", "--json"]).json()["reused"] as? Int == 0)
        let listed = try #require(try tiller(["runs", "--json"]).json()["runs"] as? [[String: Any]])
        #expect(listed.map { $0["run"] as? Int } == [2, 1])
        #expect(listed.allSatisfy { $0["answers"] as? Int == 7 && $0["finished"] is String })
        let compared = try tiller(["runs", "compare", "1", "2", "--json"]).json()
        #expect((compared["strengths"] as? [Any])?.count == 7)
        #expect(try tiller(["runs", "remove", "1", "1", "--json"]).json()["answers"] as? Int == 7)
        #expect(try tiller(["runs", "show", "1"]).status == 1)
        #expect(try tiller(["runs"]).output.contains("happy"))
    }

    @Test func aSweepThatIsKilledGoesOn() throws {
        // Enough answers that most are still to come when the third has been seen, on a busy machine too.
        let words = arguments + ["--strengths=-2:2:0.5", "--batch", "1", "--json"]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let path = folder.file("cache/runs.sqlite")
        func answered() throws -> Int {
            guard FileManager.default.fileExists(atPath: path) else { return 0 }
            return try RunStore(path: path).runs().first?.answered ?? 0
        }
        while process.isRunning, try answered() < 3 { usleep(5000) }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let kept = try answered()
        try #require(kept >= 3, "\(kept) answers are there")

        #expect(try tiller(["runs", "show", "1"]).errors.contains("is unfinished"))
        let resumed = try tiller(words).json()
        // The last of them may not have been measured yet.
        #expect((resumed["reused"] as? Int ?? 0) >= kept - 1 && resumed["run"] as? Int == 1)
        let whole = try tiller(words + ["--no-keep"]).json()
        #expect(whole["run"] is NSNull && texts(resumed) == texts(whole))
    }

    @Test func severalDrawsAreTakenTogether() throws {
        let page = folder.file("out.html")
        let words = arguments + ["--no-controls", "--temp", "1", "--draws", "3", "--report", page]
        let json = try tiller(words + ["--json"]).json()
        let runs = try #require(json["runs"] as? [[String: Any]])
        #expect(runs.map { $0["draw"] as? Int } == [0, 0, 0, 1, 1, 1, 2, 2, 2] && json["draws"] as? Int == 3)
        #expect(Set(runs.compactMap { $0["text"] as? String }).count > 5)
        let points = (json["vectors"] as? [[String: Any]])?.first?["strengths"] as? [[String: Any]]
        #expect(points?.map { ($0["meterShiftError"] as? Double ?? 0) > 0 } == [true, false, true])
        let text = try tiller(words).output
        #expect(text.contains("1 prompt, 3 answers to each") && !text.contains("draw 2"))
        #expect(try tiller(words + ["--texts"]).output.contains("draw 3"))
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("3 answers to each") && html.contains("-2, draw 3"))
    }

    @Test func theTraitInWordsIsAskedForBesideTheSystemTurn() throws {
        let dataset = try folder.write(
            "system.json",
            """
            {"name": "happy", "system": "You are {persona}.", "template": "", "positive": ["happy"], "negative": ["sad"],
             "suffixes": ["I", "The weather", "My day", "It was", "Today"], "truncate": false, "questions": ["Hi"]}
            """)
        let made = try tiller([
            "extract", "-m", smolLM2Path(), "-d", dataset, "-o", vector, "--layers", "14", "--method", "mean",
        ])
        try #require(made.status == 0, "\(made.errors)")
        func asked(_ words: [String]) throws -> (texts: [String], json: [String: Any]) {
            let json = try tiller(arguments + ["--strengths", "0", "--json"] + words).json()
            let controls = json["controls"] as? [[String: Any]] ?? []
            return (
                controls.filter { $0["arm"] as? String == "instruction" }.compactMap {
                    $0["text"] as? String
                },
                try #require(json["conditions"] as? [String: Any])
            )
        }
        let (plain, beside) = (try asked([]), try asked(["--system", "Answer in French."]))
        #expect(plain.texts.count == 2 && Set(plain.texts).isDisjoint(with: beside.texts))
        #expect(plain.json["system"] is NSNull && beside.json["system"] as? String == "Answer in French.")
        #expect(beside.json["raw"] as? Bool == false && beside.json["temperature"] as? Double == 0)
        #expect(try tiller(["runs", "show", "2"]).output.contains("system turn “Answer in French.”"))
        let compared = try tiller(["runs", "compare", "1", "2"]).output
        #expect(compared.contains("system turn: none | “Answer in French.”"), "\(compared)")
    }

    /// Each persona is a forced choice, and its words take room beside the one answer that is measured.
    @Test func personasOfManyWordsHaveRoomBesideOneAnswer() throws {
        let more = String(repeating: "very ", count: 40)
        let dataset = try folder.write(
            "long.json",
            """
            {"name": "happy", "template": "{persona}", "positive": ["\(more)happy", "\(more)glad"],
             "negative": ["\(more)sad", "\(more)tired"], "suffixes": ["I", "The weather", "My day", "It was", "Today"],
             "truncate": false, "questions": ["Hi"]}
            """)
        let made = try tiller([
            "extract", "-m", smolLM2Path(), "-d", dataset, "-o", vector, "--layers", "14", "--method", "mean",
        ])
        try #require(made.status == 0, "\(made.errors)")
        let words = arguments + ["--no-controls", "--no-keep", "--json"]
        let run = try tiller(words + ["--batch", "1"])
        #expect(run.status == 0, "\(run.output)")
        // A text that has room for the answer and not for them is refused before anything is answered.
        let refused = try tiller(words + ["-c", "60"])
        #expect(refused.status == 2 && refused.errors.isEmpty)
        #expect((try refused.jsonError()["message"] as? String)?.contains("the vector's own words") == true)
    }

    @Test func controlsAreLeftOutWhereThatIsAskedFor() throws {
        let page = folder.file("out.html")
        let words = arguments + ["--no-keep", "--json"]
        let bare = try tiller(words + ["--no-controls", "--report", page]).json()
        #expect((bare["controls"] as? [[String: Any]])?.isEmpty == true)
        let whole = try tiller(words).json()
        func answers(_ json: [String: Any]) -> [String] {
            (json["runs"] as? [[String: Any]] ?? []).compactMap { $0["text"] as? String }
        }
        #expect(answers(bare).count == 3 && answers(bare) == answers(whole))
        let vector = try #require((bare["vectors"] as? [[String: Any]])?.first)
        #expect((vector["random"] as? [Any])?.isEmpty == true && vector["whyNoInstructions"] is NSNull)
        // What was not asked for is no gap that a reader should be told of.
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(!html.contains("Not asked for in words") && !html.contains("random"))
    }

    @Test func whatCannotBeSweptIsRefusedBeforeTheWork() throws {
        let prompts = try folder.write("prompts.txt", "Hello\n")
        let empty = try folder.write("empty.txt", " \n\n")
        let cases: [(words: [String], status: Int32, code: String)] = [
            (["--strengths", "nan"], 2, "invalidStrength"),
            (["--strengths", "0:1e6:1"], 2, "tooManyStrengths"),
            (["--prompts", empty], 1, "cannotReadInput"),
            (["--report", folder.file("no/out.html")], 1, "missingFolder"),
            (["--report", vector], 1, "wouldReplaceInput"),
            (["--prompts", prompts, "--report", prompts], 1, "wouldReplaceInput"),
            (["-v", vector + ":0.5"], 2, "badUsage"), (["-v", vector + ":auto"], 2, "badUsage"),
            (["--batch", "0"], 2, "badUsage"), (["--draws", "0"], 2, "badUsage"),
            (["--temp", "1", "--draws", "1001"], 2, "badUsage"), (["--draws", "2"], 2, "badUsage"),
            (["--temp", "1", "--top-k", "1", "--draws", "2"], 2, "badUsage"),
        ]
        for (words, status, code) in cases {
            let run = try tiller(arguments + words + ["--json"])
            #expect(run.status == status && run.errors.isEmpty, "\(words)")
            #expect(try run.jsonError()["code"] as? String == code, "\(words)")
        }
        // Nothing was kept, and nothing was written over.
        #expect(!FileManager.default.fileExists(atPath: folder.file("cache/runs.sqlite")))
        #expect(folder.read("prompts.txt") == Array("Hello\n".utf8))
    }

    @Test func aVectorWithoutQuestionsFailsAlikeInSweepsAndCalibrations() throws {
        let bare = folder.file("bare.gguf")
        #expect(try tiller(["combine", vector, vector, "-o", bare]).status == 0)
        for command in ["sweep", "calibrate"] {
            let run = try tiller([command, "-m", try smolLM2Path(), "-v", bare, "--json"])
            #expect(run.status == 1)
            #expect((try run.jsonError()["fix"] as? String)?.contains("--prompts") == true, "\(run.output)")
        }
    }

    @Test func whoLooksForRunsMakesNoFolderForThem() throws {
        let listed = try tiller(["runs", "--json"])
        #expect(try listed.json()["runs"] as? [Any] != nil && listed.status == 0)
        for words in [["show", "1"], ["compare", "1", "2"], ["remove", "1"]] {
            let run = try tiller(["runs"] + words + ["--json"])
            #expect(run.status == 1)
            #expect(try run.jsonError()["code"] as? String == "unknownRun")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("cache")))
    }

    @Test func aDamagedFileOfRunsIsRefusedAndLeftAlone() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("cache"), withIntermediateDirectories: true)
        let bytes =
            Array("no database, but a text that is longer than a hundred bytes".utf8)
            + Array(repeating: 65, count: 100)
        try folder.write(bytes, to: "cache/runs.sqlite")
        for words in [arguments, ["runs"], ["runs", "show", "1"]] {
            let run = try tiller(words + ["--json"])
            #expect(run.status == 1)
            #expect(try run.jsonError()["code"] as? String == "damagedRuns")
        }
        #expect(folder.read("cache/runs.sqlite") == bytes)
    }
}
