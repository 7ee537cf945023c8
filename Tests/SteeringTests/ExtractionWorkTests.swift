import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import _TestSupport

@testable import Steering

/// Extractions that were stopped go on, and recipes of one dataset read the model once.
@Suite struct ExtractionWorkTests {
    private struct Stop: Error {}
    private let model: LanguageModel
    private let folder: TemporaryFolder

    init() throws {
        model = try DefaultModel.open()
        folder = try TemporaryFolder()
    }

    private func recipe(layers: String = "12-13") throws -> ExtractionRecipe {
        let suffixes = [
            "I can see that the", "The weather is so nice", "Today was a very long day",
            "My friend told me so",
            "When I woke up this morning", "You know what they say", "Let me tell you about it",
            "It all began",
            "We went to the river", "The music was", "Nobody had thought of", "In the end it was",
        ]
        var recipe = ExtractionRecipe(
            try Dataset(
                name: "happy",
                content: .personas(
                    PersonaPrompts(
                        template: "Act as if you're extremely {persona}.", positive: ["happy", "joyous"],
                        negative: ["sad", "depressed"], suffixes: suffixes, truncates: true))))
        recipe.layers = try LayerSelection(layers)
        return recipe
    }

    private func extract(
        _ recipe: ExtractionRecipe, _ work: ExtractionWork, progress: ProgressReport = { _, _, _ in }
    ) throws -> Extraction {
        try Extraction.run(
            recipe, on: model, threads: 2, toolVersion: "1", work: work, progress: progress)
    }

