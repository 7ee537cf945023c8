import Terms

/// A model in several files: `name-00001-of-00003.gguf` and its siblings, as llama.cpp's gguf-split writes
/// them. Each part lists its own tensors; the metadata of the model stands in the first.
struct SplitModel {
    private let count: Int
    private let number: Int
    private let tensorCount: Int?

    /// What the metadata say; nil for a model in one file.
    init?(_ metadata: GGUFMetadata) throws(GGUFError) {
        guard let count = try metadata.integerIfPresent(GGUFKey.splitCount), count != 1, count != 0 else {
            return nil
        }
        guard (2...GGUFLimits.splitCount).contains(count) else {
            throw GGUFError(
                .badSplit, path: metadata.path, field: GGUFKey.splitCount, found: "\(count)",
                allowed: "2...\(GGUFLimits.splitCount)")
        }
        self.count = count
        number = try metadata.integer(GGUFKey.splitNumber)
        tensorCount = try metadata.integerIfPresent(GGUFKey.splitTensorCount)
    }

    /// Opens the parts after the first, which is `first`.
    func openOthers(_ first: FileContents) throws(GGUFError) -> [(GGUFHeader, FileContents)] {
        guard number == 0 else {
            throw GGUFError(
                .badSplit, path: first.path, field: GGUFKey.splitNumber,
                found: "part \(number + 1) of \(count)", allowed: "part 1, which finds the others")
        }
        let ending = Self.ending(1, of: count)
        guard first.path.hasSuffix(ending) else {
            throw GGUFError(
                .missingSplit, path: first.path, field: "file name", found: "part 1 of \(count)",
                allowed: "a name that ends in \(ending), so that the other parts can be found")
        }
        let stem = String(first.path.dropLast(ending.count))
        var others: [(GGUFHeader, FileContents)] = []
        for part in 2...count {
            let path = stem + Self.ending(part, of: count)
            let contents = try open(path, part, beside: first.path)
            let header = try GGUFHeader(contents)
            guard let other = try SplitModel(header.metadata), other.count == count, other.number == part - 1
            else {
                throw GGUFError(
                    .badSplit, path: path, field: GGUFKey.splitNumber,
                    found: "another part, or another model",
                    allowed: "part \(part) of \(count)")
            }
            others.append((header, contents))
        }
        return others
    }

    private func open(_ path: String, _ part: Int, beside first: String) throws(GGUFError) -> FileContents {
        do throws(FileError) {
            return try FileContents(path: path)
        } catch {
            guard error.kind == .fileNotFound else { throw GGUFError(error) }
            throw GGUFError(
                .missingSplit, path: first, field: "part \(part) of \(count)", found: "no file \(path)",
                allowed: "all \(count) parts in one folder")
        }
    }

    private static func ending(_ part: Int, of count: Int) -> String {
        func five(_ number: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        }
        return "-\(five(part))-of-\(five(count)).gguf"
    }

    /// The tensors of all parts in one list, each name once.
    static func join(
        _ parts: [(header: GGUFHeader, contents: FileContents)]
    ) throws(GGUFError) -> (tensors: [GGUFTensorInfo], positions: [String: Int]) {
        var tensors: [GGUFTensorInfo] = []
        var positions: [String: Int] = [:]
        for (number, part) in parts.enumerated() {
            for var tensor in part.header.tensors {
                tensor.part = number
                guard positions.updateValue(tensors.count, forKey: tensor.name) == nil else {
                    throw GGUFError(
                        .duplicateTensor, path: part.contents.path, field: "tensor name",
                        found: "\(tensor.name) again", allowed: "each name in one part")
                }
                tensors.append(tensor)
            }
        }
        let first = parts[0]
        if let stated = try first.header.metadata.integerIfPresent(GGUFKey.splitTensorCount),
            stated != tensors.count
        {
            throw GGUFError(
                .badSplit, path: first.contents.path, field: GGUFKey.splitTensorCount,
                found: "\(tensors.count) tensors in all parts", allowed: "\(stated)")
        }
        return (tensors, positions)
    }

    /// The metadata of the joined model.
    static func withoutSplitKeys(_ metadata: GGUFMetadata) -> GGUFMetadata {
        var joined = metadata
        for key in [GGUFKey.splitNumber, GGUFKey.splitCount, GGUFKey.splitTensorCount] { joined[key] = nil }
        return joined
    }
}
