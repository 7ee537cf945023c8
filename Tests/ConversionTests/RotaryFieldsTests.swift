import Conversion
import Foundation
import GGUF
import Quantization
import Testing
import _TestSupport

/// Which of the places counts in which a configuration may speak of the rotary embedding; the numbers are
/// those of transformers 5.23.
@Suite struct RotaryFieldsTests {
    private func metadata(_ modelClass: String, _ fields: [String: Any]) throws -> GGUFMetadata {
        var checkpoint = try TinyCheckpoint(modelClass)
        checkpoint.configuration.merge(fields) { $1 }
        try checkpoint.write()
        return try checkpoint.open().metadata
    }

    @Test(arguments: [(5000.0 as Double?, 5000.0), (nil, 10_000)])
    func ropeScalingStandsInForAllOfRopeParameters(theta: Double?, expected: Double) throws {
        var fields: [String: Any] = [
            "rope_scaling": ["type": "linear", "factor": 8],
            "rope_parameters": ["rope_type": "default", "rope_theta": 77],
        ]
        fields["rope_theta"] = theta
        let found = try metadata("LlamaForCausalLM", fields)
        #expect(try found.string("llama.rope.scaling.type") == "linear")
        #expect(try found.number("llama.rope.scaling.factor") == 8)
        #expect(try found.number("llama.rope.freq_base") == expected)
    }

    @Test func anEmptyRopeScalingSaysNothing() throws {
        let found = try metadata(
            "LlamaForCausalLM",
            [
                "rope_scaling": [String: Any](),
                "rope_parameters": ["rope_type": "linear", "factor": 2, "rope_theta": 77],
            ])
        #expect(try found.number("llama.rope.scaling.factor") == 2)
        #expect(try found.number("llama.rope.freq_base") == 77)
    }

    @Test func ropeScalingOfGemma3IsAddedToTheBlocksThatSeeEverything() throws {
        let found = try metadata(
            "Gemma3ForCausalLM",
            [
                "rope_scaling": ["rope_type": "linear", "factor": 8],
                "rope_parameters": [
                    "full_attention": ["rope_type": "default", "rope_theta": 77],
                    "sliding_attention": ["rope_type": "default", "rope_theta": 55],
                ],
            ])
        #expect(try found.string("gemma3.rope.scaling.type") == "linear")
        #expect(try found.number("gemma3.rope.scaling.factor") == 8)
        #expect(try found.number("gemma3.rope.freq_base") == 77)
        #expect(try found.number("gemma3.rope.freq_base_swa") == 55)
    }

    /// The length of its own is 4096, with which every factor of these would be 8; no key
    /// means the context length, 64.
    @Test(arguments: [(16 as Int?, 16 as Float), (nil, 64)])
    func theConfigurationsOwnFirstLengthCountsForLlama3(own: Int?, expected: Float) throws {
        var checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        var scaling: [String: Any] = [
            "rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
        ]
        if let own {
            checkpoint.configuration["original_max_position_embeddings"] = own
            scaling["original_max_position_embeddings"] = 4096
        }
        checkpoint.configuration["rope_scaling"] = scaling
        checkpoint.configuration["rope_theta"] = 10.0
        try checkpoint.write()
        let source = try checkpoint.open()
        let tensor = try #require(source.tensor("rope_freqs.weight"))
        let factors = try decodeRow(source.bytes(of: tensor), type: .f32, count: tensor.elementCount)
        // A wavelength below a quarter of the length keeps its frequency; those above it
        // here are not beyond the length.
        let wavelengths = [2 * Float.pi, 2 * Float.pi * Float(10).squareRoot()]
        let smooth = wavelengths.map { (expected / $0 - 1) / 3 }
        let wanted = zip(wavelengths, smooth).map { wavelength, smooth in
            wavelength < expected / 4
                ? 1 : wavelength > expected ? 8 : 1 / ((1 - smooth) / 8 + smooth)
        }
        expectClose(factors, wanted, relativeError: 1e-5)
    }

    @Test(arguments: ["rope_parameters", "rope_scaling", ""])
    func aHeadThatTurnsInPartIsRefusedWhereItIsSaid(place: String) throws {
        var checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        if place.isEmpty {
            checkpoint.configuration["partial_rotary_factor"] = 0.5
        } else {
            checkpoint.configuration[place] = ["rope_type": "default", "partial_rotary_factor": 0.5]
        }
        try checkpoint.write()
        let error = #expect(throws: ConversionError.self) { try checkpoint.open() }
        #expect(error?.kind == .unsupportedFeature && error?.found == "0.5" && error?.allowed == "1")
        #expect(error?.field == (place.isEmpty ? "" : place + ".") + "partial_rotary_factor")
    }
}
