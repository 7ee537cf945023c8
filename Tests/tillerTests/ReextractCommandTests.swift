import ControlVectors
import Foundation
import GGUF
import Terms
import Testing
import _TestSupport

@testable import tiller

/// Vectors made again for another model: one, a folder of them, and after a kill.
@Suite(.serialized) struct ReextractCommandTests {
    private let folder: TemporaryFolder
    /// SmolLM2 without its last ten blocks: another model, with a tokenizer and a chat template.
    private let shallow: String

    init() throws {
        folder = try TemporaryFolder()
        shallow = folder.file("shallow.gguf")
        let file = try GGUFFile(path: smolLM2Path())
        var metadata = file.metadata
        metadata["llama.block_count"] = .uint32(20)
        metadata["general.name"] = .string("Shallow")
        var writer = GGUFWriter(metadata)
        let dropped = (20..<30).map { "blk.\($0)." }
        for tensor in file.tensors where !dropped.contains(where: tensor.name.hasPrefix) {
            writer.add(tensor, from: file)
        }
        try writer.write(to: shallow)
    }

    private var cache: [String: String] { ["TILLER_HOME": folder.file("cache")] }

    /// A vector of SmolLM2.
    private func vector(
        _ name: String, layers: String = "9-12", method: String = "mean", suffixes: [String]? = nil
    ) throws -> String {
        let suffixes = suffixes ?? ["I", "The weather", "My day", "It was", "Today", "She"]
        let list = suffixes.map { "\"\($0)\"" }.joined(separator: ", ")
        let dataset = try folder.write(
            "\(name).json",
            """
            {"name": "happy", "template": "Act as if you're extremely {persona}.", "positive": ["happy"],
             "negative": ["sad"], "suffixes": [\(list)], "truncate": false}
            """)
        let path = folder.file("\(name).gguf")
        let run = try TillerProcess([
            "extract", "-m", smolLM2Path(), "-d", dataset, "-o", path, "--layers", layers, "--method", method,
        ])
        #expect(run.status == 0, "\(run.errors)")
        return path
    }

