import Foundation
import Testing
import _TestSupport

@testable import tiller

/// From a dataset to steered text, through the built binary.
@Suite(.serialized) struct SteeringCommandTests {
    private static let dataset = """
        {"name": "happy", "template": "Act as if you're extremely {persona}.", "positive": ["happy"], "negative": ["sad"],
         "suffixes": ["I", "The weather", "My day", "It was", "Today"], "truncate": false,
         "questions": ["How was your day?"], "markers": {"positive": ["happy"], "negative": ["sad"]}}
        """

    private func extracted(_ folder: TemporaryFolder) throws -> (vector: String, run: TillerProcess) {
        let dataset = try folder.write("happy.json", Self.dataset)
        let vector = folder.file("happy:1.gguf")
        return (
            vector,
            try TillerProcess([
                "extract", "-d", dataset, "-o", vector, "--layers", "14-15", "--method", "mean", "--json",
            ])
        )
    }

    @Test func aBadVerdictIsSaidOnceAndNumbersHaveOneForm() throws {
        let folder = try TemporaryFolder()
        let dataset = try folder.write("happy.json", Self.dataset)
        let run = try TillerProcess([
            "extract", "-d", dataset, "-o", folder.file("v.gguf"), "--layers", "14", "--method", "random",
        ])
        #expect(run.status == 0 && run.output.contains("\nnot steerable: 0 of 1 layers"), "\(run.output)")
        #expect(!run.errors.contains("not steerable"), "\(run.errors)")
        #expect(!(run.output + run.errors).contains(" %"))
    }

    @Test func aDatasetBecomesAVectorThatSteers() throws {
        let folder = try TemporaryFolder()
        let (vector, run) = try extracted(folder)
        let report = try run.json()
        #expect(report["output"] as? String == vector)
        #expect(report["method"] as? String == "mean")
        #expect(report["prompts"] as? Int == 10)
        #expect((report["computedTokens"] as? Int ?? 1000) < (report["tokens"] as? Int ?? 0))
        let layers = try #require(report["layers"] as? [[String: Any]])
        #expect(layers.map { $0["layer"] as? Int } == [14, 15])
        for key in ["explainedVarianceRatio", "pairAccuracy", "cosineToMean", "scale", "dose"] {
            #expect(layers.allSatisfy { $0[key] is Double }, "\(key)")
        }

        let inspected = try TillerProcess(["inspect", vector, "--json"]).json()
        #expect(inspected["kind"] as? String == "vector")
        #expect(inspected["hasRecipe"] as? Bool == true)

        let validated = try TillerProcess(["validate", vector, "--json"])
        #expect(validated.status == 0)
        #expect(try validated.json()["grade"] as? String == "exact")

        try expectSteering(by: vector)
        try expectSweep(of: vector)
    }

    /// The path has a colon in it.
    private func expectSteering(by vector: String) throws {
        let arguments = [
            "generate", "-p", "How was your day?", "--temp", "0", "-n", "8", "--exact", "--json",
        ]
        let plain = try TillerProcess(arguments).json()
        let unmoved = try TillerProcess(arguments + ["--vector", vector + ":0"]).json()
        #expect(plain["ids"] as? [Int] == unmoved["ids"] as? [Int])
        #expect((unmoved["steeredLayers"] as? [Int])?.isEmpty == true)
        let moved = try TillerProcess(arguments + ["--vector", vector + ":-3", "--compare"]).json()
        #expect(moved["ids"] as? [Int] != plain["ids"] as? [Int])
        #expect(moved["steeredLayers"] as? [Int] == [14, 15])
        #expect((moved["baseline"] as? [String: Any])?["text"] as? String == plain["text"] as? String)
        let narrow = try TillerProcess(arguments + ["--vector", vector, "--layers", "15"]).json()
        #expect(narrow["steeredLayers"] as? [Int] == [15])
    }

    private func expectSweep(of vector: String) throws {
        let run = try TillerProcess([
            "sweep", "-v", vector, "--strengths", "-1:1:1", "-n", "4", "--temp", "0", "--no-keep", "--json",
        ])
        let runs = try #require(try run.json()["runs"] as? [[String: Any]])
        #expect(runs.map { $0["strength"] as? Double } == [-1, 0, 1])
        #expect(runs.allSatisfy { $0["prompt"] as? String == "How was your day?" })
        #expect(runs.allSatisfy { ($0["perplexity"] as? Double ?? 0) >= 1 && $0["text"] is String })
    }

