public import GGUF
public import Terms

/// Why a vector cannot be read, written, combined or used.
public enum ControlVectorError: ExplainedError, Equatable {
    // Reading and holding.
    /// The file is no readable GGUF file, or could not be written.
    case container(GGUFError)
    /// A GGUF file of something else, most often a model.
    case notAControlVector(path: String, architecture: String)
    /// No direction at all.
    case empty(path: String?)
    /// A tensor that is not named `direction.N`.
    case unexpectedTensor(path: String, name: String)
    /// `direction.N` with an N that is no layer.
    case badDirectionIndex(path: String?, name: String)
    /// A direction in another type than F32.
    case notFloat32(path: String, name: String, type: String)
    /// A direction with several dimensions.
    case notOneDimensional(path: String, name: String, shape: [Int])
    /// A direction without elements.
    case emptyDirection(path: String?, layer: LayerIndex)
    /// A direction of another length than the first.
    case sizeMismatch(path: String?, layer: LayerIndex, found: Int, first: LayerIndex, expected: Int)
    /// A NaN or an infinity, at an element counted from 0.
    case notFinite(path: String?, layer: LayerIndex, index: Int, value: Float)
    /// A file of a later version of Tiller.
    case newerFormat(path: String, found: Int, known: Int)
    /// A `tiller.*` key with a value that it cannot have.
    case badValue(path: String, key: String, found: String, allowed: String)

    // Writing.
    /// A layer that vector files cannot hold.
    case layerNotWritable(path: String, layer: LayerIndex)

    // Arithmetic.
    /// A scalar that is not finite, or a division by 0.
    case badScalar(Float, operation: String)
    /// Two vectors of different models.
    case differentModels(reasons: [String])
    /// Two vectors of different widths.
    case differentHiddenSizes(Int, Int)
    /// Two vectors without a layer that both have.
    case noCommonLayer([LayerIndex], [LayerIndex])

    // Layers.
    /// A text that is no selection of layers.
    case badLayerSelection(String)
    /// A selection that ends before it begins.
    case reversedLayers(selection: String)
    /// A selection with layers that the model does not have.
    case layersOutsideModel(selection: String, layerCount: Int)
    /// Shares of depth between which there is no whole layer.
    case noLayersSelected(selection: String, layerCount: Int)

    // Use.
    /// A vector that does not fit the model.
    case incompatible(Refusal)

    /// Equal when they say the same: two NaNs at one place are the same fault.
    public static func == (left: ControlVectorError, right: ControlVectorError) -> Bool {
        left.code == right.code && left.description == right.description
    }
}

extension ControlVectorError {
    /// A stable name for scripts.
    public var code: String {
        switch self {
        case .container(let error): error.code
        case .notAControlVector: "notAControlVector"
        case .empty: "emptyVector"
        case .unexpectedTensor: "unexpectedTensor"
        case .badDirectionIndex: "badDirectionIndex"
        case .notFloat32: "notFloat32"
        case .notOneDimensional: "notOneDimensional"
        case .emptyDirection: "emptyDirection"
        case .sizeMismatch: "sizeMismatch"
        case .notFinite: "notFinite"
        case .newerFormat: "newerFormat"
        case .badValue: "badValue"
        case .layerNotWritable: "layerNotWritable"
        case .badScalar: "badScalar"
        case .differentModels: "differentModels"
        case .differentHiddenSizes: "differentHiddenSizes"
        case .noCommonLayer: "noCommonLayer"
        case .badLayerSelection: "badLayerSelection"
        case .reversedLayers: "reversedLayers"
        case .layersOutsideModel: "layersOutsideModel"
        case .noLayersSelected: "noLayersSelected"
        case .incompatible: "incompatibleVector"
        }
    }

    /// Layers that cannot be meant are bad usage; vectors that do not go together, or not
    /// with the model, do not fit.
    public var category: ErrorCategory {
        switch self {
        case .badLayerSelection, .reversedLayers, .layersOutsideModel, .noLayersSelected: .usage
        case .container(let error): error.category
        case .incompatible, .differentModels, .differentHiddenSizes, .noCommonLayer: .misfit
        default: .failure
        }
    }

    /// The message, and the remedy on a line of its own; a refusal keeps its columns.
    public var description: String {
        guard let remedy else { return message }
        if case .incompatible = self { return "\(message)\n  fix     \(remedy)" }
        return "\(message)\n  fix  \(remedy)"
    }
}
