import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import _TestSupport

@testable import Steering

/// What the evidence says of datasets that can work and of ones that cannot, on SmolLM2.
@Suite struct EvidenceTests {
    private let model: LanguageModel

    init() throws {
        model = try DefaultModel.open()
    }

    private func recipe(swapping swapped: Set<Int> = []) throws -> ExtractionRecipe {
        let personas = [
            ("happy", "sad"), ("joyous", "depressed"), ("cheerful", "gloomy"), ("delighted", "miserable"),
        ]
        let sides = personas.enumerated().map { swapped.contains($0) ? ($1.1, $1.0) : $1 }
        var recipe = ExtractionRecipe(
            try Dataset(
                name: "happy",
                content: .personas(
                    PersonaPrompts(
                        template: "Act as if you're extremely {persona}.", positive: sides.map(\.0),
                        negative: sides.map(\.1),
                        suffixes: [
                            "I can see that the", "The weather is so", "Today was a very",
                            "My friend told me",
                            "When I woke up", "You know what they", "Let me tell you", "It all began when",
                            "Our house has a", "People often say that", "In the morning we",
                            "This song makes me",
                        ], truncates: true))))
        recipe.layers = try LayerSelection("12-15")
        return recipe
    }

    @Test func aTraitIsSteerableAndItsFileSaysSo() throws {
        let extraction = try Extraction.run(try recipe(), on: model, threads: 2, toolVersion: "1")
        #expect(extraction.report.assessment?.verdict == .steerable, "\(extraction.report.layers)")
        let folder = try TemporaryFolder()
        try extraction.vector.write(to: folder.file("v.gguf"))
        let read = try ControlVector(path: folder.file("v.gguf"))
        #expect(read == extraction.vector)
        let evidence = try #require(read.extraction?.evidence[13])
        #expect(evidence.assessment?.verdict == .steerable)
        #expect(evidence.accuracyInterval?.upperBound == 1)
        #expect((evidence.auc ?? 0) > 0.7)
        #expect((evidence.personaAccuracy ?? 0) > 0.8)
        #expect((evidence.cosineToPrevious ?? 0) > 0.5)
        #expect((evidence.componentGap ?? 0) > 1)
    }

