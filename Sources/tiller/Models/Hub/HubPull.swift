import Foundation

/// Fetches a file, a model in several files, or a whole checkpoint of a hub into the store.
struct HubPull {
    let store: ModelStore
    let hub: Hub
    let reference: HubReference
    let progress: Progress

    /// Fetches what is missing and gives the path of the model. On an error what has arrived is kept.
    func run() throws(TillerError) -> String {
        do {
            if let file = reference.file { return try fetch(file) }
            return try fetchCheckpoint()
        } catch let error as TillerError {
            throw error
        } catch let problem as DownloadProblem {
            throw .download(problem, model: reference.text)
        } catch {
            throw .download(.toolFailed(tool: "pull", detail: "\(error)"), model: reference.text)
        }
    }

    // MARK: - A file

    /// One file, or all parts of the model that it is a part of; gives the path of the first.
    private func fetch(_ file: String) throws -> String {
        let files = SplitName(file)?.all ?? [file]
        for (index, file) in files.enumerated() { try fetch(file, index + 1, of: files.count) }
        return store.path(of: reference.with(file: files[0]))
    }

    private func fetch(_ file: String, _ number: Int, of count: Int) throws {
        let target = store.path(of: reference.with(file: file))
        if store.has(reference.with(file: file)) { return }
        let folder = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
        try FileSystem.makeFolder(folder)
        let place = count > 1 ? " (\(number) of \(count))" : ""
        progress.begin("fetching \(file)\(place)", unit: .bytes)
        defer { FileSystem.removeEmptyFolders(from: folder, upTo: store.folder) }
        do {
            try FileDownload(
                client: hub.client, address: try hub.address(of: file, in: reference), target: target
            ) {
                progress.update($0, of: $1)
            }.run()
        } catch DownloadProblem.serverRefused(_, 404, _) {
            throw DownloadProblem.noSuchFile(
                file: file, repository: reference.repository,
                known: try hub.files(of: reference).map(Self.models))
        }
    }

    /// What somebody who asks for a file may have meant; everything where there is no model.
    private static func models(among files: [String]) -> [String] {
        let models = files.filter { $0.hasSuffix(".gguf") || $0.hasSuffix(".safetensors") }
        return models.isEmpty ? files : models
    }

    // MARK: - A checkpoint

    /// The folder of the checkpoint: configuration, tokenizer and weights.
    private func fetchCheckpoint() throws -> String {
        let folder = store.path(of: reference)
        if store.isComplete(reference) { return folder }
        progress.begin("asking for the files of \(reference.repository)")
        guard let files = try hub.files(of: reference) else {
            throw DownloadProblem.noSuchFile(file: "", repository: reference.repository, known: nil)
        }
        guard files.contains("config.json") else { throw nothingToOpen(files, "has no config.json") }
        let wanted = CheckpointFiles.companions(among: files) + (try weights(among: files))
        for (index, file) in wanted.enumerated() { try fetch(file, index + 1, of: wanted.count) }
        try store.markComplete(reference, files: wanted)
        return folder
    }

    /// The files with the weights: those that the index names, which is fetched for it, or the single one.
    private func weights(among files: [String]) throws -> [String] {
        guard files.contains(CheckpointFiles.index) else {
            if files.contains(CheckpointFiles.single) { return [CheckpointFiles.single] }
            throw nothingToOpen(
                files, "has neither \(CheckpointFiles.single) nor \(CheckpointFiles.index)")
        }
        try fetch(CheckpointFiles.index, 1, of: 1)
        let path = store.path(of: reference.with(file: CheckpointFiles.index))
        guard let bytes = FileManager.default.contents(atPath: path),
            let named = CheckpointFiles.weights(inIndex: bytes)
        else {
            FileSystem.remove(path)
            throw DownloadProblem.badAnswer(
                address: try hub.address(of: CheckpointFiles.index, in: reference).shortText,
                detail: "it does not say which files have the weights")
        }
        return named
    }

    private func nothingToOpen(_ files: [String], _ reason: String) -> DownloadProblem {
        .nothingToOpen(
            repository: reference.repository, reason: reason,
            candidates: files.filter { file in
                file.hasSuffix(".gguf") && SplitName(file).map { $0.number == 1 } ?? true
            })
    }
}
