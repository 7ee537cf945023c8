public import Terms

/// Why a safetensors file could not be read or written: the file, the field, the byte, what was found
/// there and what is allowed.
public struct SafetensorsError: ExplainedError, Equatable {
    /// What is wrong; the raw value is the stable code. The names follow the safetensors library.
    public enum Kind: String, Sendable, CaseIterable {
        // The header's length and place.
        case headerTooSmall
        case headerTooLarge
        case invalidHeaderLength
        case invalidHeaderStart
        // The header's text.
        case invalidHeader
        case invalidHeaderDeserialization
        case duplicateKey
        case tooDeep
        case invalidMetadata
        // The tensors.
        case unknownType
        case tensorInvalidInfo
        case validationOverflow
        case misalignedSlice
        case invalidOffset
        case metadataIncompleteBuffer
        // What a file holds, asked by name.
        case tensorNotFound
        case unsupportedType
        // The shards of a folder.
        case noTensorFiles
        case badShardPath
        case missingShard
        case duplicateTensor
        // Writing.
        case wrongByteCount
        // The file itself: `cause` says more.
        case file
    }

    /// What is wrong.
    public var kind: Kind
    /// The file, as the caller named it.
    public var path: String
    /// The field: a tensor, an offset, the header.
    public var field: String
    /// Where in the file it stands, in bytes from its start.
    public var offset: Int?
    /// What was found.
    public var found: String
    /// What is allowed there.
    public var allowed: String
    /// The failure of the file itself.
    public var cause: FileError?

    /// Describes a fault.
    public init(_ kind: Kind, path: String, field: String, offset: Int? = nil, found: String, allowed: String)
    {
        self.kind = kind
        self.path = path
        self.field = field
        self.offset = offset
        self.found = found
        self.allowed = allowed
    }

    /// Wraps a failure to open, map or write the file.
    public init(_ cause: FileError) {
        self.init(.file, path: cause.path, field: "file", found: cause.detail, allowed: "")
        self.cause = cause
    }

    /// The file's own failure knows; all others are of what files hold.
    public var category: ErrorCategory { cause?.category ?? .failure }

    /// The kind's name, or the code of the file's own failure.
    public var code: String { cause?.code ?? kind.rawValue }

    /// For example `m.safetensors: header length, byte 0: found 900, allowed at most 120`.
    public var message: String {
        if let cause { return cause.message }
        let place = offset.map { ", byte \($0)" } ?? ""
        return "\(path): \(field)\(place): found \(found), allowed \(allowed)"
    }

    /// What repairs it.
    public var remedy: String? {
        if let cause { return cause.remedy }
        return switch kind {
        case .headerTooSmall, .headerTooLarge, .invalidHeaderLength, .invalidHeaderStart:
            "this is no safetensors file, or a part of one: download it again, or run `git lfs pull`"
        case .metadataIncompleteBuffer:
            "the file was cut short, or added to: download it again"
        case .tensorNotFound, .unsupportedType, .wrongByteCount:
            nil
        case .noTensorFiles:
            "give the folder of a checkpoint with model.safetensors in it, or with an index and its shards"
        case .missingShard:
            "download the checkpoint again: all shards that its index names belong into one folder"
        case .badShardPath, .duplicateTensor:
            "the index does not fit the shards: download both again, from one place"
        default:
            "the file is damaged or was written by a faulty tool: download or convert it again"
        }
    }
}
