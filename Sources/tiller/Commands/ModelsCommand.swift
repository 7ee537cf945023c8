import ArgumentParser

/// `tiller models`
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "List the known models, and which of them have been fetched.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try ModelStore.standard()
        var table = Table(
            .text("NAME"), .number("SIZE"), .text("LICENCE"), .text("FETCHED"), .text("WHAT IT IS"))
        var models: [JSONValue] = []
        for entry in store.catalogue.entries {
            let isPulled = store.isPulled(entry)
            table.append(
                entry.name, Quantity.bytes(entry.byteCount), entry.licence, isPulled ? "yes" : "no",
                entry.description)
            models.append([
                "name": .string(entry.name), "description": .string(entry.description),
                "licence": .string(entry.licence), "bytes": .integer(entry.byteCount),
                "sha256": .string(entry.sha256), "pulled": .bool(isPulled),
                "path": isPulled ? .string(store.path(of: entry)) : nil,
            ])
        }
        try output.print(
            json: ["folder": .string(store.folder), "models": .array(models)],
            text: table.rendered(width: Terminal.current.width, titleStyle: output.titleStyle))
    }
}
