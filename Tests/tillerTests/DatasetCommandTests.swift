import ControlVectors
import Foundation
import GGUF
import Steering
import Terms
import Testing
import _TestSupport

@testable import tiller

/// `import`, `lint`, `shift` and `compare`, through the built binary.
@Suite struct DatasetCommandTests {
    @Test func anImportedDatasetIsOneThatCanBeInspected() throws {
        let folder = try TemporaryFolder()
        let pairs = try folder.write("pairs.json", #"[["a x", "b x"], ["c x", "d x"], ["c x", "d x"]]"#)
        let target = folder.file("mood.json")
        let run = try TillerProcess(["import", pairs, "-o", target, "--name", "mood", "--json"])
        #expect(run.status == 0)
        #expect(try run.json()["from"] as? String == "repeng")
        #expect(run.errors.contains("note: the texts are used as they stand"))
        #expect(run.errors.contains("warning: 1 of 3 pairs stands there before"))
        let inspected = try TillerProcess(["inspect", target, "--json"]).json()
        #expect(inspected["name"] as? String == "mood" && inspected["pairs"] as? Int == 3)
        #expect((inspected["findings"] as? [[String: Any]])?.first?["rule"] as? String == "duplicates")
    }

    /// The same fault is a failure in a file, and bad usage where it was typed.
    @Test func personasThatMakeNoSenseWereTyped() throws {
        let folder = try TemporaryFolder()
        let suffixes = try folder.write("suffixes.json", #"["When I woke up", "The weather is"]"#)
        for (words, code) in [
            (["--positive", "a", "--positive", "b", "--negative", "c"], "unequalSides"),
            (["--positive", "a", "--negative", "a"], "identicalSides"),
        ] {
            let run = try TillerProcess(["import", suffixes, "-o", folder.file("d.json"), "--json"] + words)
            #expect(run.status == 2, "\(run.output)")
            #expect(try run.jsonError()["code"] as? String == code)
        }
        let words = ["--positive", "a", "--negative", "b", "-o", folder.file("d.json")]
        let broken = try folder.write("broken.json", #"["When I woke up", 1]"#)
        #expect(try TillerProcess(["import", broken] + words).status == 1)
    }

    @Test func anImportThatFailsLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        let positive = try folder.write("positive.txt", "a\nb\n")
        let run = try TillerProcess(["import", positive, "-o", folder.file("d.json"), "--json"])
        #expect(run.status == 2)
        #expect(try run.jsonError()["code"] as? String == "missingInput")
        #expect(try TillerProcess(["import", positive, "-o", positive, "--json"]).status == 1)
        #expect(folder.names == ["positive.txt"])
    }

    @Test func lintTellsFindingsByExitStatus() throws {
        let folder = try TemporaryFolder()
        let sound = try TillerProcess(["lint", "datasets/happy.json", "--json"].map(Self.located))
        #expect(sound.status == 0, "\(sound.output)")
        #expect(try sound.json()["warnings"] as? Int == 0)

        let few = try folder.write("few.json", #"[["a yes", "b no"], ["c yes", "d no"]]"#)
        _ = try TillerProcess(["import", few, "-o", folder.file("d.json")])
        let run = try TillerProcess(["lint", folder.file("d.json"), "--json"])
        #expect(run.status == 1)
        let findings = try #require(try run.json()["findings"] as? [[String: Any]])
        let rules = findings.compactMap { $0["rule"] as? String }
        #expect(rules == ["tooFewPairs", "lastTokenDiffers", "templateNotApplied", "noQuestions"])

        let textsOnly = try TillerProcess(["lint", folder.file("d.json"), "--texts-only"])
        #expect(textsOnly.status == 1 && textsOnly.output.contains("tooFewPairs"))
        let happy = try TillerProcess(["lint", "datasets/happy.json", "--texts-only"].map(Self.located))
        #expect(happy.status == 0)
        for run in [textsOnly, happy] {
            #expect(run.output.hasSuffix("; what needs a model was not looked at\n"), "\(run.output)")
        }

        let broken = try folder.write("broken.json", #"{"pairs": [{"positive": "a", "negative": "a"}]}"#)
        let unusable = try TillerProcess(["lint", broken, "--json"])
        #expect(unusable.status == 1)
        #expect(try unusable.json()["errors"] as? Int == 1)
        #expect(
            try TillerProcess(["lint", folder.file("absent.json"), "--json"]).jsonError()["fix"] is String)
    }

    @Test func aVectorIsNoBadlyEncodedDataset() throws {
        let happy = Self.located("vectors/smollm2-135m-instruct/happy.gguf")
        let folder = try TemporaryFolder()
        let linted = try TillerProcess(["lint", happy, "--texts-only"])
        #expect(linted.status == 1 && linted.output.contains("it is a GGUF file, a vector or a model"))
        for command in [["extract", "-d"], ["import"], ["generate", "-p", "Hi", "--preset"]] {
            let target = command[0] == "generate" ? [] : ["-o", folder.file("new")]
            let run = try TillerProcess(command + [happy] + target + ["--json"])
            let message = try run.jsonError()["message"] as? String
            #expect(message?.contains("it is a GGUF file, a vector or a model") == true, "\(command)")
        }
    }

    @Test func aModelWithoutATemplateTakesThePromptsAsTheyAre() throws {
        let folder = try TemporaryFolder()
        let file = try GGUFFile(path: smolLM2Path())
        var metadata = file.metadata
        metadata["tokenizer.chat_template"] = nil
        var writer = GGUFWriter(metadata)
        for tensor in file.tensors { writer.add(tensor, from: file) }
        let bare = folder.file("bare.gguf")
        try writer.write(to: bare)
        let dataset = try folder.write(
            "mood.json",
            #"{"template": "I feel {persona}.", "positive": ["glad"], "negative": ["sad"], "suffixes": ["I", "It"]}"#
        )
        let bench = ["bench", "-m", bare, "-d", dataset, "-p", "12", "-n", "2", "-r", "1", "--json"]
        for command in [["lint", dataset, "-m", bare, "--json"], bench] {
            let fix = try TillerProcess(command).jsonError()["fix"] as? String
            #expect(fix?.hasPrefix("pass --raw to take texts as they are") == true, "\(command[0])")
            #expect(try TillerProcess(command + ["--raw"]).json()["error"] == nil, "\(command[0])")
        }
        #expect(try TillerProcess(["bench", "--raw", "--json"]).status == 2)
    }

    @Test func aVectorOfLlamaCppIsMovedToWhereItWasMeasured() throws {
        let folder = try TemporaryFolder()
        let vector = fixturePath("ControlVectors/llamacpp.gguf")
        let inspected = try TillerProcess(["inspect", vector])
        #expect(inspected.output.contains("made by llama.cpp's cvector-generator; unknown: method, model"))
        #expect(inspected.output.contains("tiller shift --layers=-1"))
        // Its direction.1 would become the direction.0 that llama.cpp refuses.
        let moved = try TillerProcess(["shift", vector, "--layers=-1", "-o", folder.file("v.gguf"), "--json"])
        #expect(moved.errors.contains("left out: layers 1,"))
        #expect(try moved.json()["after"] as? [Int] == [1, 2])
        #expect(try moved.json()["lateness"] as? Int == 0)
        #expect(try moved.json()["dropped"] as? [Int] == [1])
    }

    @Test func theTensorsOfAVectorAreNotThoseOfAModel() throws {
        let happy = Self.located("vectors/smollm2-135m-instruct/happy.gguf")
        let run = try TillerProcess(["inspect", happy, "--tensors"])
        #expect(
            run.status == 0 && run.output.contains("a control vector") && run.output.contains("direction.12"))
        #expect(!run.output.contains("a GGUF model") && !run.output.contains("chat template"))
        #expect(
            try TillerProcess(["inspect", happy, "--tensors", "--json"]).json()["kind"] as? String == "vector"
        )
    }

    @Test func layersThatEvidenceChoseWereNotAskedFor() throws {
        let folder = try TemporaryFolder()
        let happy = try ControlVector(path: Self.located("vectors/smollm2-135m-instruct/happy.gguf"))
        for (layers, words) in [("auto", "auto, which chose 15-25"), ("15-25", "15-25")] {
            var record = try #require(happy.extraction)
            record.layers = try LayerSelection("15-25")
            var recipe = try ExtractionRecipe(json: try #require(record.recipe), name: "recipe")
            try recipe.setLayers(layers)
            record.recipe = try recipe.json()
            let path = folder.file("\(layers).gguf")
            try ControlVector(
                directions: happy.directions, fingerprint: happy.fingerprint, extraction: record
            ).write(to: path)
            let line = try TillerProcess(["inspect", path]).output.split(whereSeparator: \.isNewline).first {
                $0.contains("asked for layers")
            }
            #expect(line?.hasSuffix("  \(words)") == true, "\(line ?? "")")
        }
    }

    @Test func vectorsAreComparedLayerByLayer() throws {
        let vectors = ["repeng.gguf", "llamacpp.gguf"].map { fixturePath("ControlVectors/\($0)") }
        let run = try TillerProcess(["compare"] + vectors + ["--json"])
        #expect(run.status == 0)
        let layers = try #require(try run.json()["layers"] as? [[String: Any]])
        #expect(layers.map { $0["layer"] as? Int } == [1, 2])
        #expect(layers.allSatisfy { abs(($0["cosine"] as? Double ?? 0) - 1) < 1e-9 })
        #expect(try run.json()["onlySecond"] as? [Int] == [3])
        #expect(try TillerProcess(["compare"] + vectors + ["--at-least", "0.99"]).status == 0)
        let happy = Self.located("vectors/smollm2-135m-instruct/happy.gguf")
        let folder = try TemporaryFolder()
        let later = folder.file("later.gguf")
        #expect(try TillerProcess(["shift", happy, "--layers", "1", "-o", later]).status == 0)
        #expect(try TillerProcess(["compare", happy, later, "--at-least", "0.999"]).status == 1)
        let moved = try TillerProcess(["inspect", later, "--json"]).json()
        let derivation = try #require(moved["derivation"] as? [String: Any])
        let parent = try #require((derivation["parents"] as? [[String: Any]])?.first)
        #expect(derivation["operation"] as? String == "shift" && derivation["layers"] as? Int == 1)
        #expect(parent["name"] as? String == "happy.gguf")
        let digest = try TillerProcess(["inspect", happy, "--json"]).json()["digest"] as? String
        #expect(
            digest != nil && parent["digest"] as? String == digest && moved["digest"] as? String != digest)
        #expect(
            try TillerProcess(["inspect", later]).output.contains("happy.gguf (\(digest ?? "")) by +1 layer"))
        let misfit = try TillerProcess(["compare", happy, vectors[0], "--json"])
        #expect(misfit.status == 3)
        #expect(try misfit.jsonError()["code"] as? String == "differentHiddenSizes")
        #expect(try TillerProcess(["compare", vectors[0], vectors[1], "-m", "x"]).status == 1)
    }

