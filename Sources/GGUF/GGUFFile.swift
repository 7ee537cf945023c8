public import Terms

/// A GGUF file, or all parts of a split one, mapped into memory.
///
/// Opening it reads and checks everything but the tensor data: after that no count, length, shape or
/// offset of the file can be wrong. Arrays and tensors stay where they are and are read when asked for.
/// The file must not be shortened or rewritten in place while this object lives (see `FileContents`).
public final class GGUFFile: Sendable {
    /// The path as it was given.
    public let path: String
    /// The version of the container: 2 or 3.
    public let version: Int
    /// The keys and values; of a split model those of its first part, without the `split.*` keys.
    public let metadata: GGUFMetadata
    /// The tensors in the order of the file, part after part.
    public let tensors: [GGUFTensorInfo]
    /// The multiple of bytes that every tensor of the (first) file starts at.
    public let alignment: Int

    private let positions: [String: Int]
    private let parts: [Part]

    /// One file and where its tensor data begins.
    struct Part: Sendable {
        let contents: FileContents
        let dataStart: Int
    }

    /// Opens a file; of a split model the first part, which finds the others beside it.
    public convenience init(path: String) throws(GGUFError) {
        try self.init(try FileContents(ggufPath: path))
    }

    /// Reads a file that is already mapped, or bytes in memory.
    public convenience init(_ contents: FileContents) throws(GGUFError) {
        let header = try GGUFHeader(contents)
        try self.init(header, contents, siblings: try SplitModel(header.metadata)?.openOthers(contents) ?? [])
    }

    private init(
        _ first: GGUFHeader, _ contents: FileContents, siblings: [(GGUFHeader, FileContents)]
    ) throws(GGUFError) {
        path = contents.path
        version = Int(first.version)
        alignment = first.alignment
        guard !siblings.isEmpty else {
            (metadata, tensors, positions) = (first.metadata, first.tensors, first.positions)
            parts = [Part(contents: contents, dataStart: first.dataStart)]
            return
        }
        metadata = SplitModel.withoutSplitKeys(first.metadata)
        let all = [(first, contents)] + siblings
        (tensors, positions) = try SplitModel.join(all)
        parts = all.map { Part(contents: $0.1, dataStart: $0.0.dataStart) }
    }

    /// The tensor of that name, found in constant time.
    public func tensor(_ name: String) -> GGUFTensorInfo? {
        positions[name].map { tensors[$0] }
    }

    /// The tensor of that name; throws `missingTensor` where there is none.
    public func requiredTensor(_ name: String) throws(GGUFError) -> GGUFTensorInfo {
        guard let tensor = tensor(name) else {
            throw GGUFError(
                .missingTensor, path: path, field: "tensors", found: "\(tensors.count) others",
                allowed: "a tensor named \(name)")
        }
        return tensor
    }

    /// The stored bytes of one of this file's own tensors; valid while this object lives.
    public func bytes(of tensor: GGUFTensorInfo) -> UnsafeRawBufferPointer {
        guard tensor.byteCount > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        precondition(parts.indices.contains(tensor.part), "the tensor is of another file")
        let part = parts[tensor.part]
        let start = part.dataStart + tensor.offset
        precondition(
            start + tensor.byteCount <= part.contents.bytes.count, "the tensor is of another file")
        return UnsafeRawBufferPointer(rebasing: part.contents.bytes[start..<start + tensor.byteCount])
    }

    /// Says that some of a tensor's bytes will not be read soon; they come back from the file if they are.
    public func letGo(_ bytes: UnsafeRawBufferPointer) {
        for part in parts { part.contents.letGo(bytes) }
    }

    /// Says that metadata and tensor infos will not be read soon; they come back from the files if they are.
    public func letGoOfMetadata() {
        for part in parts {
            // Without tensors a file may end before their data would begin.
            let end = min(part.dataStart, part.contents.bytes.count)
            part.contents.letGo(UnsafeRawBufferPointer(rebasing: part.contents.bytes[..<end]))
        }
    }

    /// The paths of all parts.
    public var files: [String] { parts.map(\.contents.path) }

    /// The bytes of all files together.
    public var byteCount: Int { parts.reduce(0) { $0 + $1.contents.bytes.count } }
}

extension FileContents {
    /// Maps a file, with the errors of this module.
    convenience init(ggufPath path: String) throws(GGUFError) {
        do throws(FileError) {
            try self.init(path: path)
        } catch {
            throw GGUFError(error)
        }
    }
}
