import Testing
import _TestSupport

@testable import tiller

@Suite struct ModelStoreTests {
    private let catalogue = Catalogue(entries: [
        Catalogue.Entry(
            name: Catalogue.defaultName, description: "a test", licence: "none", wheels: [], file: "m.gguf",
            byteCount: 3, sha256: "00")
    ])

    @Test func anExistingPathIsTakenAsItIs() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("any.gguf", "x")
        #expect(try ModelStore(root: folder.path, catalogue: catalogue).resolve(file) == file)
    }

    @Test func aFetchedModelIsFoundByNameAndByDefault() throws {
        let folder = try TemporaryFolder()
        let store = ModelStore(root: folder.path, catalogue: catalogue)
        try FileSystem.makeFolder(folder.path + "/models/" + Catalogue.defaultName)
        let file = try folder.write("models/\(Catalogue.defaultName)/m.gguf", "abc")
        #expect(try store.resolve(Catalogue.defaultName.uppercased()) == file)
        #expect(try store.resolve(nil) == file)
    }

    @Test func aModelThatIsNotThereNamesTheCommandThatFetchesIt() throws {
        let store = ModelStore(root: try TemporaryFolder().path, catalogue: catalogue)
        for argument in [nil, Catalogue.defaultName] {
            let error = #expect(throws: TillerError.self) { try store.resolve(argument) }
            #expect(error?.code == "modelNotPulled")
            #expect(error?.remedy == "tiller pull \(Catalogue.defaultName)")
        }
    }

    @Test func halfAFileIsNoModel() throws {
        let folder = try TemporaryFolder()
        let store = ModelStore(root: folder.path, catalogue: catalogue)
        try FileSystem.makeFolder(folder.path + "/models/" + Catalogue.defaultName)
        _ = try folder.write("models/\(Catalogue.defaultName)/m.gguf", "ab")
        #expect(throws: TillerError.modelNotPulled(name: Catalogue.defaultName, isDefault: true)) {
            try store.resolve(nil)
        }
    }

    @Test func whatPullCannotFetchIsSaidInItsOwnWords() throws {
        let folder = try TemporaryFolder()
        let file = fixturePath("gguf/tiny.gguf")
        let store = ModelStore(root: folder.path, catalogue: catalogue)
        func error(_ name: String) -> TillerError? {
            #expect(throws: TillerError.self) { try store.entry(named: name) }
        }
        #expect(error(file)?.message == "\(file) cannot be pulled: it is here already")
        #expect(error(file)?.remedy == "-m \(file) takes it as it is")
        #expect(error("ollama:llama3")?.remedy == "ollama pull llama3, then -m ollama:llama3")
        #expect(
            error("smollm2-135m-instrukt")?.remedy == "did you mean tiller pull \(Catalogue.defaultName)?")
        for name in ["./none.gguf", folder.path, try folder.write("any.gguf", "x")] {
            #expect(
                error(name)?.remedy?.hasPrefix("hf:OWNER/REPO/FILE, hf:OWNER/REPO, or one of") == true)
        }
    }

    @Test func aReferenceIsCorrectedToOneOfItsKind() {
        #expect(
            #expect(throws: TillerError.self) { try HubReference("hf:a") }?.remedy?.contains("ollama")
                == false)
        #expect(
            #expect(throws: TillerError.self) { try OllamaName("ollama:..") }?.remedy
                == "name a model as ollama:NAME:TAG, without .. in it")
    }

    @Test func anEmptyNameIsSaidToBeEmpty() throws {
        let error = #expect(throws: TillerError.self) { try ModelStore(root: "/nowhere").resolve("") }
        #expect(error?.message == "the name of the model is empty")
    }

    @Test func anUnknownNameIsCorrectedAndAnUnknownPathIsNot() throws {
        let store = ModelStore(root: "/nowhere")
        #expect(
            #expect(throws: TillerError.self) { try store.resolve("smollm2-135m") }?.remedy
                == "did you mean -m smollm2-135m-instruct?")
        #expect(
            #expect(throws: TillerError.self) { try store.resolve("./smollm2.gguf") }?.remedy?.hasPrefix(
                "pass the path")
                == true)
    }
}
