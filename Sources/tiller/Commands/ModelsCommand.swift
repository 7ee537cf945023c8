import ArgumentParser

/// `tiller models`
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List the models that are known, fetched, or in Ollama's store.")

    @OptionGroup var output: OutputOptions

    /// One line of the list.
    private struct Line {
        var name: String
        var origin: String
        var byteCount: Int?
        var licence: String?
        var path: String?
        var description = ""
        var more: [JSONValue.Member] = []
    }

    func run() throws {
        let store = try ModelStore.standard()
        let lines = catalogueLines(store) + hubLines(store) + ollamaLines(store)
        var table = Table(
            .text("NAME"), .number("SIZE"), .text("LICENCE"), .text("FETCHED"), .text("FROM"),
            .text("WHAT IT IS"))
        for line in lines {
            table.append(
                line.name, line.byteCount.map { Quantity.bytes($0) } ?? "–",
                line.licence ?? "–", line.path == nil ? "no" : "yes", line.origin, line.description)
        }
        var text = table.rendered(width: Terminal.current.width, titleStyle: output.titleStyle)
        for entry in store.catalogue.entries {
            if let terms = entry.terms { text += "\n\(entry.name): \(terms)\n" }
        }
        try output.print(
            json: ["folder": .string(store.folder), "models": .array(lines.map(json))], text: text)
    }

    private func json(_ line: Line) -> JSONValue {
        var value: JSONValue = [
            "name": .string(line.name), "origin": .string(line.origin),
            "description": .string(line.description), "licence": .string(line.licence),
            "bytes": .optional(line.byteCount) { .integer($0) }, "pulled": .bool(line.path != nil),
            "path": .string(line.path),
        ]
        for member in line.more { value.append(member.key, member.value) }
        return value
    }

    private func catalogueLines(_ store: ModelStore) -> [Line] {
        store.catalogue.entries.map { entry in
            Line(
                name: entry.name, origin: "catalogue", byteCount: entry.byteCount, licence: entry.licence,
                path: store.isPulled(entry) ? store.path(of: entry) : nil, description: entry.description,
                more: [
                    .init(key: "sha256", value: .string(entry.sha256)),
                    .init(key: "terms", value: .string(entry.terms)),
                ])
        }
    }

    private func hubLines(_ store: ModelStore) -> [Line] {
        store.hubModels().map { model in
            Line(
                name: model.reference.text, origin: "hub", byteCount: model.byteCount,
                path: store.path(of: model.reference))
        }
    }

    private func ollamaLines(_ store: ModelStore) -> [Line] {
        store.ollama.models().map { name in
            let weights = try? store.ollama.weights(of: name)
            return Line(
                name: OllamaName.prefix + name.shortText, origin: "ollama",
                byteCount: weights?.byteCount, path: weights?.path,
                description: weights == nil
                    ? "cannot be opened: -m \(OllamaName.prefix)\(name.shortText) says why" : "")
        }
    }
}
