/// The folder of fetched models: `$TILLER_HOME/models/<name>/<file>`.
struct ModelStore: Sendable {
    /// `$TILLER_HOME`, or `~/.cache/tiller`.
    let root: String
    /// What can be fetched into it.
    let catalogue: Catalogue

    /// A store in a folder.
    init(root: String, catalogue: Catalogue = .standard) {
        self.root = root
        self.catalogue = catalogue
    }

    /// The store that the environment names.
    static func standard() throws(TillerError) -> ModelStore {
        if let root = Terminal.environment("TILLER_HOME") {
            return ModelStore(root: root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root)
        }
        guard let home = Terminal.environment("HOME") else { throw .noHome }
        return ModelStore(root: home + "/.cache/tiller")
    }

    /// The folder of all models.
    var folder: String { root + "/models" }

    /// Where a model's file lies, or would lie.
    func path(of entry: Catalogue.Entry) -> String { "\(folder)/\(entry.name)/\(entry.file)" }

    /// Whether a model's file is there, whole. Its contents were checked when it was fetched.
    func isPulled(_ entry: Catalogue.Entry) -> Bool {
        FileSystem.size(of: path(of: entry)) == entry.byteCount
    }

    /// The entry that `pull` is asked for.
    func entry(named name: String) throws(TillerError) -> Catalogue.Entry {
        guard let entry = catalogue.entry(named: name) else {
            throw .unknownModel(
                name: name,
                suggestion: Suggestion.closest(to: name, among: catalogue.names).map { "tiller pull \($0)" },
                known: catalogue.names)
        }
        return entry
    }

    /// The file behind `-m`: a path, or the name of a fetched model; the default model where nothing is given.
    func resolve(_ argument: String?) throws(TillerError) -> String {
        if let argument, FileSystem.exists(argument) { return argument }
        let name = argument ?? Catalogue.defaultName
        guard let entry = catalogue.entry(named: name) else {
            let word = name.split(separator: "/").last.map(String.init) ?? name
            throw .unknownModel(
                name: name,
                suggestion: name.contains("/") || name.hasSuffix(".gguf")
                    ? nil : Suggestion.closest(to: word, among: catalogue.names).map { "-m \($0)" },
                known: catalogue.names)
        }
        guard isPulled(entry) else {
            throw .modelNotPulled(name: entry.name, isDefault: argument == nil)
        }
        return path(of: entry)
    }
}
