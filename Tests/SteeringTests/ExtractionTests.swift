import ControlVectors
import Foundation
import Generation
import Steering
import Terms
import Testing
import _TestSupport

@Suite struct ExtractionTests {
    private let model: LanguageModel

    init() throws {
        model = try DefaultModel.open()
    }

    private func recipe(layers: String = "12-13") throws -> ExtractionRecipe {
        var recipe = ExtractionRecipe(
            try Dataset(
                name: "happy",
                content: .personas(
                    PersonaPrompts(
                        template: "Act as if you're extremely {persona}.", positive: ["happy", "joyous"],
                        negative: ["sad", "depressed"],
                        suffixes: [
                            "I can see that the", "The weather is so", "Today was a very",
                            "My friend told me",
                            "When I woke up", "You know what they", "Let me tell you", "It all began when",
                        ], truncates: true))))
        recipe.layers = try LayerSelection(layers)
        return recipe
    }

    @Test func anExtractionLeavesAVectorWithItsEvidenceAndItsRecipe() throws {
        let recipe = try recipe()
        let extraction = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1.2.3")
        let vector = extraction.vector
        #expect(vector.layers == [12, 13])
        #expect(vector.modelHint == "llama")
        #expect(vector.fingerprint?.layerCount == 30)
        #expect(vector.extraction?.toolVersion == "1.2.3")
        #expect(vector.extraction?.method == "auto")
        let text = try #require(vector.extraction?.recipe)
        #expect(try ExtractionRecipe(json: text, name: "recipe") == recipe)
        for evidence in extraction.report.layers {
            #expect(evidence.pairAccuracy >= 0.9, "layer \(evidence.layer)")
            #expect(evidence.heldOutPairs > 0)
            #expect(evidence.dose > 0 && evidence.dose < 1)
            let direction = try #require(vector[evidence.layer])
            #expect(abs(relativeError(direction, [Float](repeating: 0, count: 576)) - evidence.norm) < 1e-4)
            #expect(vector.extraction?.evidence[evidence.layer]?.estimator == evidence.estimator.rawValue)
        }
        #expect(extraction.report.computedTokens < extraction.report.tokens / 10)
    }

    @Test func theRecipeAloneGivesTheSameVectorAgain() throws {
        let first = try Extraction.run(try recipe(), on: model, threads: 2, toolVersion: "1")
        let text = try #require(first.vector.extraction?.recipe)
        let again = try Extraction.run(
            try ExtractionRecipe(json: text, name: "recipe"), on: model, threads: 1, toolVersion: "1")
        for layer in first.vector.layers {
            expectClose(
                try #require(again.vector[layer]), try #require(first.vector[layer]), relativeError: 1e-5)
        }
    }

    @Test func theReportIsTheJSONOfTheCommandLine() throws {
        let extraction = try Extraction.run(try recipe(), on: model, threads: 2, toolVersion: "1")
        let json = try #require(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(extraction.report)) as? [String: Any])
        #expect(json["method"] as? String == "auto")
        #expect(json["prompts"] as? Int == extraction.report.prompts)
        let layers = try #require(json["layers"] as? [[String: Any]])
        #expect(layers[0]["layer"] as? Int == 12)
        for field in ["explainedVarianceRatio", "pairAccuracy", "cosineToMean", "scale", "dose"] {
            #expect(layers[0][field] is Double, "\(field)")
        }
    }

    @Test func blockZeroIsLeftToSharesAndRefusedByNumber() throws {
        let first = try Extraction.run(try recipe(layers: "0%-5%"), on: model, threads: 2, toolVersion: "1")
        #expect(first.vector.layers == [1])
        let error = #expect(throws: SteeringError.self) {
            try Extraction.run(try recipe(layers: "0-3"), on: model, threads: 2, toolVersion: "1")
        }
        #expect(error?.kind == .unknownLayer)
        #expect(throws: ControlVectorError.self) {
            try Extraction.run(try recipe(layers: "9-30"), on: model, threads: 2, toolVersion: "1")
        }
    }

    @Test func progressGoesFromTokensToLayers() throws {
        var labels: [String] = []
        _ = try Extraction.run(
            try recipe(), on: model, threads: 2, toolVersion: "1",
            progress: { _, _, label in if labels.last != label { labels.append(label) } })
        #expect(labels == ["hidden states", "directions"])
    }
}
