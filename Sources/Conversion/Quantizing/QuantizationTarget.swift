public import Quantization

// The names are ggml's own, in which the underscore parts the bits from the variant.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// What a model can be quantised to: llama.cpp's file types, under its names and the
/// numbers of `general.file_type`.
///
/// A name that ends in `_S` or `_M` is a mixture: most tensors get the type of the name,
/// the sensitive ones more bits.
public enum QuantizationTarget: Int, Sendable, CaseIterable, CustomStringConvertible {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q8_0 = 7
    case q5_0 = 8
    case q5_1 = 9
    case q2_K = 10
    case q3_K_M = 12
    case q4_K_S = 14
    case q4_K_M = 15
    case q5_K_S = 16
    case q5_K_M = 17
    case q6_K = 18
    case bf16 = 32

    /// The target of a name in any case; `Q4_K`, `Q5_K` and `Q3_K` are short for their `_M`.
    public init?(named name: String) {
        let name = name.uppercased()
        let full = ["Q3_K", "Q4_K", "Q5_K"].contains(name) ? name + "_M" : name
        guard let target = Self.allCases.first(where: { $0.description == full }) else { return nil }
        self = target
    }

    /// llama.cpp's name, as in `Q4_K_M`.
    public var description: String {
        switch self {
        case .q3_K_M: "Q3_K_M"
        case .q4_K_S: "Q4_K_S"
        case .q4_K_M: "Q4_K_M"
        case .q5_K_S: "Q5_K_S"
        case .q5_K_M: "Q5_K_M"
        default: type.name
        }
    }

    /// The type of most tensors.
    public var type: TensorType {
        switch self {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        case .q4_0: .q4_0
        case .q4_1: .q4_1
        case .q5_0: .q5_0
        case .q5_1: .q5_1
        case .q8_0: .q8_0
        case .q2_K: .q2_K
        case .q3_K_M: .q3_K
        case .q4_K_S, .q4_K_M: .q4_K
        case .q5_K_S, .q5_K_M: .q5_K
        case .q6_K: .q6_K
        }
    }
}
