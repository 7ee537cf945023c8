import Glibc
import Terms

/// The safetensors files of one checkpoint, opened as one: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` names.
///
/// Where both are there the single file counts, as in transformers. Every tensor that the index names
/// is in its shard, and no tensor is in two of them. The files must not be shortened or rewritten in
/// place while this object lives.
public final class SafetensorsFolder: Sendable {
    /// A tensor and the file that holds it.
    public struct Member: Sendable, Equatable {
        /// What the file says about it.
        public let tensor: SafetensorsTensor
        /// The position of its file in `files`.
        public let file: Int
    }

    /// The folder's path as it was given.
    public let path: String
    /// The files: one, or the shards in the order of their names.
    public let files: [SafetensorsFile]
    /// All tensors, file after file, in the order of their data.
    public let members: [Member]

    private let positions: [String: Int]

    /// The name of a checkpoint that is one file.
    public static let singleName = "model.safetensors"
    /// The name of the index of a checkpoint in shards.
    public static let indexName = "model.safetensors.index.json"

    /// Opens the files of a folder.
    public init(path: String) throws(SafetensorsError) {
        self.path = path
        let index = "\(path)/\(Self.indexName)"
        if Self.exists("\(path)/\(Self.singleName)") {
            files = [try SafetensorsFile(path: "\(path)/\(Self.singleName)")]
            (members, positions) = try Self.join(files)
            return
        }
        guard Self.exists(index) else {
            throw SafetensorsError(
                .noTensorFiles, path: path, field: "folder", found: "neither file",
                allowed: "\(Self.singleName) or \(Self.indexName)")
        }
        let map = try Self.weightMap(index)
        let names = Set(map.map(\.file)).sorted()
        var files: [SafetensorsFile] = []
        for name in names {
            guard Self.exists("\(path)/\(name)") else {
                throw SafetensorsError(
                    .missingShard, path: index, field: "weight_map", found: "\(name), which is not there",
                    allowed: "names of files beside it")
            }
            files.append(try SafetensorsFile(path: "\(path)/\(name)"))
        }
        self.files = files
        (members, positions) = try Self.join(files)
        let numbers = Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
        for entry in map {
            guard let position = positions[entry.tensor], members[position].file == numbers[entry.file] else {
                throw SafetensorsError(
                    .tensorNotFound, path: "\(path)/\(entry.file)", field: "tensors",
                    found: "no \(entry.tensor)", allowed: "what \(Self.indexName) says is in it")
            }
        }
    }

    /// The tensor of that name, found in constant time.
    public func member(_ name: String) -> Member? {
        positions[name].map { members[$0] }
    }

    /// The stored bytes of one of this folder's own tensors, which need not be aligned to anything;
    /// valid while this object lives.
    public func bytes(of member: Member) -> UnsafeRawBufferPointer {
        files[member.file].bytes(of: member.tensor)
    }

    /// The bytes of all files together.
    public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func join(
        _ files: [SafetensorsFile]
    ) throws(SafetensorsError) -> ([Member], [String: Int]) {
        var members: [Member] = []
        var positions: [String: Int] = [:]
        for (number, file) in files.enumerated() {
            for tensor in file.tensors {
                if let other = positions[tensor.name] {
                    throw SafetensorsError(
                        .duplicateTensor, path: file.path, field: tensor.name,
                        found: "also in \(files[members[other].file].path)", allowed: "each tensor once")
                }
                positions[tensor.name] = members.count
                members.append(Member(tensor: tensor, file: number))
            }
        }
        return (members, positions)
    }

    /// The tensors and the files that the index gives them.
    private static func weightMap(_ path: String) throws(SafetensorsError) -> [(tensor: String, file: String)]
    {
        let contents: FileContents
        do throws(FileError) {
            contents = try FileContents(path: path)
        } catch {
            throw SafetensorsError(error)
        }
        var scanner = JSONScanner(contents.bytes, path: path, base: 0)
        var map: [(tensor: String, file: String)] = []
        try scanner.object { scanner, key throws(SafetensorsError) in
            guard key == "weight_map" else { return try scanner.skipValue() }
            try scanner.object { scanner, tensor throws(SafetensorsError) in
                let start = scanner.offset
                let file = try scanner.string()
                guard isPlainName(file) else {
                    throw scanner.fault(
                        .badShardPath, at: start, found: file,
                        allowed: "the name of a .safetensors file in the same folder")
                }
                map.append((tensor, file))
            }
        }
        try scanner.end()
        guard !map.isEmpty else {
            throw scanner.fault(.invalidHeader, at: 0, found: "no tensors", allowed: "a weight_map")
        }
        return map
    }

    /// Whether a name stays in the folder.
    private static func isPlainName(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
            && !name.hasPrefix(".")
    }
}
