import GGUF
import Testing

@testable import Transformer

/// What a GGUF file says of its hyperparameters, as llama.cpp reads it.
@Suite struct ModelConfigurationTests {
    private func configuration(
        _ family: String, _ change: (inout GGUFMetadata) -> Void = { _ in }
    ) throws -> ModelConfiguration {
        try changedFamily(family, change).configuration
    }

    /// What llama.cpp's own writer states in files of every family.
    private func stateDefaults(_ metadata: inout GGUFMetadata, of family: String) {
        for (key, value) in [
            ("attn_logit_softcapping", 50), ("final_logit_softcapping", 30), ("attention.scale", 0),
            ("expert_weights_scale", 0), ("expert_shared_feed_forward_length", 0),
        ] as [(String, Float)] {
            let name = "\(family).\(key)"
            if metadata[name] == nil {
                metadata[name] = key.hasSuffix("length") ? .uint32(0) : .float32(value)
            }
        }
    }

    @Test(arguments: ArchitectureTests.families)
    func aFamilyHasItsOwnKeysAlone(family: String) throws {
        let plain = try configuration(family)
        let stated = try configuration(family) { stateDefaults(&$0, of: plain.architecture) }
        #expect(stated.attentionSoftCap == plain.attentionSoftCap)
        #expect((stated.attentionSoftCap != nil) == (family == "gemma2"))
        #expect(stated.attentionScale == plain.attentionScale && stated.experts == plain.experts)
        if family == "gemma3" {
            #expect(plain.logitSoftCap == nil && stated.logitSoftCap == 30)
        } else {
            #expect(stated == plain)
        }
    }

    @Test func theCapsOfGemma2HaveAStandard() throws {
        #expect(try configuration("gemma2").attentionSoftCap == 2)
        let unsaid = try configuration("gemma2") {
            $0["gemma2.attn_logit_softcapping"] = nil
            $0["gemma2.final_logit_softcapping"] = nil
        }
        #expect(unsaid.attentionSoftCap == 50 && unsaid.logitSoftCap == 30)
        #expect(
            try configuration("gemma2") { $0["gemma2.attn_logit_softcapping"] = .float32(0) }
                .attentionSoftCap == nil)
    }

    @Test func theWindowOfGemma2HasAStandardAndGemma3HasNoneWithoutOne() throws {
        let second = try configuration("gemma2") { $0["gemma2.attention.sliding_window"] = nil }
        #expect(second.slidingWindow == 4096 && second.isLocal == [true, false, true])
        let third = try configuration("gemma3") { $0["gemma3.attention.sliding_window"] = nil }
        #expect(third.slidingWindow == nil && !third.isLocal.contains(true))
        #expect(try configuration("gemma3").slidingWindow == 8)
    }

    @Test func aWindowThatReachesAsFarAsTheContextIsNone() throws {
        let plain = try configuration("qwen2")
        #expect(plain.contextLength == 64)
        for window in [0, 64, 128] as [UInt32] {
            let stated = try configuration("qwen2") { $0["qwen2.attention.sliding_window"] = .uint32(window) }
            #expect(stated == plain)
        }
    }

    @Test func whatIsCausalMaySaySo() throws {
        let plain = try configuration("qwen2")
        #expect(try configuration("qwen2") { $0["qwen2.attention.causal"] = .bool(true) } == plain)
    }

    @Test func expertsOfNoWidthAreAsWideAsTheMLP() throws {
        let plain = try configuration("mixtral")
        #expect(
            try configuration("mixtral") { $0["llama.expert_feed_forward_length"] = .uint32(0) } == plain)
        #expect(try configuration("mixtral") { $0["llama.expert_gating_func"] = .uint32(0) } == plain)
    }

    /// llama.cpp's own writer says `false` of every family, beside zeros; a file of ours
    /// that says it means it.
    @Test(arguments: [
        ("mixtral", "llama", true, true), ("qwen3moe", "qwen3moe", true, false),
        ("qwen2moe", "qwen2moe", false, false),
    ])
    func aWriterThatDoesNotKnowHowExpertsAreWeighedIsNotBelieved(
        family: String, prefix: String, standard: Bool, stated: Bool
    ) throws {
        let key = "\(prefix).expert_weights_norm"
        #expect(try configuration(family).experts?.normalizesWeights == standard)
        let ours = try configuration(family) { $0[key] = .bool(false) }
        #expect(ours.experts?.normalizesWeights == stated)
        for (other, zero) in [
            ("expert_weights_scale", .float32(0)), ("expert_gating_func", .uint32(0)),
        ] as [(String, GGUFValue)] {
            let saved = try configuration(family) {
                $0[key] = .bool(false)
                $0["\(prefix).\(other)"] = zero
            }
            #expect(saved.experts?.normalizesWeights == standard, "\(other)")
        }
    }

    @Test(arguments: [
        ("mixtral", "llama.expert_gating_func", GGUFValue.uint32(2), "2", "1, the softmax"),
        ("mixtral", "llama.expert_weights_scale", .float32(2.5), "2.5", "1"),
        ("llama", "llama.attention.value_length", .uint32(4), "4", "8, as long as the keys"),
        ("llama", "llama.rope.scaling.type", .text("ntk"), "ntk", "none, linear or yarn"),
        ("qwen2", "qwen2.attention.causal", .bool(false), "false", "true"),
        ("qwen3", "qwen3.attention.sliding_window", .uint32(20), "20", "no window in this family"),
        ("gpt2", "gpt2.attention.sliding_window", .uint32(63), "63", "no window in this family"),
    ])
    func whatIsNotComputedIsNotCalledDamaged(
        family: String, key: String, value: GGUFValue, found: String, computed: String
    ) throws {
        let error = #expect(throws: TransformerError.self) {
            try configuration(family) { $0[key] = value }
        }
        #expect(error?.code == "unsupportedHyperparameter")
        #expect(error?.message.hasSuffix("\(key) is \(found); this engine computes \(computed)") == true)
        #expect(error?.remedy?.contains("damaged") == false)
    }
}
