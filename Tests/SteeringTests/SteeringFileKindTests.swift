import Testing
import _TestSupport

@testable import Steering

@Suite struct SteeringFileKindTests {
    @Test(arguments: [
        (#"{"rules": []}"#, SteeringFileKind.preset), (#"{"heads": []}"#, .heads),
        (#"{"template": "Act {persona}."}"#, .dataset), ("[]", .dataset), ("{", .dataset),
    ])
    func aFieldThatOnlyOneKindHasTellsIt(json: String, kind: SteeringFileKind) throws {
        let folder = try TemporaryFolder()
        try folder.write(Array(json.utf8), to: "file.json")
        #expect(SteeringFileKind(path: folder.file("file.json")) == kind)
    }

    @Test func aFileOfAnotherKindIsCalledWhatItIs() {
        let dataset = #"{"name": "x", "language": "en", "template": "Act {persona}.", "suffixes": ["I"]}"#
        let preset = SteeringPreset.example.dropFirst("a preset is ".count)
        for (text, words, read) in [
            (
                dataset, "x.json: it is a dataset, and a preset is wanted here",
                { _ = try SteeringPreset(json: $0, file: "x.json") }
            ),
            (
                dataset, "x.json: it is a dataset, and a file of heads is",
                { _ = try HeadDefinition.read(json: $0, file: "x.json") }
            ),
            (
                String(preset), "x.json: it is a preset, and a dataset is wanted here",
                { _ = try Dataset(json: $0, file: "x.json") }
            ),
        ] as [(String, String, (String.UTF8View) throws -> Void)] {
            let error = #expect(throws: SteeringError.self) { try read(text.utf8) }
            #expect(
                error?.kind == .unknownField && error?.message.hasPrefix(words) == true, "\(error as Any)")
            #expect(error?.remedy?.contains("x.json") == true)
        }
    }

    /// A list of known fields that is walked once a field would take minutes.
    @Test(.timeLimit(.minutes(1))) func manyFieldsTakeAsLongEachAsFew() throws {
        let folder = try TemporaryFolder()
        let fields = (0..<200_000).map { "\"field \($0)\": 0" }
        let json = "{" + fields.joined(separator: ",") + ", \"heads\": []}"
        try folder.write(Array(json.utf8), to: "file.json")
        #expect(SteeringFileKind(path: folder.file("file.json")) == .heads)
    }
}