    @Test func theOldVectorStandsBesideTheNew() throws {
        let old = try vector("happy")
        let new = folder.file("new.gguf")
        let run = try TillerProcess(["reextract", old, "-m", shallow, "-o", new, "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let json = try run.json()
        let sides = try ["old", "new"].map { try #require(json[$0] as? [String: Any]) }
        #expect(sides[0]["layers"] as? [Int] == [9, 10, 11, 12])
        #expect(sides[1]["layers"] as? [Int] == [6, 7, 8])
        #expect(sides.map { ($0["model"] as? [String: Any])?["layerCount"] as? Int } == [30, 20])
        for side in sides {
            for key in ["pairAccuracy", "explainedVarianceRatio", "cosineToMean", "norm", "dose"] {
                #expect((side[key] as? [String: Any])?["median"] is NSNumber, "\(key)")
            }
            #expect(side["bytes"] as? Int ?? 0 > 0)
        }
        #expect(json["output"] as? String == new && json["residentBytes"] as? Int ?? 0 > 0)
        let text = try TillerProcess(["reextract", old, "-m", shallow, "-o", new]).output
        for word in [
            "OLD", "NEW", "layers", "pair accuracy", "dose", "time", "memory", "6-8 (3)", "9-12 (4)",
        ] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(try TillerProcess(["validate", new, "-m", shallow]).status == 0)
        let refused = try TillerProcess(["validate", new, "-m", smolLM2Path(), "--json"])
        #expect(refused.status == 3)
        #expect(try refused.json()["reasons"] as? [String] == ["layers differ (20 vs 30)"])
    }

    @Test func aFolderOfVectorsIsMadeWithWhatFailsToldAndWhatIsThereLeft() throws {
        let vectors = [try vector("a"), try vector("b", layers: "10-14", method: "pca")]
        let foreign = folder.file("foreign.gguf")
        try ControlVector(directions: [3: [Float](repeating: 1, count: 576)], modelHint: "llama").write(
            to: foreign)
        let broken = try folder.write("broken.gguf", "GGUF")
        let arguments =
            ["reextract", foreign, broken] + vectors + [
                "-m", shallow, "-o", folder.file("new/deep") + "/", "--json",
            ]
        let first = try TillerProcess(arguments, environment: cache)
        #expect(first.status == 1)
        let json = try first.json()
        #expect(["made", "skipped", "failed"].map { json[$0] as? Int } == [2, 0, 2])
        let results = try #require(json["results"] as? [[String: Any]])
        #expect(results.map { $0["status"] as? String } == ["failed", "failed", "made", "made"])
        #expect(results.map { $0["vector"] as? String } == [foreign, broken] + vectors)
        #expect((results[0]["error"] as? [String: Any])?["code"] as? String == "noRecipe")
        #expect(
            ((results[0]["error"] as? [String: Any])?["fix"] as? String)?.contains("tiller extract") == true)
        #expect(first.errors.contains("broken.gguf") && first.errors.contains("foreign.gguf"))
        // The hidden states were read once, for the layers of both.
        #expect(results[2]["computedTokens"] as? Int == results[3]["computedTokens"] as? Int)

        let made = folder.file("new/deep/a.gguf")
        let alone = folder.file("alone.gguf")
        #expect(try TillerProcess(["reextract", vectors[0], "-m", shallow, "-o", alone]).status == 0)
        #expect(try ControlVector(path: made) == ControlVector(path: alone))

        // Again: what is there is passed over, what was damaged is made again.
        try Data("half".utf8).write(to: URL(fileURLWithPath: folder.file("new/deep/b.gguf")))
        let again = try TillerProcess(arguments, environment: cache).json()
        #expect(["made", "skipped", "failed"].map { again[$0] as? Int } == [1, 1, 2])
        // So is what reads as a vector of that recipe, with a last direction of zeros, or
        // with a number that is none.
        try overwriteEnd(of: "new/deep/a.gguf", [Float](repeating: 0, count: 576))
        try overwriteEnd(of: "new/deep/b.gguf", [.nan])
        let mended = try TillerProcess(arguments, environment: cache).json()
        #expect(["made", "skipped", "failed"].map { mended[$0] as? Int } == [2, 0, 2])
        #expect(try ControlVector(path: made) == ControlVector(path: alone))
        let other = try TillerProcess(
            ["reextract"] + vectors + ["-m", shallow, "-o", folder.file("new/deep"), "--layers", "7"])
        #expect(other.status == 0 && other.output.contains("2 made"), "\(other.output)")
        #expect(FileManager.default.fileExists(atPath: made))
    }

    /// Replaces the last numbers of a file, whose end is the last direction's.
    private func overwriteEnd(of name: String, _ numbers: [Float]) throws {
        let bytes = numbers.withUnsafeBytes { Array($0) }
        let old = try #require(folder.read(name))
        try folder.write(Array(old.dropLast(bytes.count)) + bytes, to: name)
    }

    @Test func noInputIsWrittenOver() throws {
        let old = try vector("happy")
        let before = try #require(folder.read("happy.gguf"))
        for output in [old, folder.path] {
            let run = try TillerProcess(["reextract", old, "-m", shallow, "-o", output, "--json"])
            #expect(run.status == 1)
        }
        let model = try TillerProcess(["reextract", old, "-m", shallow, "-o", shallow, "--json"])
        #expect(try model.jsonError()["code"] as? String == "wouldReplaceInput")
        #expect(folder.read("happy.gguf") == before)
    }

    @Test func aVectorWithoutQuestionsIsNotMadeToBeCalibrated() throws {
        let old = try vector("happy")
        let new = folder.file("new.gguf")
        let fix = "leave out --calibrate, then tiller calibrate -v \(new) --prompts FILE --write"
        let arguments = ["reextract", "-m", shallow, "--calibrate", "--json"]
        let run = try TillerProcess(arguments + [old, "-o", new], environment: cache)
        #expect(run.status == 1)
        #expect(try run.jsonError()["fix"] as? String == fix)
        #expect(!FileManager.default.fileExists(atPath: new))
        // Nor in a folder, where it fails alone.
        let several = try TillerProcess(arguments + [old, "-o", folder.file("deep/")], environment: cache)
        let results = try #require(try several.json()["results"] as? [[String: Any]])
        #expect(several.status == 1 && results.map { $0["status"] as? String } == ["failed"])
        #expect(((results[0]["error"] as? [String: Any])?["fix"] as? String)?.contains("--prompts") == true)
        #expect(!FileManager.default.fileExists(atPath: folder.file("deep/happy.gguf")))
    }

    /// Before anything is computed, too: layers that this model has none of.
    @Test func whatFailsInAFolderNamesItsVector() throws {
        let vectors = [fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf")]
        let run = try TillerProcess(
            ["reextract"] + vectors + [
                "-m", shallow, "-o", folder.file("new/"), "--layers", "31%-32%", "--json",
            ], environment: cache)
        let results = try #require(try run.json()["results"] as? [[String: Any]])
        let error = try #require(results.first?["error"] as? [String: Any])
        #expect(run.status == 1 && error["code"] as? String != "unexpected", "\(error)")
        #expect((error["message"] as? String)?.hasPrefix(vectors[0]) == true, "\(error)")
        #expect(run.errors.contains(vectors[0]))
    }

    @Test func twoVectorsOfOneNameAreBadUsage() throws {
        let run = try TillerProcess([
            "reextract", "x/v.gguf", "y/v.gguf", "-m", shallow, "-o", folder.file("new"), "--json",
        ])
        #expect(run.status == 2)
        #expect(!FileManager.default.fileExists(atPath: folder.file("new")))
    }

    @Test func aJudgeThatNoRecipeNamesIsRefused() throws {
        let happy = fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf")
        for (output, words) in [
            ("n.gguf", "the vector's recipe names"), ("new/", "the vectors' recipes name"),
        ] {
            let vectors = output == "new/" ? [happy, try sameRecipe(as: happy)] : [happy]
            let run = try TillerProcess(
                ["reextract"] + vectors + [
                    "-m", shallow, "-o", folder.file(output), "--judge", "http://127.0.0.1:9/v1", "--json",
                ])
            #expect(run.status == 2)
            let message = try run.jsonError()["message"] as? String
            #expect(message == "--judge http://127.0.0.1:9/v1: \(words) no judge, so nothing would be scored")
            #expect(!FileManager.default.fileExists(atPath: folder.file(output)))
        }
    }

    private func sameRecipe(as vector: String) throws -> String {
        try ControlVector(path: vector).write(to: folder.file("copy.gguf"))
        return folder.file("copy.gguf")
    }

    @Test func aVectorWithoutARecipeSaysHowToMakeIt() throws {
        let foreign = folder.file("foreign.gguf")
        try ControlVector(directions: [3: [Float](repeating: 1, count: 576)]).write(to: foreign)
        let run = try TillerProcess([
            "reextract", foreign, "-m", shallow, "-o", folder.file("n.gguf"), "--json",
        ])
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == "noRecipe")
    }
}