    @Test(arguments: [":nan", ":inf", ":0,5"])
    func aStrengthThatIsNoNumberIsBadUsage(_ strength: String) throws {
        let folder = try TemporaryFolder()
        let vector = try folder.write("v.gguf", "")
        let run = try TillerProcess(["generate", "-p", "x", "--vector", vector + strength, "--json"])
        #expect(run.status == 2)
        #expect(try run.jsonError()["fix"] is String)
    }

    @Test(arguments: ["24-9", "29-40", "nine", "-1", "30%", "0-3"])
    func aLayerRangeThatTheModelDoesNotHaveIsBadUsage(_ layers: String) throws {
        let folder = try TemporaryFolder()
        let dataset = try folder.write("happy.json", Self.dataset)
        let run = try TillerProcess([
            "extract", "-d", dataset, "-o", folder.file("v.gguf"), "--layers=\(layers)", "--json",
        ])
        // A single share is one layer, and fine.
        #expect(run.status == (layers == "30%" ? 0 : 2), "\(run.output)")
    }

    @Test func anOutputThatCannotBeWrittenIsRefusedBeforeTheWork() throws {
        let folder = try TemporaryFolder()
        let dataset = try folder.write("happy.json", Self.dataset)
        for (path, code) in [
            (folder.file("no/v.gguf"), "missingFolder"), (dataset, "wouldReplaceInput"),
            (folder.path, "isAFolder"),
        ] {
            let run = try TillerProcess(["extract", "-d", dataset, "-o", path, "--json"])
            #expect(run.status == 1)
            #expect(try run.jsonError()["code"] as? String == code)
        }
        #expect(folder.names == ["happy.json"])
    }

    @Test func aDashIsNoFileToWrite() throws {
        let vector = MeterCommandTests.vector
        let folder = try TemporaryFolder()
        let dataset = try folder.write("happy.json", Self.dataset)
        let heads = try folder.write(
            "heads.json",
            #"{"heads": [{"name": "x", "vector": "\#(vector)", "threshold": 9, "action": "warn"}]}"#)
        for words in [
            ["extract", "-d", dataset, "-o", "-"], ["combine", vector, "-o", "-"],
            ["shift", vector, "--layers=1", "-o", "-"], ["reextract", vector, vector, "-o", "-"],
            ["sweep", "-v", vector, "-p", "x", "--report", "-", "--no-keep"],
        ] {
            let run = try TillerProcess(words + ["--json"])
            #expect(run.status == 2, "\(words): \(run.output)")
            #expect((try run.jsonError()["fix"] as? String)?.contains("./-") == true, "\(words)")
        }
        let log = try TillerProcess([
            "generate", "-p", "x", "-n", "1", "--heads", heads, "--audit", "-",
        ])
        #expect(log.errors.contains("./-"), "\(log.errors)")
    }

    @Test(arguments: [
        ("", "emptyFile"), ("{", "invalidJSON"), (#"{"name": "x", "pairs": []}"#, "tooFewPairs"),
        (
            #"{"name": "x", "pairs": [{"positive": "a", "negative": "a"}, {"positive": "b", "negative": "c"}]}"#,
            "identicalSides"
        ),
        (
            #"{"name": "x", "template": "{persona}", "positive": ["a", "b"], "negative": ["c"]}"#,
            "unequalSides"
        ),
    ])
    func aDatasetThatCannotBeUsedIsATypedError(_ text: String, _ code: String) throws {
        let folder = try TemporaryFolder()
        let dataset = try folder.write("d.json", text)
        let run = try TillerProcess(["extract", "-d", dataset, "-o", folder.file("v.gguf"), "--json"])
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == code)
        #expect((try run.jsonError()["message"] as? String)?.contains("d.json") == true)
    }

    @Test func aContextThatIsTooLargeIsSaidOnce() throws {
        let run = try TillerProcess([
            "generate", "-p", "Hi", "-n", "1", "-v", MeterCommandTests.vector, "--compare", "-c", "9000",
        ])
        #expect(run.status == 0 && run.errors.components(separatedBy: "-c 9000").count == 2, "\(run.errors)")
    }

    @Test func comparingNeedsAVector() throws {
        #expect(try TillerProcess(["generate", "-p", "x", "--compare"]).status == 2)
        #expect(try TillerProcess(["generate", "-p", "x", "--layers", "9"]).status == 2)
        #expect(try TillerProcess(["sweep", "-p", "x"]).status == 2)
    }
}
