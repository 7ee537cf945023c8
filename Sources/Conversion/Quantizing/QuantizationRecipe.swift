internal import GGUF
internal import Quantization

/// Which tensor of a model gets which type: llama.cpp's recipe without an importance matrix (llama-quant.cpp,
/// `llama_tensor_get_type_impl`), so that a file of ours has the types that one of its own has.
///
/// Layers count by how many tensors of the same role come before, in the order of the layers. Where
/// llama.cpp's own versions differ (fused Q/K/V), the newer one is followed.
struct QuantizationRecipe {
    let target: QuantizationTarget
    /// One type for all matrices, embeddings and output too.
    let isPure: Bool
    /// What the recipe asks of the model.
    let model: ModelShape

    /// The facts of a model that decide about bits.
    struct ModelShape: Equatable {
        var architecture: String
        var layerCount: Int
        var expertCount: Int
        var headCount: Int
        var keyValueHeadCount: Int
        /// Whether the embeddings are the output matrix too.
        var isTied: Bool
        /// How many tensors have the role `attentionValue`.
        var attentionValueCount: Int

        /// How many query heads share a key and value head.
        var headsPerKeyValueHead: Int { keyValueHeadCount > 0 ? headCount / keyValueHeadCount : 0 }
        /// The one family whose tensors llama.cpp's recipe treats apart.
        var isFalcon: Bool { architecture == "falcon" }
        /// llama.cpp's "70B": 80 layers, heads that share keys and values.
        var is70B: Bool {
            layerCount == 80 && headCount != keyValueHeadCount && ["llama", "qwen2"].contains(architecture)
        }
    }

    /// The type of a tensor, before its row length is looked at.
    ///
    /// - Parameter position: How many tensors of the same role come before this one.
    func type(role: TensorRole, layer: Int?, position: Int, columns: Int) -> TensorType {
        let standard = target.type
        guard standard.isQuantized, !isPure else { return standard }
        switch role {
        case .kept, .other:
            return standard
        case .output:
            return outputType(columns: columns)
        case .embedding:
            return model.isTied ? outputType(columns: columns) : standard
        case .attentionValue:
            return valueType(position)
        case .attentionKey:
            return model.expertCount == 8 ? .q8_0 : standard
        case .attentionOutput:
            return attentionOutputType
        case .feedForwardDown:
            // With experts several tensors belong to one layer, and the name alone says to which.
            return downType(model.expertCount > 1 ? layer ?? position : position)
        }
    }

    /// A type that a row of so many elements can have, closest in bits.
    static func fallback(from type: TensorType, columns: Int) -> TensorType {
        guard !columns.isMultiple(of: type.blockSize) else { return type }
        let smaller: TensorType =
            switch type {
            case .q2_K, .q3_K: .q4_0
            case .q4_K: .q5_0
            case .q5_K: .q5_1
            case .q6_K: .q8_0
            default: .f16
            }
        return columns.isMultiple(of: smaller.blockSize) ? smaller : .f16
    }

    private func outputType(columns: Int) -> TensorType {
        if model.isFalcon || !columns.isMultiple(of: target.type.blockSize) { return .q8_0 }
        return target == .q8_0 ? .q8_0 : .q6_K
    }

    private func valueType(_ position: Int) -> TensorType {
        var type = target.type
        switch target {
        case .q2_K: type = model.headsPerKeyValueHead >= 4 ? .q4_K : .q3_K
        case .q3_K_M: type = position < 2 ? .q5_K : .q4_K
        case .q4_K_M, .q5_K_M:
            if Self.usesMoreBits(position, of: model.attentionValueCount) { type = .q6_K }
        case .q4_K_S: if position < 4 { type = .q5_K }
        default: break
        }
        if model.is70B, type == .q3_K || type == .q4_K { type = .q5_K }
        return model.expertCount == 8 ? .q8_0 : type
    }

    private func downType(_ layer: Int) -> TensorType {
        let (count, isFalcon) = (model.layerCount, model.isFalcon)
        let usesMore = Self.usesMoreBits(layer, of: count)
        switch target {
        case .q2_K: return .q3_K
        case .q3_K_M:
            if layer < count / 16 { return .q5_K }
            return !isFalcon || usesMore ? .q4_K : .q3_K
        case .q4_K_S: return !isFalcon && layer < count / 8 ? .q5_K : .q4_K
        case .q4_K_M:
            if isFalcon { return layer < count / 16 ? .q6_K : usesMore ? .q5_K : .q4_K }
            return usesMore ? .q6_K : .q4_K
        case .q5_K_M: return usesMore ? .q6_K : .q5_K
        default: return target.type
        }
    }

    private var attentionOutputType: TensorType {
        if model.isFalcon { return target.type }
        if model.expertCount == 8 {
            return [.q2_K, .q3_K_M, .q4_K_S, .q4_K_M].contains(target) ? .q5_K : target.type
        }
        switch target {
        case .q2_K: return .q3_K
        case .q3_K_M: return .q4_K
        default: return target.type
        }
    }

    /// The first and the last eighth, and every third between.
    static func usesMoreBits(_ layer: Int, of count: Int) -> Bool {
        layer < count / 8 || layer >= 7 * count / 8 || (layer - count / 8) % 3 == 2
    }
}
