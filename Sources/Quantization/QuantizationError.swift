public import Terms

/// Why a row cannot be decoded or encoded.
public enum QuantizationError: ExplainedError, Equatable {
    /// The element count is not a whole number of blocks.
    case partialBlock(type: TensorType, count: Int)
    /// The bytes are not those of that many elements.
    case wrongByteCount(type: TensorType, count: Int, expected: Int, found: Int)
    /// There is no decoder for the type.
    case cannotDecode(type: TensorType)
    /// There is no encoder for the type.
    case cannotEncode(type: TensorType)
    /// A value that no quantised type can hold.
    case notFinite(type: TensorType, index: Int)

    /// The case's name.
    public var code: String {
        switch self {
        case .partialBlock: "partialBlock"
        case .wrongByteCount: "wrongByteCount"
        case .cannotDecode: "cannotDecode"
        case .cannotEncode: "cannotEncode"
        case .notFinite: "notFinite"
        }
    }

    /// What was expected and what was found.
    public var message: String {
        switch self {
        case .partialBlock(let type, let count):
            "\(count) elements are not a whole number of \(type) blocks of \(type.blockSize)"
        case .wrongByteCount(let type, let count, let expected, let found):
            "\(count) elements of \(type) take \(expected) bytes, found \(found)"
        case .cannotDecode(let type):
            "there is no decoder for \(type)"
        case .cannotEncode(let type):
            "there is no encoder for \(type)"
        case .notFinite(let type, let index):
            "value \(index) is not finite, which \(type) cannot hold"
        }
    }

    /// What to do instead.
    public var remedy: String? {
        switch self {
        case .partialBlock(let type, _):
            type.blockSize == 256 ? "use a type with blocks of 32, such as Q8_0" : "use F16 for this tensor"
        case .wrongByteCount, .cannotDecode:
            nil
        case .cannotEncode:
            "use one of "
                + TensorType.allCases.filter(\.isEncodable).map(\.name).joined(separator: ", ")
        case .notFinite:
            "look for the source of the NaN or infinity, or keep the tensor in F32"
        }
    }
}
