import GGUF
import Terms

extension ControlVectorError {
    /// What was expected, what was found, and where.
    public var message: String {
        switch self {
        case .container(let error): error.message
        case .notAControlVector(let path, let architecture):
            "\(path): general.architecture is \(architecture), a vector has \(ControlVectorFormat.architecture)"
        case .empty(let path):
            "\(Self.place(path))no direction, a vector has at least one"
        case .unexpectedTensor(let path, let name):
            "\(path): tensor \(name), a vector has only \(ControlVectorFormat.tensorPrefix)N"
        case .badDirectionIndex(let path, let name):
            "\(Self.place(path))tensor \(name) names no layer, allowed are "
                + "\(ControlVectorFormat.tensorPrefix)\(ControlVectorFormat.layers.lowerBound) to "
                + "\(ControlVectorFormat.tensorPrefix)\(ControlVectorFormat.layers.upperBound)"
        case .notFloat32(let path, let name, let type):
            "\(path): tensor \(name) is \(type), a direction is F32"
        case .notOneDimensional(let path, let name, let shape):
            "\(path): tensor \(name) has \(shape.count) dimensions \(shape), a direction has 1"
        case .emptyDirection(let path, let layer):
            "\(Self.place(path))the direction of layer \(layer) has no elements"
        case .sizeMismatch(let path, let layer, let found, let first, let expected):
            "\(Self.place(path))the direction of layer \(layer) has \(found) elements, "
                + "that of layer \(first) has \(expected)"
        case .notFinite(let path, let layer, let index, let value):
            "\(Self.place(path))element \(index) of the direction of layer \(layer) is \(value), "
                + "not a finite float32 number"
        case .newerFormat(let path, let found, let known):
            "\(path): \(ControlVectorKey.formatVersion) is \(found), this version reads up to \(known)"
        case .badValue(let path, let key, let found, let allowed):
            "\(path): \(key): found \(found), allowed \(allowed)"
        case .layerNotWritable(let path, let layer):
            "\(path): a vector file cannot hold layer \(layer): llama.cpp refuses a file with "
                + "\(ControlVectorFormat.tensorPrefix)0, and layers end at \(ControlVectorFormat.layers.upperBound)"
        case .badScalar(let scalar, let operation):
            "a vector cannot be \(operation) \(scalar)"
        case .differentModels(let reasons):
            "the vectors are of different models: \(reasons.joined(separator: "; "))"
        case .differentHiddenSizes(let left, let right):
            "the vectors are of different models: hidden sizes differ (\(left) vs \(right))"
        case .noCommonLayer(let left, let right):
            "the vectors have no layer in common (\(left.runs) vs \(right.runs))"
        case .badLayerSelection(let text):
            "'\(text)' is no selection of layers"
        case .reversedLayers(let selection):
            "the layers \(selection) end before they begin"
        case .layersOutsideModel(let selection, let layerCount):
            "the layers \(selection) are outside of the model, which has \(Self.extent(layerCount))"
        case .noLayersSelected(let selection, let layerCount):
            "\(selection) of the depth holds no whole layer of the model, which has \(Self.extent(layerCount))"
        case .incompatible(let refusal): refusal.message
        }
    }

    /// The change or the command that repairs it.
    public var remedy: String? {
        switch self {
        case .container(let error) where [.missingKey, .wrongType, .outOfRange].contains(error.kind):
            "write the file again with the tool that made it"
        case .container(let error): error.remedy
        case .notAControlVector: "give a model with -m, and a vector made by tiller extract here"
        case .empty, .emptyDirection, .notFinite: "extract the vector again"
        case .unexpectedTensor, .badDirectionIndex, .notFloat32, .notOneDimensional, .sizeMismatch, .badValue:
            "write the file again with the tool that made it"
        case .newerFormat: "use a newer version of tiller"
        case .layerNotWritable:
            "tiller shift VECTOR --layers=0 -o OUT leaves out what a file cannot hold; use its result"
        case .badScalar: "give a finite number"
        case .differentModels, .differentHiddenSizes: "use vectors that were extracted from one model"
        case .noCommonLayer: "tiller shift moves a vector to other layers"
        case .badLayerSelection: "write it as 9-24, as 9, or as shares of depth, 30%-80%"
        case .reversedLayers: "write the lower layer first"
        case .layersOutsideModel(_, let layerCount):
            layerCount > 0 ? "choose layers from 0 to \(layerCount - 1)" : nil
        case .noLayersSelected: "widen the range"
        case .incompatible(let refusal): refusal.fix
        }
    }

    private static func place(_ path: String?) -> String {
        path.map { "\($0): " } ?? ""
    }

    private static func extent(_ layerCount: Int) -> String {
        layerCount == 1 ? "1 layer, layer 0" : "\(layerCount) layers, 0 to \(layerCount - 1)"
    }
}
