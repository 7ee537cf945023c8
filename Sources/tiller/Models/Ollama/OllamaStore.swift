import Foundation

/// The models that Ollama has fetched: `manifests/HOST/NAMESPACE/NAME/TAG` lists layers, and the layer of the
/// weights is a GGUF file under `blobs/`.
struct OllamaStore: Sendable {
    /// The stores, the nearest first.
    var folders: [String]

    /// The one that `OLLAMA_MODELS` names, or the user's and the one of Ollama's service.
    static func standard() throws(TillerError) -> OllamaStore {
        if let folder = try Terminal.folder("OLLAMA_MODELS") { return OllamaStore(folders: [folder]) }
        let home = try Terminal.folder("HOME").map { [$0 + "/.ollama/models"] } ?? []
        return OllamaStore(folders: home + ["/usr/share/ollama/.ollama/models"])
    }

    /// The file with a model's weights.
    struct Weights {
        var path: String
        var byteCount: Int
        /// Whether the model has an adapter beside them.
        var hasAdapter: Bool
    }

    /// A manifest, as far as it is of interest.
    private struct Manifest: Decodable {
        struct Layer: Decodable {
            var mediaType: String
            var digest: String
            var size: Int?
        }
        var layers: [Layer]
    }

    private static let modelType = "application/vnd.ollama.image.model"
    private static let adapterType = "application/vnd.ollama.image.adapter"
    /// A manifest is a page of text.
    private static let manifestLimit = 4 << 20

    // MARK: - Looking up

    /// Whether there is a model of that name, whatever is wrong with it.
    func contains(_ name: OllamaName) -> Bool { manifestPath(of: name) != nil }

    /// Where a model's weights lie, and what comes with them.
    func weights(of name: OllamaName) throws(TillerError) -> Weights {
        do throws(OllamaProblem.Thrown) {
            guard let (folder, manifest) = manifestPath(of: name) else {
                let stores = folders.filter { FileSystem.isFolder($0) }
                throw .init(.notThere(folders: stores, known: models().map(\.shortText)))
            }
            return try weights(of: manifest, in: folder)
        } catch {
            throw .ollama(error.problem, model: name.shortText)
        }
    }

    /// The models of all stores, sorted by name; one that two stores have is listed once.
    func models() -> [OllamaName] {
        var names: [OllamaName] = []
        for store in folders {
            let root = store + "/manifests"
            for host in FileSystem.names(in: root) {
                for namespace in FileSystem.names(in: "\(root)/\(host)") {
                    for model in FileSystem.names(in: "\(root)/\(host)/\(namespace)") {
                        for tag in FileSystem.names(in: "\(root)/\(host)/\(namespace)/\(model)") {
                            let name = OllamaName(host: host, namespace: namespace, name: model, tag: tag)
                            if name.path.allSatisfy({ HubReference.isHarmless($0) }), !names.contains(name) {
                                names.append(name)
                            }
                        }
                    }
                }
            }
        }
        return names.sorted { $0.shortText < $1.shortText }
    }

    private func manifestPath(of name: OllamaName) -> (folder: String, manifest: String)? {
        for folder in folders {
            // Ollama takes names in any case, and writes them in lowercase or as they were typed first.
            var path = folder + "/manifests"
            var isThere = true
            for part in name.path {
                let names = FileSystem.names(in: path)
                guard
                    let found = names.first(where: { $0 == part })
                        ?? names.first(where: { $0.lowercased() == part.lowercased() })
                else {
                    isThere = false
                    break
                }
                path += "/" + found
            }
            if isThere, !FileSystem.isFolder(path) { return (folder, path) }
        }
        return nil
    }

    // MARK: - Manifests

    private func weights(
        of manifestPath: String, in folder: String
    ) throws(OllamaProblem.Thrown) -> Weights {
        let manifest = try manifest(at: manifestPath)
        let layers = manifest.layers.filter { $0.mediaType == Self.modelType }
        guard let layer = layers.first else {
            throw .init(
                .noModelLayer(path: manifestPath, found: manifest.layers.prefix(8).map(\.mediaType.onOneLine))
            )
        }
        guard layers.count == 1 else {
            throw .init(.severalModelLayers(path: manifestPath, count: layers.count))
        }
        // Anything but a digest here would be a way out of the store.
        guard layer.digest.hasPrefix("sha256:"), let digest = SHA256.digest(in: layer.digest) else {
            throw .init(
                .brokenManifest(path: manifestPath, detail: "names weights by something that is no SHA-256"))
        }
        // Older versions of Ollama wrote a colon.
        let candidates = ["-", ":"].map { "\(folder)/blobs/sha256\($0)\(digest)" }
        guard let path = candidates.first(where: { FileSystem.size(of: $0) != nil }),
            let size = FileSystem.size(of: path)
        else { throw .init(.missingBlob(path: candidates[0])) }
        if let expected = layer.size, expected != size {
            throw .init(.wrongBlobSize(path: path, found: size, expected: expected))
        }
        return Weights(
            path: path, byteCount: size,
            hasAdapter: manifest.layers.contains { $0.mediaType == Self.adapterType })
    }

    private func manifest(at path: String) throws(OllamaProblem.Thrown) -> Manifest {
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.head(of: path, count: Self.manifestLimit + 1)
        } catch {
            throw .init(.brokenManifest(path: path, detail: "cannot be read: \(error.message)"))
        }
        guard bytes.count <= Self.manifestLimit else {
            throw .init(.brokenManifest(path: path, detail: "is larger than any manifest"))
        }
        guard let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(bytes)) else {
            throw .init(.brokenManifest(path: path, detail: "is not JSON with a list of layers"))
        }
        return manifest
    }
}

extension OllamaProblem {
    /// A problem as an error, until the model's name is known.
    struct Thrown: Error {
        let problem: OllamaProblem
        init(_ problem: OllamaProblem) { self.problem = problem }
    }
}
