import ControlVectors
import Foundation
import Testing
import _TestSupport

@testable import tiller

/// Presets, conditions and combinations, through the built binary.
@Suite(.serialized) struct PresetCommandTests {
    private let folder: TemporaryFolder
    private let vector: String

    init() throws {
        folder = try TemporaryFolder()
        vector =
            URL(fileURLWithPath: fixturePath("")).deletingLastPathComponent().deletingLastPathComponent().path
            + "/vectors/smollm2-135m-instruct/happy.gguf"
        try FileManager.default.copyItem(atPath: vector, toPath: folder.file("happy.gguf"))
    }

    private func generate(_ rules: String, _ more: [String] = []) throws -> TillerProcess {
        let preset = try folder.write("preset.json", "{\"rules\": [\(rules)]}")
        return try TillerProcess(
            ["generate", "-p", "How was your day?", "--temp", "0", "-n", "6", "--json", "--preset", preset]
                + more)
    }

    /// With and without a vector of the command line beside them.
    @Test func aPresetsVectorsAreForced() throws {
        let own = try ControlVector(path: vector)
        var fingerprint = try #require(own.fingerprint)
        fingerprint.digest = String(fingerprint.digest.reversed())
        fingerprint.normHash = fingerprint.normHash.map { String($0.reversed()) }
        try ControlVector(directions: own.directions, fingerprint: fingerprint)
            .write(to: folder.file("other.gguf"))
        let rule = #"{"operation": "add", "vector": "other.gguf", "strength": 0.2}"#
        #expect(try generate(rule).status == 3)
        #expect(try generate(rule, ["--force"]).status == 0)
        #expect(try generate(rule, ["--force", "-v", folder.file("happy.gguf") + ":0.1"]).status == 0)
    }

    @Test func aPresetSteersLikeTheSameVector() throws {
        let rule = #"{"operation": "add", "vector": "happy.gguf", "strength": -0.4, "layers": "14-20"}"#
        let preset = try generate(rule).json()
        let vector = try TillerProcess([
            "generate", "-p", "How was your day?", "--temp", "0", "-n", "6", "--json", "-v",
            self.vector + ":-0.4@14-20",
        ]).json()
        #expect(preset["ids"] as? [Int] == vector["ids"] as? [Int])
        #expect(preset["steeredLayers"] as? [Int] == Array(14...20))
    }

    @Test func whatSteeredIsInTheObject() throws {
        let rules = ["-9", "9"].map { threshold in
            #"{"operation": "add", "vector": "happy.gguf", "strength": 0.2, "if": {"vector": "happy.gguf", "above": \#(threshold)}}"#
        }
        let free = #"{"operation": "add", "vector": "happy.gguf", "strength": 0.1}"#
        let words = ["-v", vector + ":auto@14-16", "-v", folder.file("happy.gguf") + ":0.1", "-n", "2"]
        let json = try generate(([free] + rules).joined(separator: ", "), words).json()
        let vectors = try #require(json["vectors"] as? [[String: Any]])
        #expect(vectors.map { $0["path"] as? String } == [vector, folder.file("happy.gguf")])
        let strong = try #require(try ControlVector(path: vector).calibration?.positive.strong)
        let strengths = vectors.compactMap { $0["strength"] as? Double }.map { Float($0) }
        #expect(strengths == [strong, 0.1])
        let count = try ControlVector(path: vector).layers.count
        #expect(vectors.map { ($0["layers"] as? [Int])?.count } == [3, count])
        #expect(json["preset"] as? String == folder.file("preset.json"))
        let conditions = try #require(json["conditions"] as? [[String: Any]])
        #expect(conditions.map { $0["rule"] as? Int } == [1, 2])
        #expect(conditions.map { $0["isMet"] as? Bool } == [true, false])
        #expect(conditions.map { $0["threshold"] as? Double } == [-9, 9])
        let readings = conditions.compactMap { $0["reading"] as? Double }
        #expect(readings.count == 2 && readings[0] == readings[1], "\(conditions)")
        let plain = try TillerProcess(["generate", "-p", "Hi", "-n", "1", "--json"]).json()
        #expect((plain["vectors"] as? [Any])?.isEmpty == true && plain["preset"] is NSNull)
    }

