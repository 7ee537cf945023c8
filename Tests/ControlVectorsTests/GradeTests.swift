import Conversion
import GGUF
import Quantization
import Testing
import _TestSupport

@testable import ControlVectors

/// The grades on models of every family: stored otherwise, quantised, fine-tuned, resized.
@Suite struct GradeTests {
    static let families = [
        "gemma", "gemma2", "gemma3", "gpt2", "llama", "mistral", "mixtral", "phi2", "phi3", "qwen2",
        "qwen2moe",
        "qwen3", "qwen3moe",
    ]

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func source(_ family: String) throws -> CheckpointSource {
        try CheckpointSource(path: fixturePath("families/\(family)"))
    }

    private func converted(_ family: String, as type: CheckpointConversion.WeightType?) throws -> GGUFFile {
        let path = folder.file("\(family)-\(type?.rawValue ?? "stored").gguf")
        _ = try CheckpointConversion(try source(family), as: type).write(to: path)
        return try GGUFFile(path: path)
    }

    private func compare(_ origin: any ModelSource, _ model: any ModelSource) throws -> Compatibility {
        Compatibility(of: try ModelFingerprint(of: origin), with: try ModelFingerprint(of: model))
    }

    /// The file again with some of it changed.
    private func rewritten(
        _ file: GGUFFile, metadata: (inout GGUFMetadata) -> Void = { _ in },
        keeps: (String) -> Bool = { _ in true }, values: (String, [Float]) -> [Float]? = { _, _ in nil }
    ) throws -> GGUFFile {
        var changed = file.metadata
        metadata(&changed)
        var writer = GGUFWriter(changed)
        for tensor in file.tensors where keeps(tensor.name) {
            let bytes = file.bytes(of: tensor)
            let floats = try decodeRow(bytes, type: tensor.type, count: tensor.elementCount)
            let new = try values(tensor.name, floats).map { try encodeRow($0, type: tensor.type) }
            writer.add(tensor.name, shape: tensor.shape, type: tensor.type, bytes: new ?? Array(bytes))
        }
        let path = folder.file("rewritten.gguf")
        try writer.write(to: path)
        return try GGUFFile(path: path)
    }

    @Test(arguments: families) func aFolderAndTheFileOfItsOwnTypeAreOneModel(family: String) throws {
        let result = try compare(source(family), converted(family, as: nil))
        #expect(result.grade == .exact, "\(result.reasons)")
    }

    @Test(arguments: families, [CheckpointConversion.WeightType.f32, .f16, .bf16])
    func aFolderAndAFileOfAnotherTypeAreTheSameWeights(
        family: String, type: CheckpointConversion.WeightType
    ) throws {
        let (folder, file) = (try source(family), try converted(family, as: type))
        let isStored = folder.mainType == type.tensorType
        for result in [try compare(folder, file), try compare(file, folder)] {
            #expect(result.grade == (isStored ? .exact : .sameWeights), "\(result.reasons)")
            #expect(isStored || result.reasons[0].hasPrefix("the same norm tensors"))
        }
    }

    @Test(
        arguments: ["llama", "qwen2", "gemma3", "mixtral", "gpt2"], [QuantizationTarget.q8_0, .q4_0, .q4_K_M])
    func anotherQuantisationIsTheSameWeights(family: String, target: QuantizationTarget) throws {
        let original = try converted(family, as: .f32)
        let path = folder.file("quantised.gguf")
        try ModelQuantizer(original, target: target).write(to: path)
        let quantised = try GGUFFile(path: path)
        let result = try compare(original, quantised)
        #expect(result.grade == .sameWeights && result.isUsable(), "\(result.reasons)")
        #expect(try compare(quantised, source(family)).grade == .sameWeights)
        #expect(try compare(quantised, GGUFFile(path: path)).grade == .exact)
    }

    @Test func theDefaultModelQuantisedAgainIsTheSameWeights() throws {
        let original = try GGUFFile(path: smolLM2Path())
        let path = folder.file("q8.gguf")
        try ModelQuantizer(original, target: .q8_0, allowsRequantizing: true).write(to: path, threads: 2)
        let result = try compare(original, GGUFFile(path: path))
        #expect(result.grade == .sameWeights)
        #expect(result.reasons == ["the same norm tensors, another quantisation (Q4_1 vs Q8_0)"])
    }

    @Test(arguments: families) func aFineTuneIsOtherWeights(family: String) throws {
        let original = try converted(family, as: .f32)
        // Training moves every weight a little, norms included.
        let tuned = try rewritten(original, values: { _, values in values.map { $0 * 1.001 } })
        let result = try compare(original, tuned)
        #expect(result.grade == .sameShape, "\(result.reasons)")
        #expect(!result.isUsable() && result.isUsable(forced: true))
        #expect(result.reasons == ["other weights (the norm tensors differ)"])
    }

    @Test func aFineTuneOfMatricesAloneIsSaidToBePossible() throws {
        let original = try converted("llama", as: .f32)
        let merged = try rewritten(
            original,
            values: { name, values in
                name.hasSuffix("attn_q.weight") ? values.map { $0 * 1.01 } : nil
            })
        let result = try compare(original, merged)
        #expect(result.grade == .sameWeights)
        #expect(result.reasons == ["the same norm tensors, another quantisation or a fine-tune (both F32)"])
    }

    @Test func aModelWithFewerLayersIsIncompatible() throws {
        let original = try converted("llama", as: .f32)
        let count = try original.metadata.integer("llama.block_count")
        let shallow = try rewritten(
            original, metadata: { $0["llama.block_count"] = .uint32(UInt32(count - 1)) },
            keeps: { !$0.hasPrefix("blk.\(count - 1).") })
        let result = try compare(original, shallow)
        #expect(result.grade == .incompatible && !result.isUsable(forced: true))
        #expect(result.reasons == ["layers differ (\(count) vs \(count - 1))"])
    }

    @Test func aWiderModelIsIncompatible() throws {
        let original = try converted("llama", as: .f32)
        let size = try original.metadata.integer("llama.embedding_length")
        let wide = try rewritten(
            original, metadata: { $0["llama.embedding_length"] = .uint32(UInt32(size * 2)) })
        let result = try compare(original, wide)
        #expect(result.grade == .incompatible)
        #expect(result.reasons[0] == "hidden sizes differ (\(size) vs \(size * 2))")
    }

    @Test func anotherFamilyOfTheSameShapeIsNotTheSameWeights() throws {
        let result = try compare(source("llama"), source("qwen2"))
        #expect(result.grade == .sameShape || result.grade == .incompatible)
        #expect(!result.isUsable())
    }
}
