import ControlVectors
import Steering
import Terms
import Testing

@Suite struct ExtractionRecipeTests {
    private func recipe() throws -> ExtractionRecipe {
        var recipe = ExtractionRecipe(
            try Dataset(
                name: "mood", language: "en",
                content: .personas(
                    PersonaPrompts(
                        template: "{persona}", positive: ["a", "b"], negative: ["c", "d"], suffixes: ["x y"],
                        truncates: true)), markers: Markers(positive: ["é"]), questions: ["Why?"]))
        recipe.method = .always(.pcaCentered)
        recipe.layers = try LayerSelection("25%-60.5%")
        recipe.scale = .unit
        recipe.seed = .max
        recipe.heldOutShare = 0.25
        return recipe
    }

    @Test func aRecipeSurvivesItsText() throws {
        let recipe = try recipe()
        let text = try recipe.json()
        #expect(try ExtractionRecipe(json: text, name: "x") == recipe)
        #expect(try ExtractionRecipe(json: text, name: "x").json() == text)
    }

    @Test(arguments: [
        ("\"format\":1", "\"format\":2", SteeringError.Kind.invalidValue, "format 2"),
        ("\"format\":1,", "", .invalidValue, "format unknown"),
        ("pca-centered", "umap", .invalidValue, "method: \"umap\" is not known"),
        ("25%-60.5%", "60-25", .invalidValue, "layers: "),
        ("18446744073709551615", "18446744073709551616", .wrongType, "seed: expected a number"),
        ("18446744073709551615", "-1", .wrongType, "seed: expected a number"),
        ("0.25", "1.5", .invalidValue, "heldOutShare: 1.5"), ("0.25", "1e999", .invalidValue, "heldOutShare"),
        ("[\"c\",\"d\"]", "[\"c\"]", .unequalSides, "dataset.negative"),
        ("\"dataset\"", "\"data\"", .unknownField, "\"data\""),
        ("{\"dataset\"", "[{\"dataset\"", .invalidJSON, "x: line 1"),
    ])
    func aRecipeThatWasTamperedWithIsRefused(
        old: String, new: String, kind: SteeringError.Kind, words: String
    ) throws {
        let text = try recipe().json()
        let changed = text.replacing(old, with: new)
        #expect(changed != text)
        let error = #expect(throws: SteeringError.self) { try ExtractionRecipe(json: changed, name: "x") }
        #expect(error?.kind == kind)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        // Nobody edits a text in a vector's file, and what is said of datasets helps nobody there.
        #expect(
            error?.remedy
                == (words.hasPrefix("format")
                    ? "use a newer version of tiller" : "extract the vector again from its dataset"))
    }

    @Test(arguments: ["", " ", "[]", #"{"format": "1"}"#]) func aDamagedRecipeIsNotTakenForADataset(
        text: String
    ) {
        let error = #expect(throws: SteeringError.self) { try ExtractionRecipe(json: text, name: "x") }
        #expect(error?.remedy == "extract the vector again from its dataset")
    }

    @Test func promptsThatEarlierBuildsKeptInInstructionsArePassedOver() throws {
        func read(_ extra: String) throws -> ExtractionRecipe {
            try ExtractionRecipe(
                json:
                    #"{"format":1,"dataset":{"name":"kind","instructions":[{"positive":"a",\#(extra)"negative":"b"}],"prompts":["q","r"]}}"#,
                name: "x")
        }
        #expect(try read(#""prompt":"p","#) == read(""))
        let error = #expect(throws: SteeringError.self) { try read(#""promt":"p","#) }
        #expect(error?.message.contains("\"dataset.instructions[0].promt\"") == true)
    }

    @Test(arguments: [
        (#"[{"positive":"a","negative":"b"}]"#, "dataset: the dataset has 1 pair"),
        (#"[{"positive":"a","negative":"b"},{"positive":"a"}]"#, "dataset[1]: the field \"negative\""),
        (#"{"pairs":[{"positive":"a","negative":"b"},{"positive":"a"}]}"#, "dataset.pairs[1]: the field"),
        (#"{"pairs":[{"positive":"a","negative":" "}]}"#, "dataset.pairs[0]: the negative text is empty"),
    ])
    func theDatasetsFieldsAreNamedFromTheRecipesBeginning(dataset: String, words: String) {
        let error = #expect(throws: SteeringError.self) {
            try ExtractionRecipe(json: #"{"format":1,"dataset":\#(dataset)}"#, name: "x")
        }
        #expect(error?.message.contains(": " + words) == true, "\(error?.message ?? "")")
    }

    @Test func aSumIsNotTakenForAnotherToolsVector() throws {
        func refusal(_ model: ModelFingerprint?, _ instead: String? = nil) throws -> SteeringError? {
            let vector = try ControlVector(directions: [1: [1, 2]], fingerprint: model)
            return #expect(throws: SteeringError.self) {
                try ExtractionRecipe(of: vector, path: "v.gguf", instead: instead)
            }
        }
        let model = ModelFingerprint(
            architecture: "llama", name: nil, hiddenSize: 2, layerCount: 3, vocabularySize: 4,
            tokenizerHash: nil, chatTemplateHash: nil, fileType: nil, normHash: nil, digest: "d")
        #expect(try refusal(nil)?.message.contains("other tools") == true)
        #expect(try refusal(model)?.message.contains("tiller combine") == true)
        #expect(try refusal(model, "--prompts")?.remedy == "--prompts")
    }

    @Test func whatIsThereCountsOnlyForAModelThatComputesTheSame() throws {
        let recipe = try recipe()
        let model = ModelFingerprint(
            architecture: "llama", name: nil, hiddenSize: 2, layerCount: 3, vocabularySize: 4,
            tokenizerHash: nil, chatTemplateHash: nil, fileType: nil, normHash: nil, digest: "d",
            computationDigest: "c")
        let sides = SideProjections(negativeMean: 0, positiveMean: 1, spread: 1)
        func hasGiven(
            on origin: ModelFingerprint, recipe text: String? = nil, direction: [Float] = [1, 2]
        ) throws -> Bool {
            let record = ExtractionRecord(
                toolVersion: "1", method: "mean", readout: "last", scale: .natural, layers: .standard,
                evidence: [1: LayerEvidence(sides: sides)], recipe: try text ?? recipe.json())
            let vector = try ControlVector(
                directions: [1: direction], fingerprint: origin, extraction: record)
            return recipe.hasGiven(vector, on: model, toolVersion: "1")
        }
        #expect(try hasGiven(on: model))
        #expect(try !hasGiven(on: model, recipe: "{}"))
        #expect(try !hasGiven(on: model, direction: [0, 0]))
        // Another rotary base, and a vector of an earlier build, which does not say it.
        for digest in ["e", nil] {
            var other = model
            other.computationDigest = digest
            #expect(try !hasGiven(on: other), "\(digest ?? "none")")
        }
    }

    @Test func choicesThatAreMissingAreTheDefaults() throws {
        let recipe = try ExtractionRecipe(
            json:
                #"{"format":1,"dataset":[{"positive":"a","negative":"b"},{"positive":"c","negative":"d"}]}"#,
            name: "x")
        #expect(recipe.method == .automatic)
        #expect(recipe.layers == .standard)
        #expect(recipe.scale == .natural)
        #expect(recipe.dataset.name == "dataset")
    }
}
