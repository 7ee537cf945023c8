/// Where the files of hubs lie in the store.
extension ModelStore {
    /// The folder of all of them.
    private var hubFolder: String { folder + "/hf" }

    /// Where a file, or the folder of a checkpoint, lies or would lie.
    func path(of reference: HubReference) -> String {
        "\(hubFolder)/\(reference.repository)" + (reference.file.map { "/\($0)" } ?? "")
    }

    /// Whether a file is there, begins as its name says and holds all of its tensors: a server's excuse that
    /// was kept as a model is none, and the beginning of one neither.
    func has(_ reference: HubReference) -> Bool {
        let path = path(of: reference)
        guard let file = reference.file, FileSystem.size(of: path) != nil,
            let head = try? FileSystem.head(of: path, count: 32)
        else { return false }
        return FileKind.agrees(name: file, head: head) && FileKind.cut(path, name: file) == nil
    }

    /// The list of files that stands in the folder of a checkpoint once all of them are there.
    private func listPath(of reference: HubReference) -> String {
        path(of: reference.with(file: nil)) + "/.complete"
    }

    /// Says that a checkpoint is whole.
    func markComplete(_ reference: HubReference, files: [String]) throws {
        let list = listPath(of: reference)
        try FileSystem.replace(list + ".partial", with: files.joined(separator: "\n") + "\n")
        try FileSystem.publish(list + ".partial", as: list)
    }

    /// Whether every file of a checkpoint is there.
    func isComplete(_ reference: HubReference) -> Bool {
        guard let list = try? FileSystem.head(of: listPath(of: reference), count: 1 << 20) else {
            return false
        }
        let files = String(decoding: list, as: UTF8.self).split(separator: "\n")
        return !files.isEmpty && files.allSatisfy { has(reference.with(file: String($0))) }
    }

    /// What has been fetched from hubs: GGUF files, those in several parts by the first,
    /// and whole checkpoints.
    func hubModels() -> [(reference: HubReference, byteCount: Int)] {
        var models: [(reference: HubReference, byteCount: Int)] = []
        for owner in FileSystem.names(in: hubFolder) {
            for name in FileSystem.names(in: "\(hubFolder)/\(owner)") {
                guard let repository = try? HubReference("\(owner)/\(name)") else { continue }
                let folder = path(of: repository)
                if isComplete(repository) { models.append((repository, FileSystem.totalSize(of: folder))) }
                for file in FileSystem.files(in: folder) where file.hasSuffix(".gguf") {
                    let split = SplitName(file)
                    guard split?.number ?? 1 == 1, HubReference.isHarmless(path: file) else { continue }
                    let parts = split?.all ?? [file]
                    guard parts.allSatisfy({ has(repository.with(file: $0)) }) else { continue }
                    let sizes = parts.map { FileSystem.size(of: "\(folder)/\($0)") ?? 0 }
                    models.append((repository.with(file: file), sizes.reduce(0, +)))
                }
            }
        }
        return models
    }
}
