import ControlVectors
import Foundation
import Steering
import Testing
import _TestSupport

@testable import tiller

/// The files in `presets/`, from wherever a person uses them.
@Suite(.serialized) struct ShippedPresetsTests {
    private static let folder = fixturePath("../../presets/smollm2-135m-instruct")
    static let cheerful = folder + "/cheerful.json"
    private let question = "How was your day?"

    private func generate(_ more: [String]) throws -> [String: Any] {
        try TillerProcess(
            ["generate", "-p", question, "--temp", "0", "--repeat-penalty", "1.1", "-n", "12", "--json"]
                + more
        ).json()
    }

    @Test func everyPresetHasItsVectorsAndSteersEachOfThem() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
        #expect(files.contains("cheerful.json"))
        let plain = try #require(try generate([])["ids"] as? [Int])
        for file in files {
            let preset = try SteeringPreset(path: Self.folder + "/" + file)
            #expect(preset.name == file.replacing(".json", with: "") && preset.description != nil)
            let steered = try generate(["--preset", Self.folder + "/" + file])
            #expect(steered["steeredLayers"] as? [Int] == Array(9...24), "\(file): \(steered)")
            #expect(try #require(steered["ids"] as? [Int]) != plain, "\(file)")
        }
    }

    @Test func theCheerfulOneRaisesItsOwnMeter() throws {
        func mean(_ more: [String]) throws -> Double {
            let json = try generate(["--meter", MeterCommandTests.vector] + more)
            let meters = try #require(json["meters"] as? [[String: Any]])
            return try #require(meters[0]["mean"] as? Double)
        }
        let plain = try mean([])
        let steered = try mean(["--preset", Self.cheerful])
        #expect(steered > plain + 1, "\(plain) and \(steered)")
    }

    /// Exact: in int8 the last bits, which differ where a token is computed alone and where others are beside
    /// it, grow and take another word.
    @Test func aChatIsSteeredByIt() throws {
        let options = ["chat", "--temp", "0", "--repeat-penalty", "1.1", "-n", "12", "--exact", "--json"]
        let run = try TillerProcess(
            options + ["--preset", Self.cheerful],
            input: "\(question)\n/compare\n/preset off\n\(question)\n/preset \(Self.cheerful)\n/again\n")
        #expect(run.status == 0, "\(run.errors)")
        let turns = try #require(try run.json()["turns"] as? [[String: Any]])
        #expect(turns.count == 2)
        let steered = try generate(["--preset", Self.cheerful, "--exact"])
        #expect(turns[0]["ids"] as? [Int] == steered["ids"] as? [Int])
        #expect(turns.map { $0["preset"] as? String } == ["cheerful", "cheerful"])
        #expect(turns.map { $0["steeredLayers"] as? [Int] } == [Array(9...24), Array(9...24)])
        let baseline = try #require(turns[0]["baseline"] as? [String: Any])
        #expect(baseline["ids"] as? [Int] == (try generate(["--exact"]))["ids"] as? [Int])
    }

    @Test func aChatDoesNotSaveOverAPresetOrItsVector() throws {
        let folder = try TemporaryFolder()
        let text = #"{"rules": [{"operation": "add", "vector": "sub/../happy.gguf", "strength": 0.1}]}"#
        let preset = try folder.write("rules.json", text)
        let vector = folder.file("happy.gguf")
        try FileManager.default.createDirectory(
            atPath: folder.file("sub"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: MeterCommandTests.vector, toPath: vector)
        let before = folder.read("happy.gguf")
        let run = try TillerProcess(
            ["chat", "--json", "--preset", preset], input: "/save \(preset)\n/save \(vector)\n/vector\n")
        #expect(try (run.json()["errors"] as? [String])?.count == 2, "\(run.output)")
        #expect(folder.read("happy.gguf") == before && folder.read("rules.json") == Array(text.utf8))
    }

    /// Refused before anything is generated, with a command that can be pasted.
    @Test(arguments: [["generate", "-p", "Hi"], ["chat"]])
    func autoOnAVectorThatIsNotCalibratedNamesTheCommand(_ command: [String]) throws {
        let folder = try TemporaryFolder()
        var vector = try ControlVector(path: MeterCommandTests.vector)
        vector.calibration = nil
        let path = folder.file("plain.gguf")
        try vector.write(to: path)
        let preset = try folder.write(
            "rules.json", #"{"rules": [{"operation": "add", "vector": "plain.gguf", "strength": "-auto"}]}"#)
        let run = try TillerProcess(command + ["--preset", preset, "--json"])
        #expect(run.status == ExitStatus.failed)
        let error = try run.jsonError()
        #expect(error["code"] as? String == "notCalibrated")
        #expect(
            error["fix"] as? String
                == "tiller calibrate -m \(try smolLM2Path()) -v \(path) --write")
    }

    @Test(arguments: ["auto", "-auto"]) func theShippedVectorIsCalibrated(strength: String) throws {
        let steered = try generate(["--vector", "\(MeterCommandTests.vector):\(strength)"])
        #expect(steered["steeredLayers"] as? [Int] == Array(9...24))
        #expect(try #require(steered["ids"] as? [Int]) != generate([])["ids"] as? [Int])
    }
}