    private func stopAfterOnePass(_ recipe: ExtractionRecipe) throws {
        let work = ExtractionWork(folder: folder.file("work"), interval: 0)
        #expect(throws: Stop.self) {
            _ = try extract(recipe, work) { done, _, label in
                if label == "hidden states", done > 0 { throw Stop() }
            }
        }
    }

    @Test(arguments: [Readout.last, .lastTokens(2)])
    func aRunThatWasStoppedGoesOnWhereItWas(readout: Readout) throws {
        var recipe = try recipe()
        recipe.readout = readout
        let whole = try extract(recipe, ExtractionWork())
        try stopAfterOnePass(recipe)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("work")).count == 1)
        let work = ExtractionWork(folder: folder.file("work"), interval: 0)
        let resumed = try extract(recipe, work)
        #expect(work.resumedPrompts > 0 && work.warnings.isEmpty)
        #expect(resumed.report.computedTokens < whole.report.computedTokens)
        for layer in whole.vector.layers {
            let (found, expected) = (try #require(resumed.vector[layer]), try #require(whole.vector[layer]))
            expectClose(found, expected, relativeError: 1e-5, "layer \(layer)")
        }
        work.finish()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("work")).isEmpty)
    }

    @Test func otherPromptsOrLayersAreOtherWork() throws {
        try stopAfterOnePass(recipe())
        let work = ExtractionWork(folder: folder.file("work"), interval: 60)
        _ = try extract(recipe(layers: "13"), work)
        #expect(work.resumedPrompts == 0)
    }

    @Test func anotherVersionsWorkIsNotGoneOnWith() throws {
        try stopAfterOnePass(recipe())
        let work = ExtractionWork(folder: folder.file("work"), interval: 60)
        _ = try Extraction.run(recipe(), on: model, threads: 2, toolVersion: "2", work: work)
        #expect(work.resumedPrompts == 0 && work.warnings.isEmpty)
    }

    @Test func meansOverOtherTokensAreOtherWork() throws {
        var recipe = try recipe()
        recipe.readout = .lastTokens(2)
        try stopAfterOnePass(recipe)
        let work = ExtractionWork(folder: folder.file("work"), interval: 0)
        recipe.readout = .lastTokens(3)
        #expect(try extract(recipe, work).vector == extract(recipe, ExtractionWork()).vector)
        #expect(work.resumedPrompts == 0 && work.warnings.isEmpty)
    }

    @Test func damagedWorkIsDoneAgainWithAWarning() throws {
        let recipe = try recipe()
        try stopAfterOnePass(recipe)
        let path = folder.file("work")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: path).first)
        try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        let work = ExtractionWork(folder: path, interval: 60)
        let whole = try extract(recipe, ExtractionWork())
        #expect(try extract(recipe, work).vector == whole.vector)
        #expect(work.warnings.count == 1 && work.warnings[0].contains(name) && work.resumedPrompts == 0)
    }

    @Test func staleWorkIsRemovedAndNothingElse() throws {
        for (name, age) in [("a.states", 8.0), ("b.states", 6.0), ("notes.txt", 80.0)] {
            try folder.write([1], to: name)
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -age * 86_400)],
                ofItemAtPath: folder.file(name))
        }
        _ = ExtractionWork(folder: folder.path)
        #expect(folder.names == ["b.states", "notes.txt"])
    }

    @Test func recipesThatReadTheSamePromptsComputeThemOnce() throws {
        var mean = try recipe(layers: "12")
        mean.method = .always(.mean)
        let recipes = [try recipe(layers: "13"), mean]
        let work = ExtractionWork()
        work.expect(recipes, on: model)
        let together = try recipes.map { try extract($0, work) }
        #expect(work.sharedExtractions == 1)
        for (recipe, shared) in zip(recipes, together) {
            #expect(try extract(recipe, ExtractionWork()).vector == shared.vector)
        }
    }

    @Test func aRecipeThatChoosesItsLayersSharesStatesToo() throws {
        var chosen = try recipe()
        try chosen.setLayers("auto")
        let work = ExtractionWork()
        work.expect([chosen, try recipe(layers: "28")], on: model)
        let shared = try extract(chosen, work)
        _ = try extract(recipe(layers: "28"), work)
        #expect(work.sharedExtractions == 1)
        #expect(try extract(chosen, ExtractionWork()).vector == shared.vector)
    }

    @Test func equalRecipesWithOtherPromptsShareNothing() throws {
        // As where a judge keeps another pair of the model's answers when it is asked again.
        func set(_ words: [(String, String)]) throws -> ExampleSet {
            let pairs = words.enumerated().map { source, words in
                ExamplePair(
                    positive: model.answerTokens(words.0, behind: []),
                    negative: model.answerTokens(words.1, behind: []),
                    source: source)
            }
            return try ExampleSet(pairs, split: HeldOutSplit(sources: [], fraction: 0, seed: 0))
        }
        let (few, more) = (
            try set([("I am glad", "I am sad")]), try set([("Oh joy", "Oh woe"), ("I am glad", "I am sad")])
        )
        let work = ExtractionWork()
        let recipes = [try recipe(layers: "1"), try recipe(layers: "2")]
        work.expect(recipes, on: model)
        func states(
            _ recipe: ExtractionRecipe, _ set: ExampleSet, _ work: ExtractionWork
        ) throws -> ReadoutStates {
            let layers = try Extraction.layers(readBy: recipe, layerCount: 30)
            return try work.states(
                recipe, set, on: model, toolVersion: "1", layers: layers, threads: 2
            ) { _, _, _ in }
        }
        _ = try states(recipes[0], few, work)
        let found = try states(recipes[1], more, work)
        #expect(work.sharedExtractions == 0)
        let expected = try states(recipes[1], more, ExtractionWork())
        for place in more.prompts.prompts.indices {
            expectClose(
                try #require(found.row(place, at: 2)), try #require(expected.row(place, at: 2)),
                relativeError: 1e-5)
        }
        _ = try states(recipes[0], more, work)
        #expect(work.sharedExtractions == 1)
    }

    @Test func seedsDecideTheModelsOwnAnswers() throws {
        var recipe = ExtractionRecipe(
            try Dataset(
                name: "own",
                content: .instructions(
                    InstructionPrompts(
                        instructions: [TextPair(positive: "Be happy.", negative: "Be sad.")],
                        prompts: ["How are you?", "What do you see?"]))))
        let other = recipe
        #expect(recipe.readsTheSame(as: other))
        recipe.seed += 1
        #expect(!recipe.readsTheSame(as: other))
    }
}
