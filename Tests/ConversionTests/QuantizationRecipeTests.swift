import Quantization
import Testing

@testable import Conversion

private func shape(
    architecture: String = "llama", layers: Int = 32, experts: Int = 0, heads: Int = 32,
    keyValueHeads: Int = 8,
    isTied: Bool = false
) -> QuantizationRecipe.ModelShape {
    QuantizationRecipe.ModelShape(
        architecture: architecture, layerCount: layers, expertCount: experts, headCount: heads,
        keyValueHeadCount: keyValueHeads, isTied: isTied, attentionValueCount: layers)
}

@Suite struct QuantizationRecipeTests {
    private func types(
        _ target: QuantizationTarget, _ role: TensorRole, of model: QuantizationRecipe.ModelShape = shape(),
        columns: Int = 4096
    ) -> [TensorType] {
        let recipe = QuantizationRecipe(target: target, isPure: false, model: model)
        return (0..<model.layerCount).map {
            recipe.type(role: role, layer: $0, position: $0, columns: columns)
        }
    }

    private func layers(_ types: [TensorType], _ type: TensorType) -> [Int] {
        types.indices.filter { types[$0] == type }
    }

    /// The layers that llama.cpp gives more bits, computed from its rule by hand.
    @Test(arguments: [
        (16, [0, 1, 4, 7, 10, 13, 14, 15]), (22, [0, 1, 4, 7, 10, 13, 16, 19, 20, 21]),
        (24, [0, 1, 2, 5, 8, 11, 14, 17, 20, 21, 22, 23]),
        (32, [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]),
    ])
    func theMixturesGiveMoreBitsToTheSensitiveLayers(count: Int, expected: [Int]) {
        let model = shape(layers: count)
        for (target, rest) in [(QuantizationTarget.q4_K_M, TensorType.q4_K), (.q5_K_M, .q5_K)] {
            for role in [TensorRole.attentionValue, .feedForwardDown] {
                let types = types(target, role, of: model)
                #expect(layers(types, .q6_K) == expected)
                #expect(layers(types, rest).count == count - expected.count)
            }
        }
    }

    @Test func theSmallMixturesGiveTheFirstLayersMore() {
        #expect(layers(types(.q4_K_S, .attentionValue), .q5_K) == [0, 1, 2, 3])
        #expect(layers(types(.q4_K_S, .feedForwardDown), .q5_K) == [0, 1, 2, 3])
        #expect(Set(types(.q5_K_S, .attentionValue)) == [.q5_K])
        #expect(layers(types(.q3_K_M, .attentionValue), .q5_K) == [0, 1])
        #expect(layers(types(.q3_K_M, .feedForwardDown), .q5_K) == [0, 1])
        #expect(layers(types(.q3_K_M, .feedForwardDown), .q4_K).count == 30)
        #expect(Set(types(.q3_K_M, .attentionOutput)) == [.q4_K])
        #expect(Set(types(.q2_K, .feedForwardDown)) == [.q3_K])
        #expect(Set(types(.q2_K, .attentionValue)) == [.q4_K])
        #expect(Set(types(.q2_K, .attentionValue, of: shape(keyValueHeads: 32))) == [.q3_K])
    }

    @Test func outputAndTiedEmbeddingsGetSixBits() {
        for target in QuantizationTarget.allCases where target.type.isQuantized {
            let expected: TensorType = target == .q8_0 ? .q8_0 : .q6_K
            #expect(types(target, .output)[0] == expected)
            #expect(types(target, .embedding)[0] == target.type)
            #expect(types(target, .embedding, of: shape(isTied: true))[0] == expected)
            // Where the rows are awkward, eight bits.
            let blocks = target.type.blockSize
            #expect(types(target, .output, columns: 576)[0] == (blocks == 256 ? .q8_0 : expected))
        }
    }

    @Test func expertsAndLargeModelsHaveTheirOwnRules() {
        let mixtral = shape(experts: 8)
        #expect(Set(types(.q4_K_M, .attentionValue, of: mixtral)) == [.q8_0])
        #expect(Set(types(.q4_K_M, .attentionKey, of: mixtral)) == [.q8_0])
        #expect(Set(types(.q4_K_M, .attentionOutput, of: mixtral)) == [.q5_K])
        let llama70B = shape(layers: 80, heads: 64)
        #expect(Set(types(.q4_K_M, .attentionValue, of: llama70B)) == [.q5_K, .q6_K])
    }

    @Test func pureAndFloatTargetsKnowNoExceptions() {
        for target in QuantizationTarget.allCases {
            let recipe = QuantizationRecipe(target: target, isPure: true, model: shape(isTied: true))
            for role in [TensorRole.output, .embedding, .attentionValue, .feedForwardDown, .other] {
                #expect(recipe.type(role: role, layer: 0, position: 0, columns: 4096) == target.type)
            }
        }
        for target in [QuantizationTarget.f16, .bf16, .f32] {
            #expect(types(target, .output)[0] == target.type)
        }
    }

    @Test(arguments: [
        (TensorType.q2_K, 576, TensorType.q4_0), (.q3_K, 576, .q4_0), (.q4_K, 576, .q5_0),
        (.q5_K, 576, .q5_1),
        (.q6_K, 576, .q8_0), (.q4_K, 1536, .q4_K), (.q6_K, 100, .f16), (.q4_0, 40, .f16), (.q8_0, 64, .q8_0),
        (.f16, 1, .f16),
    ])
    func rowsThatAreNoWholeNumberOfBlocksGetTheNearestType(
        type: TensorType, columns: Int, expected: TensorType
    ) {
        #expect(QuantizationRecipe.fallback(from: type, columns: columns) == expected)
    }

    @Test func namesAreThoseOfLlamaCpp() {
        #expect(QuantizationTarget(named: "q4_k_m") == .q4_K_M)
        #expect(QuantizationTarget(named: "Q4_K") == .q4_K_M)
        #expect(QuantizationTarget(named: "BF16") == .bf16)
        #expect(QuantizationTarget(named: "Q9_9") == nil)
        let names = QuantizationTarget.allCases.map(\.description)
        #expect(Set(names).count == 15)
        #expect(names.compactMap(QuantizationTarget.init(named:)) == QuantizationTarget.allCases)
        #expect(QuantizationTarget.q4_K_M.rawValue == 15)
    }
}
