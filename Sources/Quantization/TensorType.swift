/// How the numbers of a tensor are stored, numbered as in ggml and GGUF files.
///
/// A row is a whole number of blocks: `blockSize` elements in `bytesPerBlock` bytes. The float types are blocks
/// of one.
public enum TensorType: UInt32, Sendable, CaseIterable {
    // The names are those of the format; swift-format would have them without underscores.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case f32 = 0
    case f16 = 1
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q4_0 = 2
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q4_1 = 3
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q5_0 = 6
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q5_1 = 7
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q8_0 = 8
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q2_K = 10
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q3_K = 11
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q4_K = 12
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q5_K = 13
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case q6_K = 14
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case iq4_NL = 20
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case iq4_XS = 23
    case bf16 = 30
}

extension TensorType: CustomStringConvertible {
    /// The name that llama.cpp and the `gguf` package print, for example `Q4_1`.
    public var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q2_K: "Q2_K"
        case .q3_K: "Q3_K"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        case .iq4_NL: "IQ4_NL"
        case .iq4_XS: "IQ4_XS"
        }
    }

    /// The name.
    public var description: String { name }
}

extension TensorType {
    /// Elements in a block: 1 for the float types, 32, or 256 for the superblocks of the K types and IQ4_XS.
    public var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_NL: 32
        case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_XS: 256
        }
    }

    /// Bytes that a block takes in the file.
    public var bytesPerBlock: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0, .iq4_NL: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q2_K: 84
        case .q3_K: 110
        case .iq4_XS: 136
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        }
    }

    /// Whether elements share scales, that is: whether this is not a plain float type.
    public var isQuantized: Bool { blockSize > 1 }

    /// Bytes of that many elements; nil where the count is negative, leaves a part of a block, or overflows.
    public func byteCount(elements: Int) -> Int? {
        guard elements >= 0, elements.isMultiple(of: blockSize) else { return nil }
        let (bytes, overflows) = (elements / blockSize).multipliedReportingOverflow(by: bytesPerBlock)
        return overflows ? nil : bytes
    }
}
