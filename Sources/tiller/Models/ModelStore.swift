import ControlVectors
import Conversion
import Terms

/// The folder of fetched models: `$TILLER_HOME/models/<name>/<file>`, and
/// `$TILLER_HOME/models/hf/OWNER/REPO/FILE` for those of a hub; Ollama's store is looked into as well.
struct ModelStore: Sendable {
    /// `$TILLER_HOME`, or `~/.cache/tiller`.
    let root: String
    /// What can be fetched into it by name.
    let catalogue: Catalogue
    /// The models that Ollama has fetched.
    let ollama: OllamaStore

    /// A store in a folder.
    init(root: String, catalogue: Catalogue = .standard, ollama: OllamaStore = OllamaStore(folders: [])) {
        self.root = root
        self.catalogue = catalogue
        self.ollama = ollama
    }

    /// The store that the environment names.
    static func standard() throws(TillerError) -> ModelStore {
        if let root = try Terminal.folder("TILLER_HOME") {
            return ModelStore(
                root: root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root,
                ollama: try .standard())
        }
        guard let home = try Terminal.folder("HOME") else { throw .noHome }
        return ModelStore(root: home + "/.cache/tiller", ollama: try .standard())
    }

    /// What `-m` means, where the environment need not name a store: a path that exists is that path.
    static func find(_ argument: String?) throws(TillerError) -> String {
        if let argument, FileSystem.exists(argument) { return argument }
        do throws(TillerError) {
            return try standard().resolve(argument)
        } catch .noHome {
            // A path that is not there is no name that a store could know.
            guard let argument, argument.contains("/") || FileKind(name: argument) != nil,
                !argument.hasPrefix(HubReference.prefix)
            else { throw .noHome }
            throw .unknownModel(name: argument, suggestion: nil, known: Catalogue.standard.names)
        }
    }

    /// The folder of all models.
    var folder: String { root + "/models" }

    // MARK: - The catalogue's

    /// The folder of a model's file, and of what came with it.
    func folder(of entry: Catalogue.Entry) -> String { "\(folder)/\(entry.name)" }

    /// Where a model's file lies, or would lie.
    func path(of entry: Catalogue.Entry) -> String { "\(folder(of: entry))/\(entry.file)" }

    /// Makes the folder of a model.
    func makeFolder(of entry: Catalogue.Entry) throws(TillerError) {
        try FileSystem.makeFolder(folder(of: entry))
    }

    /// Whether a model's file is there, whole. Its contents were checked when it was fetched.
    func isPulled(_ entry: Catalogue.Entry) -> Bool {
        FileSystem.size(of: path(of: entry)) == entry.byteCount
    }

    /// The entry that `pull` is asked for.
    func entry(named name: String) throws(TillerError) -> Catalogue.Entry {
        if let entry = catalogue.entry(named: name) { return entry }
        if name.hasPrefix(OllamaName.prefix) {
            throw .cannotPull(
                name: name, reason: "Ollama fetches its own models",
                remedy: "ollama pull \(name.dropFirst(OllamaName.prefix.count)), then -m \(name)")
        }
        if (try? openModel(path: name)) != nil {
            throw .cannotPull(
                name: name, reason: "it is here already",
                remedy: "-m \(ShellCommand.quoted(name)) takes it as it is")
        }
        throw .cannotPull(
            name: name, reason: "no known model has that name",
            remedy: Suggestion.closest(to: name, among: catalogue.names).map {
                "did you mean tiller pull \($0)?"
            }
                ?? "hf:OWNER/REPO/FILE, hf:OWNER/REPO, or one of: \(catalogue.names.joined(separator: ", "))")
    }

    // MARK: - What -m means

    /// The file or folder behind `-m`: a path, `hf:…` or `ollama:…`, or the name of a fetched model, the
    /// catalogue's before Ollama's; the default model where nothing is given.
    func resolve(_ argument: String?) throws(TillerError) -> String {
        if let argument, FileSystem.exists(argument) { return argument }
        let name = argument ?? Catalogue.defaultName
        if name.hasPrefix(HubReference.prefix) { return try resolve(HubReference(name)) }
        if name.hasPrefix(OllamaName.prefix) { return try path(of: OllamaName(name)) }
        if let entry = catalogue.entry(named: name) {
            guard isPulled(entry) else {
                throw .modelNotPulled(name: entry.name, isDefault: argument == nil)
            }
            return path(of: entry)
        }
        if let other = try? OllamaName(name), ollama.contains(other) { return try path(of: other) }
        throw unknown(name)
    }

    private func path(of name: OllamaName) throws(TillerError) -> String {
        let weights = try ollama.weights(of: name)
        if weights.hasAdapter {
            warn("\(OllamaName.prefix)\(name.shortText) has an adapter too, which is not applied")
        }
        return weights.path
    }

    private func resolve(_ reference: HubReference) throws(TillerError) -> String {
        let files = reference.file.map { SplitName($0)?.all ?? [$0] }
        let isThere =
            files?.allSatisfy { has(reference.with(file: $0)) } ?? isComplete(reference)
        guard isThere else { throw .modelNotPulled(name: reference.text, isDefault: false) }
        return path(of: reference.with(file: files?.first))
    }

    private func unknown(_ name: String) -> TillerError {
        let word = name.split(separator: "/").last.map(String.init) ?? name
        let known = catalogue.names + ollama.models().map(\.shortText)
        return .unknownModel(
            name: name,
            suggestion: name.contains("/") || name.hasSuffix(".gguf")
                ? nil : Suggestion.closest(to: word, among: known).map { "-m \($0)" },
            known: known)
    }
}
