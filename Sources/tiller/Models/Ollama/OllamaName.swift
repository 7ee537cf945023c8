/// The name of a model as Ollama writes it: `[[HOST/]NAMESPACE/]NAME[:TAG]`.
struct OllamaName: Sendable, Equatable {
    /// The registry.
    var host = Self.defaultHost
    /// Whose model it is.
    var namespace = Self.defaultNamespace
    /// What it is called.
    var name: String
    /// Which of its variants.
    var tag = Self.defaultTag

    /// How one begins where `-m` takes it.
    static let prefix = "ollama:"
    static let defaultHost = "registry.ollama.ai"
    static let defaultNamespace = "library"
    static let defaultTag = "latest"

    /// A name whose parts are known.
    init(host: String, namespace: String, name: String, tag: String) {
        self.host = host
        self.namespace = namespace
        self.name = name
        self.tag = tag
    }

    /// Reads a name; `ollama:` may stand before it.
    init(_ text: String) throws(TillerError) {
        let body = text.hasPrefix(Self.prefix) ? text.dropFirst(Self.prefix.count) : text[...]
        var path = body.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let last = path.removeLast().split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard path.count <= 2, last.count <= 2 else {
            throw .badReference(
                text: text.onOneLine, reason: "a model of Ollama is [[HOST/]NAMESPACE/]NAME[:TAG]")
        }
        for part in path + last where !HubReference.isHarmless(part) {
            throw .badReference(
                text: text.onOneLine, reason: "\"\(part.onOneLine)\" cannot be part of a model's name")
        }
        name = last[0]
        if last.count == 2 { tag = last[1] }
        if let namespace = path.popLast() { self.namespace = namespace }
        if let host = path.popLast() { self.host = host }
    }

    /// The name without what goes without saying.
    var shortText: String {
        var text = "\(name):\(tag)"
        if host != Self.defaultHost || namespace != Self.defaultNamespace { text = "\(namespace)/\(text)" }
        if host != Self.defaultHost { text = "\(host)/\(text)" }
        return text
    }

    /// The folders that lead to the manifest.
    var path: [String] { [host, namespace, name, tag] }
}
