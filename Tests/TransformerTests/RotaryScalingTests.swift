import GGUF
import Glibc
import Testing

@testable import Transformer

/// What a GGUF file says of its rotary scaling, as llama.cpp reads it.
@Suite struct RotaryScalingTests {
    /// The scaling of a converted fixture whose keys have been changed.
    private func scaling(
        _ family: String, _ change: (inout GGUFMetadata) -> Void
    ) throws -> RotarySettings.Scaling {
        let configuration = try changedFamily(family, change).configuration
        guard case .rotary(let settings, _) = configuration.positions else {
            Issue.record("\(family) has no rotary positions")
            return .none
        }
        return settings.scaling
    }

    @Test func aFactorWithoutATypeIsLinear() throws {
        let whole = try scaling("llama-linear") { _ in }
        #expect(whole == .linear(factor: 4))
        #expect(try scaling("llama-linear") { $0["llama.rope.scaling.type"] = nil } == whole)
        #expect(
            try scaling("llama-linear") {
                $0["llama.rope.scaling.type"] = nil
                $0["llama.rope.scaling.factor"] = nil
                $0["llama.rope.scale_linear"] = .float32(4)
            } == whole)
        #expect(try scaling("llama-linear") { $0["llama.rope.scaling.type"] = .text("none") } == .none)
        #expect(try scaling("llama-linear") { $0["llama.rope.scaling.factor"] = .float32(0) } == .none)
        #expect(try scaling("llama-linear") { $0["llama.rope.scale_linear"] = .float32(0) } == whole)
        #expect(try scaling("llama") { _ in } == .none)
    }

    @Test func onlyTextsBeyondTheFirstTrainingTakeTheFactorsForLongOnes() {
        func positions(_ scaling: RotarySettings.Scaling) -> ModelConfiguration.Positions {
            let settings = RotarySettings(dimensionCount: 8, base: 10_000, scaling: scaling)
            return .rotary(settings, local: settings)
        }
        let long = positions(.long(originalContextLength: 64, magnitude: 1))
        #expect(!long.takesLongFactors(textLength: 64) && long.takesLongFactors(textLength: 65))
        #expect(!positions(.linear(factor: 4)).takesLongFactors(textLength: 1 << 20))
    }

    /// As transformers and llama.cpp have it.
    @Test(arguments: [(0.5, 1), (1, 1), (4, 1 + 0.1 * log(4))] as [(Double, Double)])
    func yarnMakesScoresGrowOnlyWhereTheContextDoes(factor: Double, expected: Double) {
        let yarn = RotarySettings.YaRN(
            factor: factor, originalContextLength: 64, fastTurns: 32, slowTurns: 1, magnitude: 3)
        let settings = RotarySettings(dimensionCount: 8, base: 10_000, scaling: .yarn(yarn))
        #expect(abs(settings.magnitude - 3 * expected) < 1e-12)
    }

    @Test func yarnWithoutAnOriginalContextTakesTheModels() throws {
        let found = try scaling("qwen2-yarn") { $0["qwen2.rope.scaling.original_context_length"] = nil }
        guard case .yarn(let yarn) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(yarn.originalContextLength == 64)
    }
}