    @Test func vectorsThatFightAreSaid() throws {
        let rule = #"{"operation": "add", "vector": "happy.gguf", "strength": -0.4}"#
        let run = try generate(rule, ["-v", vector + ":0.2"])
        #expect(
            run.status == 0 && run.errors.contains("pull against each other: cosine -1.00"), "\(run.errors)")
    }

    @Test(arguments: [
        (#"{"operation": "add", "vector": "gone.gguf"}"#, 1, "gone.gguf"),
        (#"{"operation": "add", "vector": "happy.gguf", "strength": NaN}"#, 1, "preset.json"),
        (
            #"{"operation": "add", "vector": "happy.gguf", "if": {"vector": "happy.gguf", "layers": 2, "above": 0}}"#,
            2, "rules[0]"
        ),
        (#"{"operation": "add", "vector": "happy.gguf", "layers": "40"}"#, 2, "40"),
    ])
    func aPresetThatCannotBeUsedIsRefused(_ rule: String, _ status: Int32, _ words: String) throws {
        let run = try generate(rule)
        #expect(run.status == status, "\(run.output)")
        #expect((try run.jsonError()["message"] as? String)?.contains(words) == true, "\(run.output)")
    }

    @Test func combiningAddsWithWeights() throws {
        let output = folder.file("sum.gguf")
        let run = try TillerProcess([
            "combine", vector + ":0.5", folder.file("happy.gguf") + ":-2", "-o", output, "--json",
        ])
        #expect(run.status == 0 && run.errors.contains("pull against each other"), "\(run.errors)")
        let (one, sum) = (try ControlVector(path: vector), try ControlVector(path: output))
        #expect(sum.layers == one.layers)
        for layer in sum.layers {
            expectClose(
                try #require(sum[layer]), try #require(one[layer]).map { $0 * -1.5 }, relativeError: 1e-6)
        }
        let parts = try #require(try run.json()["vectors"] as? [[String: Any]])
        #expect(parts.map { $0["weight"] as? Double } == [0.5, -2])
        // The file says what it was made of, and goes on saying it where it is written again.
        let copy = folder.file("copy.gguf")
        try sum.write(to: copy)
        let derivation = try #require(
            try TillerProcess(["inspect", copy, "--json"]).json()["derivation"] as? [String: Any])
        let parents = try #require(derivation["parents"] as? [[String: Any]])
        #expect(derivation["operation"] as? String == "combine")
        #expect(derivation["orthogonalized"] as? Bool == false)
        #expect(parents.map { $0["weight"] as? Double } == [0.5, -2])
        #expect(parents.allSatisfy { $0["name"] as? String == "happy.gguf" })
        #expect(parents.allSatisfy { $0["digest"] as? String == one.directionsDigest })
        #expect(
            try TillerProcess(["inspect", copy]).output.contains(
                "+0.5 × happy.gguf (\(one.directionsDigest)), -2 × happy.gguf"))
    }

    @Test func whatCancelsAndWhatIsWrittenOverAnInputIsRefused() throws {
        let copy = folder.file("happy.gguf")
        let output = folder.file("sum.gguf")
        for (arguments, status) in [
            ([vector, copy, "--orthogonalize", "-o", output], Int32(0)),
            ([vector, copy + ":-1", "-o", output], 2),
            ([vector + ":0", "-o", output], 2), ([vector, copy, "-o", copy], 1),
            ([vector + ":1e-44", "-o", output], 2), ([vector + ":nan", "-o", output], 2),
        ] {
            let run = try TillerProcess(["combine"] + arguments + ["--json"])
            #expect(run.status == status, "\(arguments): \(run.output)")
        }
        // Nothing was left of the second: the sum is the first.
        let sum = try ControlVector(path: output)
        #expect(sum.directions == (try ControlVector(path: vector)).directions)
    }

    @Test func aConditionIsFittedAndCanBePasted() throws {
        let positive = try folder.write(
            "good.txt", (0..<6).map { "We laughed and danced all day, number \($0)!\n" }.joined())
        let negative = try folder.write(
            "bad.txt", (0..<6).map { "I wept alone in the rain, number \($0).\n" }.joined())
        let arguments = [
            "condition", "-v", folder.file("happy.gguf"), "--positive", positive, "--negative", negative,
            "--window", "8", "--json",
        ]
        let fit = try TillerProcess(arguments + ["--rate", "0.3"]).json()
        #expect(fit["side"] as? String == "above" && fit["hitRate"] as? Double == 1, "\(fit)")
        let condition = try #require(fit["if"] as? [String: Any])
        let text = String(decoding: try JSONSerialization.data(withJSONObject: condition), as: UTF8.self)
        let rule = #"{"operation": "add", "vector": "happy.gguf", "strength": -0.4, "if": \#(text)}"#
        #expect(try generate(rule).json()["steeredLayers"] is [Int])
        let same = try TillerProcess(
            arguments.filter { $0 != "--json" }.map { $0 == negative ? positive : $0 } + ["--rate", "0.3"])
        #expect(same.status == 0 && same.output.contains("the same --system and --raw"))
        #expect(same.errors.contains("hits are not clearly above false positives"), "\(same.errors)")
        // Twenty of each are enough to tell them apart.
        let texts = [("good.txt", "I am so glad about day ", "!"), ("bad.txt", "I hate the sad day ", ".")]
        let many = try texts.map { name, start, end in
            try folder.write("many-\(name)", (0..<20).map { "\(start)\($0)\(end)\n" }.joined())
        }
        let clear = try TillerProcess(
            arguments.map { $0 == positive ? many[0] : $0 == negative ? many[1] : $0 } + ["--rate", "0.3"])
        #expect(try clear.json()["isClear"] as? Bool == true && !clear.errors.contains("clearly"))
        let few = try TillerProcess(arguments + ["--rate", "0.01"])
        #expect(few.status == 1)
        #expect((try few.jsonError()["message"] as? String)?.contains("197") == true)
        let long = try TillerProcess(arguments + ["--rate", "0.3", "-c", "20"])
        #expect(long.status == 1)
        #expect((try long.jsonError()["message"] as? String)?.contains("20") == true, "\(long.output)")
        // Without turns around it, one token has no reading.
        _ = try folder.write("bad.txt", (0..<5).map { "I wept alone, number \($0).\n" }.joined() + "I\n")
        let short = try TillerProcess(arguments + ["--rate", "0.3", "--raw"])
        #expect(short.status == 1)
        #expect(
            (try short.jsonError()["message"] as? String)?.hasPrefix("\(negative): \"I\" is a single token")
                == true, "\(short.output)")
    }
}