    @Test func swappedLabelsAreNotSteerableAndANumberSaysSo() throws {
        let extraction = try Extraction.run(
            try recipe(swapping: [1, 2]), on: model, threads: 2, toolVersion: "1")
        let found = try #require(extraction.report.assessment)
        #expect(found.verdict == .not)
        #expect(found.reason.contains("%"), "\(found.reason)")
        var choosing = try recipe(swapping: [1, 2])
        choosing.choosesLayers = true
        let error = #expect(throws: SteeringError.self) {
            try Extraction.run(choosing, on: model, threads: 2, toolVersion: "1")
        }
        #expect(error?.kind == .notSteerable)
        #expect(error?.message.contains("%") == true)
    }

    @Test func shuffledPairsAreNotSteerable() throws {
        var random = RandomSource(seed: 7)
        let texts = try recipe().dataset
        guard case .personas(let prompts) = texts.content else {
            Issue.record("expected personas")
            return
        }
        let pairs = prompts.suffixes.flatMap { suffix in
            ["happy", "cheerful"].map { persona in
                let sides = [persona, persona == "happy" ? "sad" : "gloomy"].map { "Act \($0).\n\(suffix)" }
                return random.next() >> 63 == 0
                    ? TextPair(positive: sides[0], negative: sides[1])
                    : TextPair(positive: sides[1], negative: sides[0])
            }
        }
        var recipe = ExtractionRecipe(try Dataset(name: "shuffled", content: .pairs(pairs)))
        recipe.layers = try LayerSelection("12-15")
        recipe.heldOutShare = 0.5
        let report = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1").report
        #expect(report.assessment?.verdict == .not, "\(report.layers.map(\.assessment))")
    }

    @Test func layersAreChosenByHeldOutPairs() throws {
        var recipe = try recipe()
        try recipe.setLayers("auto")
        let extraction = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1")
        let layers = extraction.vector.layers.map(\.rawValue)
        #expect(layers == Array(layers[0]...layers[layers.count - 1]))
        #expect(layers[0] >= 5 && layers[layers.count - 1] <= 25 && layers.contains(15), "\(layers)")
        let text = try #require(extraction.vector.extraction?.recipe)
        #expect(try ExtractionRecipe(json: text, name: "recipe").choosesLayers)
        #expect(
            extraction.vector.extraction?.layers
                == LayerSelection(LayerIndex(layers[0])...LayerIndex(layers[layers.count - 1])))
    }

    @Test func theModelsOwnAnswersMakeADirection() throws {
        let dataset = try Dataset(
            json: """
                {"name": "happy",
                 "instructions": [{"positive": "You are very happy and cheerful.", "negative": "You are very sad and hopeless."},
                                  {"positive": "Be full of joy.", "negative": "Be full of sorrow."}],
                 "prompts": ["How was your day?", "Tell me about your room.", "What do you think of rain?"]}
                """.utf8, file: "persona.json")
        var recipe = ExtractionRecipe(dataset)
        recipe.layers = try LayerSelection("14")
        recipe.method = .always(.mean)
        recipe.readout = .mean
        recipe.answers.maximumTokens = 12
        recipe.answers.minimumTokens = 4
        #expect(try ExtractionRecipe(json: recipe.json(), name: "recipe") == recipe)
        let extraction = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1")
        #expect(extraction.report.pairs >= 3)
        #expect(extraction.report.answers != nil)
        #expect(extraction.vector.extraction?.readout == "mean")
        let again = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1")
        #expect(again.vector == extraction.vector)
    }

    @Test func aSubspaceIsKeptBesideTheDirection() throws {
        var recipe = try recipe()
        recipe.method = .always(.pca)
        recipe.components = 3
        recipe.layers = try LayerSelection("14")
        let vector = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1").vector
        #expect(vector.components[14]?.count == 2)
        let folder = try TemporaryFolder()
        try vector.write(to: folder.file("v.gguf"))
        #expect(try ControlVector(path: folder.file("v.gguf")) == vector)
        recipe.method = .automatic
        #expect(throws: SteeringError.self) { try recipe.check() }
    }

    @Test func answersAreFilteredByRules() {
        let filter = AnswerFilter(
            minimumTokens: 3, markers: Markers(positive: ["joy*"], negative: ["gloom*"]))
        #expect(filter.fault(in: "Joyful!", tokens: 2, isPositive: true) == .tooShort)
        #expect(filter.fault(in: "I’m sorry, but I can't do that.", tokens: 9, isPositive: true) == .refusal)
        #expect(filter.fault(in: "What gloom there is.", tokens: 5, isPositive: true) == .offTrait)
        #expect(filter.fault(in: "What gloom there is.", tokens: 5, isPositive: false) == nil)
        #expect(filter.fault(in: "A plain answer.", tokens: 5, isPositive: true) == nil)
    }

    @Test func refusalsAreSaidInWholeWords() {
        let filter = AnswerFilter(minimumTokens: 1, markers: Markers())
        func fault(_ text: String) -> AnswerFilter.Fault? {
            filter.fault(in: text, tokens: 9, isPositive: true)
        }
        #expect(fault("The room has an air of sadness.") == nil)
        #expect(fault("It was an aimless day.") == nil)
        // The hundredth character is the last of "ai".
        let long = String(repeating: "x", count: 91) + " "
        #expect(fault(long + "as an aimless day") == nil)
        #expect(fault(long + "as an AI.") == .refusal)
        #expect(fault("As an AI, I have no days.") == .refusal)
        #expect(fault("誠に申し訳ありませんがそれはできません。") == .refusal)
    }
}
