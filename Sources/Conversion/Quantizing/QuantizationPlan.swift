internal import GGUF
public import Quantization

/// A tensor of a model, and what becomes of it.
public struct TensorAssignment: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its elements.
    public let elementCount: Int
    /// How it is stored now.
    public let from: TensorType
    /// How it will be stored.
    public let to: TensorType
    /// The type that the recipe asks for, where its rows are no whole number of that type's blocks.
    public let replaced: TensorType?
    /// Bytes that it will take.
    public let byteCount: Int
}

extension ModelQuantizer {
    /// What becomes of each tensor, in the order of the source.
    static func plan(
        _ source: any ModelSource, target: QuantizationTarget, isPure: Bool
    ) throws -> [TensorAssignment] {
        let roles = source.tensors.map(TensorRole.init)
        let recipe = QuantizationRecipe(
            target: target, isPure: isPure, model: try QuantizationRecipe.ModelShape(source, roles: roles))
        // Positions are counted in the order of the layers, whatever the order of the file.
        let order = source.tensors.indices.sorted { left, right in
            let (a, b) = (source.tensors[left], source.tensors[right])
            return (a.layer ?? -1, a.name) < (b.layer ?? -1, b.name)
        }
        var counts = (values: 0, downs: 0)
        var types = [(type: TensorType, replaced: TensorType?)?](repeating: nil, count: roles.count)
        for index in order {
            let (tensor, role) = (source.tensors[index], roles[index])
            guard role != .kept else { continue }
            let position = role == .attentionValue ? counts.values : counts.downs
            let wanted = recipe.type(
                role: role, layer: tensor.layer, position: position, columns: tensor.shape[0])
            let possible = QuantizationRecipe.fallback(from: wanted, columns: tensor.shape[0])
            types[index] = (possible, wanted == possible ? nil : wanted)
            if role == .attentionValue { counts.values += 1 }
            if role == .feedForwardDown { counts.downs += 1 }
        }
        return try zip(source.tensors, types).map { tensor, planned in
            let type = planned?.type ?? tensor.type
            guard let bytes = type.byteCount(elements: tensor.elementCount) else {
                throw QuantizationError.partialBlock(type: type, count: tensor.elementCount)
            }
            return TensorAssignment(
                name: tensor.name, elementCount: tensor.elementCount, from: tensor.type, to: type,
                replaced: planned?.replaced, byteCount: bytes)
        }
    }
}

extension QuantizationRecipe.ModelShape {
    init(_ source: any ModelSource, roles: [TensorRole]) throws {
        let metadata = source.metadata
        let architecture = try metadata.string("general.architecture")
        func number(_ key: String) throws -> Int? {
            // A list, one number a layer, is for models that are as sensitive everywhere:
            // the first one speaks for them.
            if case .array(let values)? = metadata["\(architecture).\(key)"] {
                return values.integers()?.first
            }
            return try metadata.integerIfPresent("\(architecture).\(key)")
        }
        self.architecture = architecture
        layerCount = try number("block_count") ?? 0
        expertCount = try number("expert_count") ?? 0
        let heads = try number("attention.head_count") ?? 0
        headCount = heads
        keyValueHeadCount = try number("attention.head_count_kv") ?? heads
        isTied = !roles.contains(.output)
        attentionValueCount = roles.count { $0 == .attentionValue }
    }
}

extension GGUFTensorInfo {
    /// The block that the name says it belongs to: 7 of `blk.7.ffn_down.weight`.
    var layer: Int? {
        guard name.hasPrefix("blk.") else { return nil }
        return Int(name.dropFirst(4).prefix { $0 != "." })
    }
}
