import Foundation
import Testing
import _TestSupport

@testable import tiller

/// Made-up stores of Ollama.
@Suite struct OllamaStoreTests {
    private let digest = String(repeating: "ab", count: 32)

    private func layer(_ kind: String, _ digest: String, size: Int = 4) -> String {
        #"{"mediaType": "application/vnd.ollama.image.\#(kind)", "digest": "\#(digest)", "size": \#(size)}"#
    }

    /// A store with one manifest, and one file of weights unless there shall be none.
    private func store(
        _ name: String = "registry.ollama.ai/library/happy/latest", layers: [String], blob: String? = "GGUF"
    ) throws -> (OllamaStore, TemporaryFolder) {
        try store(
            name, manifest: #"{"schemaVersion": 2, "layers": [\#(layers.joined(separator: ", "))]}"#,
            blob: blob)
    }

    private func store(
        _ name: String = "registry.ollama.ai/library/happy/latest", manifest: String, blob: String?
    ) throws -> (OllamaStore, TemporaryFolder) {
        let folder = try TemporaryFolder()
        let path = "manifests/" + name
        try FileSystem.makeFolder(
            folder.path + "/" + path.split(separator: "/").dropLast().joined(separator: "/"))
        try FileSystem.makeFolder(folder.path + "/blobs")
        _ = try folder.write(path, manifest)
        if let blob { _ = try folder.write("blobs/sha256-\(digest)", blob) }
        return (OllamaStore(folders: ["/nonexistent", folder.path]), folder)
    }

    /// What a lookup fails with; the folder lives as long as it takes.
    private func code(_ made: (OllamaStore, TemporaryFolder), _ name: String = "happy") -> String? {
        #expect(throws: TillerError.self) { try made.0.weights(of: OllamaName(name)) }?.code
    }

    @Test(arguments: [
        (
            "registry.ollama.ai/library/happy/latest",
            ["happy", "happy:latest", "ollama:Happy", "library/happy"]
        ),
        ("registry.ollama.ai/library/happy/7b-q4", ["happy:7b-q4", "ollama:happy:7B-Q4"]),
        ("registry.ollama.ai/me/happy/latest", ["me/happy", "ollama:me/happy:latest"]),
        ("hf.co/me/happy-GGUF/Q4_K_M", ["hf.co/me/happy-GGUF:Q4_K_M", "ollama:hf.co/me/happy-gguf:Q4_K_M"]),
    ])
    func aModelIsFoundByEachOfItsNames(_ path: String, _ names: [String]) throws {
        let (store, folder) = try store(
            path, layers: [layer("template", "sha256:00"), layer("model", "sha256:\(digest)")])
        for name in names {
            #expect(try store.weights(of: OllamaName(name)).path == folder.path + "/blobs/sha256-\(digest)")
            #expect(
                try ModelStore(root: "/nowhere", ollama: store).resolve(name) == folder.path
                    + "/blobs/sha256-\(digest)")
        }
        #expect(store.models().map(\.shortText).count == 1)
        #expect(try store.weights(of: try #require(store.models().first)).byteCount == 4)
    }

    @Test func whatIsWrongWithAStoreIsSaid() throws {
        let model = layer("model", "sha256:\(digest)")
        #expect(code(try store(layers: [model]), "sad") == "unknownModel")
        #expect(code((OllamaStore(folders: []), try TemporaryFolder()), "sad") == "unknownModel")
        #expect(code(try store(layers: [model], blob: nil)) == "missingBlob")
        #expect(code(try store(layers: [model], blob: "GG")) == "wrongBlobSize")
        #expect(code(try store(layers: [layer("template", "sha256:\(digest)")])) == "noModelLayer")
        #expect(code(try store(layers: [])) == "noModelLayer")
        #expect(code(try store(layers: [model, model])) == "severalModelLayers")
        for digest in ["sha256:../../../../etc/passwd", "sha256:00", "", "md5:\(digest)", digest] {
            #expect(code(try store(layers: [layer("model", digest)])) == "brokenManifest")
        }
        for manifest in ["", "{", "[]", #"{"layers": 3}"#, #"{"layers": [{"digest": 1}]}"#, "\u{0}\u{1}"] {
            #expect(code(try store(manifest: manifest, blob: nil)) == "brokenManifest")
        }
    }

    @Test func everyErrorSaysWhatToDo() throws {
        let (store, folder) = try store(layers: [layer("model", "sha256:\(digest)")], blob: nil)
        let error = #expect(throws: TillerError.self) { try store.weights(of: OllamaName("happy")) }
        #expect(error?.remedy == "ollama pull happy:latest repairs it")
        #expect(error?.message.contains(folder.path + "/blobs") == true)
    }

    @Test(arguments: [
        "ollama:", "ollama:../x", "ollama:a:b:c", "ollama:a/b/c/d", "ollama:x/..:y", "ollama:a:",
    ])
    func aNameThatLeavesTheStoreIsRefused(_ name: String) {
        #expect(#expect(throws: TillerError.self) { try OllamaName(name) }?.code == "badReference")
    }

    @Test func theCataloguesNameIsNearer() throws {
        let (store, _) = try store(
            "registry.ollama.ai/library/\(Catalogue.defaultName)/latest",
            layers: [layer("model", "sha256:\(digest)")])
        #expect(
            #expect(throws: TillerError.self) {
                try ModelStore(root: "/nowhere", ollama: store).resolve(Catalogue.defaultName)
            }?.code == "modelNotPulled")
    }

    @Test func anAdapterIsSpokenOfWhereTheModelIsUsedAndNotWhereItIsListed() throws {
        let (store, folder) = try store(
            layers: [layer("model", "sha256:\(digest)"), layer("adapter", "sha256:\(digest)")])
        #expect(try store.weights(of: OllamaName("happy")).hasAdapter)
        let environment = ["OLLAMA_MODELS": folder.path, "TILLER_HOME": folder.path + "/home"]
        let list = try TillerProcess(["models"], environment: environment)
        #expect(list.status == 0 && list.errors.isEmpty, "\(list.errors)")
        let use = try TillerProcess(["inspect", "ollama:happy"], environment: environment)
        #expect(use.errors.contains("ollama:happy:latest has an adapter too"), "\(use.errors)")
    }

    @Test(arguments: [["validate", vector], ["bench"], ["calibrate", "-v", vector]])
    func anAdapterIsSpokenOfOnce(_ command: [String]) throws {
        let (_, folder) = try store(
            layers: [layer("model", "sha256:\(digest)"), layer("adapter", "sha256:\(digest)")])
        let run = try TillerProcess(
            command + ["-m", "ollama:happy"],
            environment: ["OLLAMA_MODELS": folder.path, "TILLER_HOME": folder.path + "/home"])
        #expect(run.errors.components(separatedBy: "has an adapter too").count == 2, "\(run.errors)")
    }

    private static let vector = fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf")

    @Test func modelsListsThemWithTheirOrigin() throws {
        let (_, folder) = try store(layers: [layer("model", "sha256:\(digest)")])
        let run = try TillerProcess(
            ["models", "--json"],
            environment: ["OLLAMA_MODELS": folder.path, "TILLER_HOME": folder.path + "/home"])
        let models = try #require(try run.json()["models"] as? [[String: Any]])
        #expect(models.map { $0["origin"] as? String } == ["catalogue", "catalogue", "ollama"])
        #expect(models.last?["name"] as? String == "ollama:happy:latest")
        #expect(models.last?["path"] as? String == folder.path + "/blobs/sha256-\(digest)")
        #expect((models[1]["terms"] as? String)?.contains("https://ai.google.dev/gemma/terms") == true)
    }
}
