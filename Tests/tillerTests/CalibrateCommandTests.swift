import ControlVectors
import Foundation
import Testing
import _TestSupport

@testable import tiller

/// From an extracted vector to `V:auto`, through the built binary.
@Suite(.serialized) struct CalibrateCommandTests {
    private let folder: TemporaryFolder
    private let vector: String

    init() throws {
        folder = try TemporaryFolder()
        let dataset = try folder.write(
            "happy.json",
            """
            {"name": "happy", "template": "Act as if you're extremely {persona}.", "positive": ["happy"],
             "negative": ["sad"], "suffixes": ["I", "The weather", "My day", "It was", "Today"], "truncate": false,
             "questions": ["How was your day?"]}
            """)
        vector = folder.file("happy.gguf")
        let run = try TillerProcess([
            "extract", "-d", dataset, "-o", vector, "--layers", "14-15", "--method", "mean",
        ])
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test func whatIsPrintedAtTheEndCanBePasted() {
        #expect(CalibrationWords.use(of: "v.gguf", on: nil) == "tiller generate --vector v.gguf:auto")
        #expect(
            CalibrationWords.use(of: "v.gguf", on: nil, "auto", .raw)
                == "tiller generate --vector v.gguf:auto --raw")
        #expect(
            CalibrationWords.use(of: "v.gguf", on: nil, "auto", .chat(system: "Be brief."))
                == "tiller generate --vector v.gguf:auto --system 'Be brief.'")
        #expect(
            CalibrationWords.use(of: "sp ace/v.gguf", on: "gemma3-270m")
                == "tiller generate -m gemma3-270m --vector 'sp ace/v.gguf:auto'")
    }

    @Test func theSideThatIsPrintedHasAStrength() {
        let (none, up, down) = (
            StrengthBand(strong: 0), StrengthBand(strong: 0.4), StrengthBand(strong: -0.8)
        )
        #expect(CalibrationWords.auto(negative: down, positive: up) == "auto")
        #expect(CalibrationWords.auto(negative: down, positive: none) == "-auto")
        #expect(CalibrationWords.auto(negative: none, positive: none) == nil)
        #expect(
            CalibrationWords.use(of: "v.gguf", on: nil, "-auto") == "tiller generate --vector v.gguf:-auto")
    }

    @Test func aRecipeThatCannotBeReadIsNeededOnlyForItsQuestions() throws {
        var damaged = try ControlVector(path: vector)
        damaged.extraction?.recipe = "{"
        try damaged.write(to: folder.file("damaged.gguf"))
        // Refused for its length, once there is a model: nothing has to be calibrated to see that.
        let arguments = ["calibrate", "-v", folder.file("damaged.gguf"), "-n", "100000", "--json"]
        let given = try folder.write("prompts.txt", "How was your day?\n")
        let run = try TillerProcess(arguments + ["--prompts", given])
        #expect((try run.jsonError()["message"] as? String)?.contains("of -n") == true)
        #expect(run.errors.contains("no marker words are counted: the vector's recipe: line 1"))
        let without = try TillerProcess(arguments)
        #expect(try without.jsonError()["code"] as? String == "invalidJSON")
    }

    @Test func aRepeatedPromptIsAskedOnceAndSaid() throws {
        let path = try folder.write("twice.txt", "Hi\nHow are you?\nHi\nHi\n")
        #expect(try TextInput.distinctPrompts(of: path) == ["Hi", "How are you?"])
        // Refused for their length, once the prompts are read.
        for command in [["calibrate"], ["sweep", "--no-keep", "-c", "2"]] {
            let run = try TillerProcess(
                command + ["-v", vector, "-n", "100000", "--prompts", path, "--json"])
            #expect(run.status != 0)
            #expect(run.errors.contains("twice.txt: 2 of 4 prompts are repeated, and asked once"))
            #expect(run.errors.contains("--draws") == (command[0] == "sweep"))
        }
    }

    @Test func aPromptOfAFileThatIsTooLongIsNamed() throws {
        let path = try folder.write("long.txt", "Hi\nTell me " + String(repeating: "more ", count: 40) + "\n")
        for command in [["calibrate"], ["sweep", "--no-keep", "--no-controls"]] {
            let run = try TillerProcess(command + ["-v", vector, "-n", "4", "-c", "30", "--prompts", path])
            #expect(run.errors.contains("long.txt: “Tell me more more"), "\(run.errors)")
        }
    }

    @Test func howPromptsWerePutIsKeptWithTheStrengths() throws {
        let run = try TillerProcess([
            "calibrate", "-v", vector, "-n", "3", "--write", "--raw", "--prompts",
            try folder.write("prompts.txt", "How was your day?\n"),
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(":auto --raw") && run.output.contains("1 raw prompt, "), "\(run.output)")
        let calibration = try TillerProcess(["inspect", vector, "--json"]).json()["calibration"]
        #expect((calibration as? [String: Any])?["raw"] as? Bool == true)
        #expect(try TillerProcess(["inspect", vector]).output.contains("(on raw prompts)"))
    }

    @Test func whatSomeLayersBearIsNotWrittenForAll() throws {
        let run = try TillerProcess(["calibrate", "-v", vector, "--layers", "14", "--write", "--json"])
        #expect(run.status == 2)
        #expect((try run.jsonError()["message"] as? String)?.contains("--layers") == true)
    }

    @Test func aCalibratedVectorIsSteeredByAuto() throws {
        let unknown = try TillerProcess(["generate", "-p", "Hi", "--vector", vector + ":auto", "--json"])
        #expect(unknown.status == 1)
        #expect((try unknown.jsonError()["fix"] as? String)?.contains("tiller calibrate") == true)

        let run = try TillerProcess([
            "calibrate", "-v", vector, "-n", "6", "--write", "--json",
        ]).json()
        #expect(run["written"] as? Bool == true)
        let positive = try #require(run["positive"] as? [String: Any])
        let strong = try #require(positive["strong"] as? Double)
        #expect(strong > 0 && (positive["safe"] as? Double ?? 2 * strong) <= strong)
        #expect((run["probes"] as? [[String: Any]] ?? []).contains { $0["strength"] as? Double == 0 })

        let proofs = run["proofs"] as? [[String: Any]] ?? []
        let proof = try #require(proofs.first { Float($0["strength"] as? Double ?? 0) == Float(strong) })
        let draws = try #require(run["draws"] as? [String: Any])
        #expect((draws["proof"] as? [Any])?.count == 5 && proof["answers"] as? Int == 5)
        #expect((draws["search"] as? [String: Any])?["dryMultiplier"] as? Double == 0.8)
        #expect((draws["search"] as? [String: Any])?["allowEmpty"] as? Bool == false)
        #expect(proof["broken"] as? Int == 0 && (proof["damage"] as? Double ?? 2) <= 1)

        let inspected = try TillerProcess(["inspect", vector, "--json"]).json()
        let calibration = try #require(inspected["calibration"] as? [String: Any])
        #expect(calibration["positive"] as? Double == strong)
        #expect(calibration["isEstimate"] as? Bool == false)
        #expect(try TillerProcess(["inspect", vector]).output.contains("breaking from"))

        let arguments = [
            "generate", "-p", "How was your day?", "--temp", "0", "-n", "6", "--exact", "--json", "--vector",
        ]
        let steered = try TillerProcess(arguments + [vector + ":auto"]).json()
        #expect(steered["steeredLayers"] as? [Int] == [14, 15])
        // As it was measured, unless other draws are asked for.
        let drawn = ["--repeat-penalty", "1.1", "--dry-multiplier", "0.8", "--no-allow-empty"]
        let written = try TillerProcess(arguments + [vector + ":\(strong)"] + drawn).json()
        #expect(steered["ids"] as? [Int] == written["ids"] as? [Int])
        func penalties(_ answer: [String: Any]) throws -> [Double?] {
            let sampling = try #require(answer["sampling"] as? [String: Any])
            return [sampling["repeatPenalty"] as? Double, sampling["dryMultiplier"] as? Double]
        }
        #expect(try penalties(steered) == [1.1, 0.8])
        let plain = try TillerProcess(
            arguments + [vector + ":auto", "--repeat-penalty", "1", "--dry-multiplier", "0"]
        ).json()
        #expect(try penalties(plain) == [1, 0])
        #expect(try penalties(TillerProcess(arguments + [vector + ":\(strong)"]).json()) == [1, 0])
        // Where tokens are drawn, a strength that is written out does what the calibration's does.
        let drawing = ["generate", "-p", "How was your day?", "-n", "6", "--exact", "--json", "--vector"]
        let byName = try TillerProcess(drawing + [vector + ":auto"]).json()
        let byNumber = try TillerProcess(drawing + [vector + ":\(strong)"]).json()
        #expect(byName["ids"] as? [Int] == byNumber["ids"] as? [Int])
        #expect(try penalties(byNumber) == [1.1, 0.8])
        #expect(try TillerProcess(arguments + [vector + ":-auto"]).status == 0)

        let again = folder.file("again.gguf")
        let made = try TillerProcess(["reextract", vector, "-o", again, "--json"])
        #expect(made.status == 0, "\(made.output)")
        let carried = try TillerProcess(["inspect", again, "--json"]).json()["calibration"] as? [String: Any]
        #expect(abs((carried?["positive"] as? Double ?? 0) - strong) < 1e-3 * strong)
    }

    @Test func aVectorThatIsMadeAgainIsCalibratedOnlyWhereThatIsAsked() throws {
        func calibration(_ arguments: [String]) throws -> [String: Any]? {
            let made = folder.file("made.gguf")
            let run = try TillerProcess(["reextract", vector, "-o", made, "--json"] + arguments)
            #expect(run.status == 0, "\(run.output)")
            return try TillerProcess(["inspect", made, "--json"]).json()["calibration"] as? [String: Any]
        }
        #expect(try calibration([]) == nil)
        let measured = try #require(try calibration(["--calibrate"]))
        #expect(measured["isEstimate"] as? Bool == false && measured["prompts"] as? Int == 1)
        let bands = try #require(measured["bands"] as? [String: Any])
        for side in ["negative", "positive"] {
            #expect((bands[side] as? [String: Any])?["breaking"] is Double)
        }
    }

    @Test(arguments: [
        ["--max-perplexity", "1"], ["--max-perplexity", "nan"], ["--max-divergence", "-1"], ["-n", "0"],
        ["--layers", "3-5"], ["--layers", "nine"],
    ])
    func whatCannotBeCalibratedIsBadUsage(_ arguments: [String]) throws {
        let run = try TillerProcess(["calibrate", "-v", vector, "--json"] + arguments)
        #expect(run.status == 2, "\(run.output)")
        #expect(try run.jsonError()["fix"] is String)
    }

    @Test func aFileWithoutPromptsIsRefused() throws {
        let empty = try folder.write("empty.txt", "\n  \n")
        let run = try TillerProcess(["calibrate", "-v", vector, "--prompts", empty, "--json"])
        #expect(run.status == 1)
        #expect((try run.jsonError()["message"] as? String)?.contains("empty.txt") == true)
    }
}