    @Test func onAModelVectorsAreComparedWithAskingForTheTrait() throws {
        let happy = Self.located("vectors/smollm2-135m-instruct/happy.gguf")
        let run = try TillerProcess(["compare", happy, happy, "-m", smolLM2Path(), "--json"])
        #expect(run.status == 0)
        let agreements = try #require(try run.json()["agreements"] as? [[String: Any]])
        #expect(agreements.count == 2)
        #expect(agreements[0]["cosine"] as? Double ?? 0 > 0.6)
        #expect(agreements[0]["questions"] as? Int == 12)
    }

    @Test(arguments: [
        (
            #"{"instructions": [{"positive": "Be glad.", "negative": "Be sad."}], "prompts": ["What is new?", "How are you?"]}"#,
            "own answers"
        ),
        (
            #"{"pairs": [{"positive": "I am glad", "negative": "I am sad"}, {"positive": "Oh joy", "negative": "Oh woe"}]}"#,
            "too few pairs"
        ),
    ])
    func withoutHeldOutPairsTheCosinesAreStillThere(dataset: String, reason: String) throws {
        let folder = try TemporaryFolder()
        let happy = try ControlVector(path: Self.located("vectors/smollm2-135m-instruct/happy.gguf"))
        var record = try #require(happy.extraction)
        record.recipe = try ExtractionRecipe(Dataset(json: dataset.utf8, file: "own.json")).json()
        let path = folder.file("own.gguf")
        try ControlVector(
            directions: [12: try #require(happy[12])], fingerprint: happy.fingerprint, extraction: record
        ).write(to: path)
        let run = try TillerProcess(["compare", path, path, "-m", smolLM2Path(), "--json"])
        #expect(run.status == 0, "\(run.output)")
        #expect(run.errors.contains("warning: the accuracies are unknown: ") && run.errors.contains(reason))
        let layer = try #require((try run.json()["layers"] as? [[String: Any]])?.first)
        #expect(abs((layer["cosine"] as? Double ?? 0) - 1) < 1e-9)
        #expect((layer["accuracies"] as? [Any])?.allSatisfy { $0 is NSNull } == true)
    }

    @Test func vectorsThatDoNotFitTheModelAreNotMeasuredOnIt() throws {
        let folder = try TemporaryFolder()
        let changes: [(name: String, change: (inout ModelFingerprint) -> Void)] = [
            ("deep.gguf", { $0.layerCount = 64 }), ("other.gguf", { $0.normHash = "xxh64:00" }),
        ]
        for (name, change) in changes {
            let vector = try ControlVector(path: Self.located("vectors/smollm2-135m-instruct/happy.gguf"))
            var model = try #require(vector.fingerprint)
            // Neither the file nor its weights are the model's.
            model.digest = "xxh64:01"
            change(&model)
            let path = folder.file(name)
            try ControlVector(
                directions: vector.directions, fingerprint: model, extraction: vector.extraction
            ).write(to: path)
            let run = try TillerProcess(["compare", path, path, "-m", smolLM2Path(), "--json"])
            #expect(run.status == 3, "\(name): \(run.output.prefix(300))")
            #expect((try run.jsonError()["fix"] as? String)?.hasPrefix("tiller reextract") == true)
        }
    }

    @Test(arguments: ["-100", "100", "6"])
    func aShiftStaysInTheModel(_ count: String) throws {
        let folder = try TemporaryFolder()
        let happy = Self.located("vectors/smollm2-135m-instruct/happy.gguf")
        let run = try TillerProcess(
            ["shift", happy, "--layers=\(count)", "-o", folder.file("v.gguf"), "--json"])
        #expect(run.status == 2)
        #expect(try run.jsonError()["fix"] as? String == "move them by -23 to 5")
        #expect(folder.names.isEmpty)
    }

    @Test func presetsAndHeadsAreNoBadDatasets() throws {
        let preset = Self.located("presets/smollm2-135m-instruct/cheerful.json")
        #expect(try TillerProcess(["inspect", preset, "--json"]).json()["kind"] as? String == "preset")
        #expect(try TillerProcess(["inspect", preset]).output.contains("a preset"))
        let folder = try TemporaryFolder()
        let heads = try folder.write(
            "heads.json",
            #"{"heads": [{"name": "mood", "vector": "v.gguf", "when": "below", "threshold": 0, "action": "warn"}]}"#
        )
        let inspected = try TillerProcess(["inspect", heads, "--json"]).json()
        #expect(inspected["kind"] as? String == "heads" && (inspected["heads"] as? [Any])?.count == 1)
        #expect(try TillerProcess(["inspect", heads]).output.contains("warn below"))
        for options in [["--tensors"], ["--tensor", "x"]] {
            let run = try TillerProcess(["inspect", heads] + options)
            #expect(run.status == 2 && run.errors.contains("has no tensors"), "\(run.errors)")
        }
    }

    /// Paths in the repository, wherever the tests run.
    private static func located(_ argument: String) -> String {
        argument.contains("/") ? fixturePath("../../\(argument)") : argument
    }
}
