import Steering
import Testing
import _TestSupport

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

    /// A list of known fields that is walked once a field would take minutes.
    @Test(.timeLimit(.minutes(1))) func manyFieldsTakeAsLongEachAsFew() throws {
        let folder = try TemporaryFolder()
        let fields = (0..<200_000).map { "\"field \($0)\": 0" }
        let json = "{" + fields.joined(separator: ",") + ", \"heads\": []}"
        try folder.write(Array(json.utf8), to: "file.json")
        #expect(SteeringFileKind(path: folder.file("file.json")) == .heads)
    }
}
