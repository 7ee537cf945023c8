import Foundation
import Generation
import Steering
import Testing
import _TestSupport

@testable import Runs
@testable import tiller

/// The list of kept runs, of which some do not read.
@Suite struct RunsCommandTests {
    @Test func runsThatDoNotReadAreSaidAndNotTakenForNone() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("runs.sqlite")
        let report = SweepReport(
            toolVersion: "1", model: .init(name: "m.gguf", summary: "llama", digest: "d"), vectors: [],
            prompts: ["Hello"], strengths: [0], sampling: .greedy, maximumTokens: 4)
        for key in ["a", "b"] { _ = try RunStore(path: path).begin(report, key: key, places: [], now: 1) }
        func list(_ words: [String] = []) throws -> TillerProcess {
            try TillerProcess(["runs"] + words, environment: ["TILLER_HOME": folder.path])
        }
        try Database(path: path).execute("UPDATE runs SET report = '{' WHERE id = 1")
        let some = try list(["--json"])
        #expect((try some.json()["runs"] as? [[String: Any]])?.map { $0["run"] as? Int } == [2])
        let problem = try #require(some.json()["problem"] as? [String: Any])
        #expect(problem["code"] as? String == "unreadableRuns")
        #expect(some.status == 0 && some.errors.contains("\(path): run 1 cannot be read: it is no JSON"))

        try Database(path: path).execute("UPDATE runs SET report = '{'")
        let none = try list()
        #expect(none.output == "" && none.errors.contains("2 runs cannot be read: 1, 2"))
        #expect(none.errors.contains("tiller runs remove 1 2"))
        let shown = try list(["show", "2", "--json"])
        #expect(try shown.status == 1 && shown.jsonError()["code"] as? String == "unreadableRuns")
    }
}
