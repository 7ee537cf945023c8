import Foundation
import Testing
import _TestSupport

@testable import Steering

/// The files under `datasets/`.
@Suite struct ShippedDatasetsTests {
    static func path(_ name: String) -> String { folder.appendingPathComponent("\(name).json").path }

    private static var folder: URL {
        URL(fileURLWithPath: fixturePath("../../datasets")).standardizedFileURL
    }

    static let traits = [
        "happy", "confident", "formal", "calm", "poetic", "skeptical", "playful", "gyaru", "kansai",
    ]

    @Test(arguments: traits)
    func everyDatasetCanBeExtractedMeasuredAndTried(name: String) throws {
        let dataset = try Dataset(path: Self.folder.appendingPathComponent("\(name).json").path)
        #expect(dataset.name == name)
        #expect(dataset.description?.isEmpty == false)
        #expect(dataset.language == (["gyaru", "kansai"].contains(name) ? "ja" : "en"))
        #expect(!dataset.markers.positive.isEmpty && !dataset.markers.negative.isEmpty)
        #expect(dataset.questions.count == 12)
        guard case .personas(let prompts) = dataset.content else {
            Issue.record("expected personas")
            return
        }
        #expect(prompts.positive.count == 4)
        #expect(prompts.suffixes.count >= 40)
        #expect(Set(prompts.suffixes).count == prompts.suffixes.count)
        #expect(prompts.truncates)
        // What an answer is measured on must not have been extracted from.
        #expect(Set(prompts.suffixes).isDisjoint(with: dataset.questions))
    }

    @Test func noFileIsForgotten() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(
            Set(files) == Set(["README.md", "schema.json"] + Self.traits.map { "\($0).json" }))
    }

    @Test func theSchemaKnowsEveryField() throws {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent("schema.json"))
        let schema = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        let fields = try ["personas", "pairs", "instructions"].map { name in
            Set(try #require(definitions[name]?["properties"] as? [String: Any]).keys)
        }
        #expect(fields[0].union(fields[1]).union(fields[2]) == Set(DatasetField.allCases.map(\.rawValue)))
        #expect(!fields[0].contains("pairs"))
        #expect(fields[1].isDisjoint(with: ["template", "system", "suffixes", "truncate"]))
    }
}
