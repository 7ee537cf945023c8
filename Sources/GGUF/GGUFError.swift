public import Terms

/// Why a GGUF file could not be read or written: the file, the field, the byte, what was found there and
/// what is allowed.
public struct GGUFError: ExplainedError, Equatable {
    /// What is wrong; the raw value is the stable code.
    public enum Kind: String, Sendable, CaseIterable {
        // The container.
        case truncated
        case notGGUF
        case bigEndian
        case unsupportedVersion
        case countTooLarge
        case badStringLength
        case badText
        case unknownValueType
        case nestedArray
        case arrayTooLarge
        case duplicateKey
        case badAlignment
        // The tensors.
        case duplicateTensor
        case badDimensionCount
        case badDimension
        case shapeOverflow
        case unknownTensorType
        case removedTensorType
        case badRowLength
        case sizeOverflow
        case badOffset
        case dataOutOfBounds
        // The parts of a split model.
        case badSplit
        case missingSplit
        // What a file holds, asked by key or name.
        case missingKey
        case wrongType
        case outOfRange
        case missingTensor
        // Writing.
        case wrongByteCount
        // The file itself: `cause` says more.
        case file
    }

    /// What is wrong.
    public var kind: Kind
    /// The file, as the caller named it.
    public var path: String
    /// The field: a key, a tensor, a count.
    public var field: String
    /// Which of several like it, counted from 0.
    public var index: Int?
    /// Where in the file the value stands, in bytes from its start.
    public var offset: Int?
    /// What was found.
    public var found: String
    /// What is allowed there.
    public var allowed: String
    /// The failure of the file itself.
    public var cause: FileError?

    /// Describes a fault.
    public init(
        _ kind: Kind, path: String, field: String, index: Int? = nil, offset: Int? = nil, found: String,
        allowed: String
    ) {
        self.kind = kind
        self.path = path
        self.field = field
        self.index = index
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

    /// A file without a byte: no field of it is at fault.
    static func empty(_ path: String) -> GGUFError {
        GGUFError(.truncated, path: path, field: "the file is empty", found: "", allowed: "")
    }

    /// The kind's name, or the code of the file's own failure.
    public var code: String { cause?.code ?? kind.rawValue }

    /// For example `m.gguf: key length of entry 3, byte 96: found 99999, allowed 1...65536`.
    public var message: String {
        if let cause { return cause.message }
        var text = "\(path): \(field)"
        if let index { text += " of entry \(index)" }
        if let offset { text += ", byte \(offset)" }
        if kind == .truncated, found.isEmpty { return text }
        text += ": found \(found)"
        if !allowed.isEmpty { text += ", allowed \(allowed)" }
        return text
    }
}
