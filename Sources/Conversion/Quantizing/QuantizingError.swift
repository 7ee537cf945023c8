public import Quantization
public import Terms

/// Why a model cannot be quantised.
public enum QuantizingError: ExplainedError, Equatable {
    /// The file holds no matrices of a model.
    case notAModel(path: String)
    /// A tensor is quantised already, and nobody has said that it may be quantised again.
    case alreadyQuantized(path: String, tensor: String, type: TensorType)
    /// There is no decoder for the type of a tensor.
    case cannotDecode(path: String, tensor: String, type: TensorType)
    /// A value that is not finite, or beyond what the type holds.
    case cannotStore(path: String, tensor: String, element: Int, value: Float, type: TensorType)
    /// The encoder refused a row.
    case encoding(path: String, tensor: String, QuantizationError)

    /// The case's name.
    public var code: String {
        switch self {
        case .notAModel: "notAModel"
        case .alreadyQuantized: "alreadyQuantized"
        case .cannotDecode: "cannotDecode"
        case .cannotStore: "cannotStore"
        case .encoding: "encoding"
        }
    }

    /// What was expected and what was found.
    public var message: String {
        switch self {
        case .notAModel(let path):
            "\(path) has no weights of a model that could be quantised"
        case .alreadyQuantized(let path, let tensor, let type):
            "\(path) is quantised already: \(tensor) is \(type)"
        case .cannotDecode(let path, let tensor, let type):
            "\(path): \(tensor) is \(type), which cannot be decoded"
        case .cannotStore(let path, let tensor, let element, let value, let type):
            "\(path): element \(element) of \(tensor) is \(value), which \(type) cannot hold"
        case .encoding(let path, let tensor, let error):
            "\(path): \(tensor): \(error.message)"
        }
    }

    /// What to do instead.
    public var remedy: String? {
        switch self {
        case .notAModel:
            "give a model, not a control vector, an adapter or a vocabulary"
        case .alreadyQuantized:
            "start from the F16, BF16 or F32 model, or pass --allow-requantize and accept both errors"
        case .cannotDecode:
            "start from the F16, BF16 or F32 model"
        case .cannotStore(_, _, _, let value, _):
            if !value.isFinite {
                "the model is damaged: fetch it again"
            } else if value.magnitude > TensorType.bf16.largestValue {
                "F32 holds it"
            } else {
                value.magnitude > TensorType.q8_0.largestValue
                    ? "BF16 and F32 hold it" : "Q8_0, BF16 and F32 hold it"
            }
        case .encoding(_, _, let error):
            error.remedy
        }
    }
}
