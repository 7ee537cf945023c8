import Foundation
import Generation
import Steering
import Synchronization
import Terms
import Testing
import _TestSupport

@testable import Runs

@Suite struct RunStoreTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("runs.sqlite")
    }

    private func report(_ prompts: [String] = ["Hello"]) -> SweepReport {
        SweepReport(
            toolVersion: "1", model: .init(name: "m.gguf", summary: "llama", digest: "d"),
            vectors: [.init(name: "happy", digest: "v", layers: [9], meterLayers: [9])], prompts: prompts,
            strengths: [0, 1], sampling: .greedy, maximumTokens: 4)
    }

    private func outcome(_ text: String) -> AnswerOutcome {
        var outcome = AnswerOutcome(failure: "")
        outcome.failure = nil
        outcome.text = text
        outcome.ids = [1, 2]
        outcome.pieces = [text]
        outcome.measures = AnswerMeasures(
            tokenCount: 2, perplexity: 3.5, faults: [.loop], logProbabilities: [-1, -.infinity],
            projections: [0.5, .nan])
        return outcome
    }

    private func places(_ names: [String]) -> [(cell: SweepCell, key: AnswerKey)] {
        names.enumerated().map {
            (SweepCell(.vector, strength: Double($0), prompt: 0), AnswerKey(text: $1))
        }
    }

    private func kept(_ key: String, _ text: String, textKey: String? = nil) -> KeptAnswer {
        KeptAnswer(
            key: AnswerKey(text: key), textKey: AnswerKey(text: textKey ?? "text of \(key)"),
            outcome: outcome(text))
    }

    @Test(arguments: ["Hello", "", "a\0b\u{1F600}\"'; DROP TABLE answers; --"])
    func whatIsKeptComesBack(_ text: String) throws {
        try RunStore(path: path).keep([kept("a", text)])
        let store = try RunStore(path: path)
        let found = try #require(try store.outcome(for: AnswerKey(text: "a")))
        #expect(found.text == text && found.ids == [1, 2] && found.pieces == [text])
        let measures = try #require(found.measures)
        #expect(measures.perplexity == 3.5 && measures.faults == [.loop])
        #expect(measures.logProbabilities == [-1, -.infinity] && measures.projections[1].isNaN)
        #expect(try store.outcome(for: AnswerKey(text: "b")) == nil)
    }

    @Test func wordsAreFoundWithoutWhatTheyWereMeasuredBy() throws {
        let store = try RunStore(path: path)
        try store.keep([kept("a", "Hello", textKey: "t")])
        let found = try #require(try store.text(for: AnswerKey(text: "t")))
        #expect(found.text == "Hello" && found.measures == nil)
    }

    @Test func aRunComesBackWithTheAnswersThatItHas() throws {
        let store = try RunStore(path: path)
        let number = try store.begin(report(), key: "k", places: places(["a", "b"]), now: 100)
        try store.keep([kept("b", "second")])
        let unfinished = try store.run(number)
        #expect(unfinished.finished == nil && unfinished.answered == 1 && unfinished.total == 2)
        #expect(unfinished.report.answers.map(\.outcome?.text) == [nil, "second"])
        #expect(unfinished.report.answers.map(\.cell.strength) == [0, 1])
        try store.keep([kept("a", "first")])
        try store.finish(number, report(), now: 200)
        let finished = try #require(try RunStore(path: path).runs().first)
        #expect(finished.finished == 200 && finished.started == 100 && finished.answered == 2)
        #expect(finished.report == report())
    }

    @Test func anEqualSweepIsTheSameRun() throws {
        let store = try RunStore(path: path)
        let first = try store.begin(report(), key: "k", places: places(["a"]), now: 1)
        #expect(try store.begin(report(), key: "k", places: places(["a"]), now: 2) == first)
        #expect(try store.begin(report(), key: "other", places: places(["a"]), now: 3) != first)
        #expect(try store.runs().map(\.started) == [3, 2])
    }

    @Test func removingARunLeavesTheAnswersOfOthers() throws {
        let store = try RunStore(path: path)
        let first = try store.begin(report(), key: "1", places: places(["a", "b"]), now: 1)
        let second = try store.begin(report(), key: "2", places: places(["b", "c"]), now: 2)
        try store.keep([kept("a", "A"), kept("b", "B"), kept("c", "C")])
        #expect(throws: RunsError.self) { try store.remove([first, 99]) }
        #expect(try store.runs().count == 2)
        #expect(try store.remove([first]) == 1)
        #expect(try store.run(second).report.answers.map(\.outcome?.text) == ["B", "C"])
        #expect(try store.remove([second]) == 2)
        #expect(try store.runs().isEmpty)
    }

    @Test func aRunThatIsRemovedBeforeItEndsCanBePutBack() throws {
        let store = try RunStore(path: path)
        let places = places(["a", "b"])
        let first = try store.begin(report(), key: "k", places: places, now: 1)
        try store.keep([kept("a", "A")])
        try RunStore(path: path).remove([first])
        try store.keep([kept("b", "B")])
        #expect(try !store.finish(first, report(), now: 2))
        #expect(try store.runs().isEmpty)
        let second = try store.begin(report(), key: "k", places: places, now: 1)
        try store.keep([kept("a", "A"), kept("b", "B")])
        #expect(try store.finish(second, report(), now: 2))
        let found = try store.run(second)
        #expect(found.started == 1 && found.finished == 2 && found.answered == 2)
        #expect(try store.remove([second]) == 2)
    }

    @Test(arguments: [
        Array("this is no database, it is a text of some length".utf8), Array(repeating: 0, count: 5000),
        Array("SQLite format 3\0".utf8) + Array(repeating: 0xFF, count: 4096),
    ])
    func aDamagedFileIsRefusedAndLeftAlone(_ bytes: [UInt8]) throws {
        try folder.write(bytes, to: "runs.sqlite")
        let error = #expect(throws: RunsError.self) { try RunStore(path: path) }
        #expect(error?.kind == .damagedRuns && error?.remedy?.contains("mv ") == true)
        #expect(folder.read("runs.sqlite") == bytes)
    }

    @Test func theCommandThatMovesADamagedFileAwayCanBePasted() throws {
        let spaced = folder.file("a b.sqlite")
        try folder.write(Array("this is no database".utf8), to: "a b.sqlite")
        let error = #expect(throws: RunsError.self) { try RunStore(path: spaced) }
        #expect(error?.remedy == "move it away (mv '\(spaced)' '\(spaced).old'); a new one is made")
    }

    @Test func aFullDiskIsInTheRemedy() throws {
        let database = try Database(path: path)
        try database.execute("PRAGMA max_page_count = 2")
        let error = #expect(throws: RunsError.self) {
            try database.execute("CREATE TABLE a (x); CREATE TABLE b (x)")
        }
        #expect(error?.kind == .runsUnavailable)
        #expect(error?.remedy?.contains("the disk may be full") == true)
    }

    @Test func anotherProgramsDatabaseIsRefused() throws {
        try Database(path: path).execute("CREATE TABLE cookies (name TEXT)")
        #expect(throws: RunsError.self) { try RunStore(path: path) }
        #expect(try Database(path: path).integer("SELECT count(*) FROM sqlite_master") == 1)
    }

    @Test func tablesOfANewerVersionAreRefused() throws {
        _ = try RunStore(path: path)
        try Database(path: path).execute("PRAGMA user_version = 99")
        let error = #expect(throws: RunsError.self) { try RunStore(path: path) }
        #expect(error?.kind == .newerRuns)
    }

    @Test func aFolderOrAMissingOneIsNoPlaceForRuns() throws {
        for path in [folder.path, folder.file("no/runs.sqlite")] {
            let error = #expect(throws: RunsError.self) { try RunStore(path: path) }
            #expect(error?.kind == .runsUnavailable)
            // `tiller runs` opens the file too, and has no such option of its own.
            #expect(error?.remedy?.hasSuffix("; tiller sweep --no-keep does without the file") == true)
        }
    }

    @Test func aRowThatDoesNotReadIsNoAnswer() throws {
        let store = try RunStore(path: path)
        try store.keep([kept("a", "Hello")])
        try Database(path: path).execute("UPDATE answers SET answer = '{}'")
        #expect(try store.outcome(for: AnswerKey(text: "a")) == nil)
    }

    @Test func runsThatDoNotReadAreCountedAndTheOthersListed() throws {
        let store = try RunStore(path: path)
        let numbers = try (1...3).map {
            try store.begin(report(), key: "\($0)", places: places(["a"]), now: Double($0))
        }
        #expect(try store.listing().problem == nil)
        let database = try Database(path: path)
        try database.execute("UPDATE runs SET report = 'half' WHERE id = \(numbers[0])")
        var (runs, problem) = try store.listing()
        #expect(runs.map(\.number) == [numbers[2], numbers[1]] && problem?.kind == .unreadableRuns)
        #expect(problem?.message == "\(path): run 1 cannot be read: it is no JSON")
        #expect(problem?.remedy == "use the tiller that wrote it, or tiller runs remove 1")
        try database.execute("UPDATE runs SET report = '{\"prompts\": 1}' WHERE id = \(numbers[1])")
        (runs, problem) = try store.listing()
        #expect(try runs.map(\.number) == [numbers[2]] && store.runs() == runs)
        #expect(problem?.message == "\(path): 2 runs cannot be read: 1, 2; of run 1: it is no JSON")
        #expect(problem?.remedy == "use the tiller that wrote them, or tiller runs remove 1 2")
        let refusal = #expect(throws: RunsError.self) { try store.run(numbers[1]) }
        #expect(
            refusal?.kind == .unreadableRuns && refusal?.message.contains("run 2 cannot be read: ") == true)
        try store.remove(Array(numbers[..<2]))
        #expect(try store.listing().problem == nil && store.run(numbers[2]).problem == nil)
    }

    @Test func answersThatDoNotReadAreCountedAndTheOthersShown() throws {
        let store = try RunStore(path: path)
        let number = try store.begin(report(), key: "k", places: places(["a", "b", "c", "d"]), now: 1)
        try store.keep([kept("a", "A"), kept("b", "B"), kept("c", "C")])
        let database = try Database(path: path)
        try database.execute("UPDATE answers SET answer = '[]' WHERE key = 'a'")
        var run = try store.run(number)
        #expect(run.report.answers.map(\.outcome?.text) == [nil, "B", "C", nil])
        #expect(
            run.problem?.message
                == "\(path): 1 of the 4 answers of run 1 cannot be read: it is of another kind")
        #expect(run.problem?.remedy == "the same sweep again answers them anew")
        // A prompt that the run has not got would be looked for in vain.
        try database.execute(
            "UPDATE run_answers SET cell = replace(cell, '\"prompt\":0', '\"prompt\":9') WHERE key = 'b'")
        run = try store.run(number)
        #expect(run.report.answers.map(\.outcome?.text) == [nil, "C", nil])
        #expect(run.problem?.message.contains("2 of the 4 answers of run 1 cannot be read") == true)
        #expect(run.problem?.remedy == "tiller runs remove 1, then the same sweep again")
    }

    @Test func twoConnectionsWriteByTurns() throws {
        let stores = [try RunStore(path: path), try RunStore(path: path)]
        for index in 0..<20 { try stores[index % 2].keep([kept("\(index)", "text \(index)")]) }
        #expect(try stores[0].outcome(for: AnswerKey(text: "19"))?.text == "text 19")
        #expect(try stores[1].outcome(for: AnswerKey(text: "18"))?.text == "text 18")
    }

    /// Two sweeps that begin at once, the first on this machine.
    @Test func whoComesTogetherMakesOneFile() throws {
        for round in 0..<50 {
            let path = folder.file("\(round).sqlite")
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { index in
                do {
                    try RunStore(path: path).keep([kept("\(index)", "text \(index)")])
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock(\.self) == [])
            let database = try Database(path: path)
            #expect(try database.integer("SELECT count(*) FROM answers") == 8)
            #expect(try database.query("PRAGMA journal_mode") { $0.text(0) } == ["wal"])
        }
    }

    @Test func aTransactionThatFailsLeavesNothing() throws {
        let database = try Database(path: path)
        try database.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)")
        #expect(throws: RunsError.self) {
            try database.transaction { () throws(RunsError) in
                try database.run("INSERT INTO t VALUES (1)")
                try database.run("INSERT INTO t VALUES (1)")
            }
        }
        #expect(try database.integer("SELECT count(*) FROM t") == 0)
    }
}
