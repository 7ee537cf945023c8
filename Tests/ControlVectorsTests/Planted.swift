import GGUF
import Quantization
import Terms
import _TestSupport

@testable import ControlVectors

/// Vectors and files whose contents the tests know.
enum Planted {
    /// A vector file made of raw tensors, opened.
    static func file(_ metadata: GGUFMetadata = GGUFMetadata(), _ tensors: [Tensor]) throws -> GGUFFile {
        var writer = GGUFWriter(metadata)
        for tensor in tensors {
            writer.add(tensor.name, shape: tensor.shape, type: tensor.type, bytes: tensor.bytes)
        }
        let folder = try TemporaryFolder()
        try writer.write(to: folder.file("planted.gguf"))
        // The mapping outlives the folder.
        return try GGUFFile(path: folder.file("planted.gguf"))
    }

    struct Tensor {
        var name: String
        var shape: [Int]
        var type: TensorType = .f32
        var bytes: [UInt8]

        init(_ name: String, _ floats: [Float], shape: [Int]? = nil) {
            self.name = name
            self.shape = shape ?? [floats.count]
            bytes = floats.withUnsafeBytes { Array($0) }
        }

        init(_ name: String, type: TensorType, shape: [Int], byteCount: Int) {
            self.name = name
            self.shape = shape
            self.type = type
            bytes = [UInt8](repeating: 0, count: byteCount)
        }
    }

    static func fingerprint(_ change: (inout ModelFingerprint) -> Void = { _ in }) -> ModelFingerprint {
        var fingerprint = ModelFingerprint(
            architecture: "qwen2", name: "Qwen2.5-32B-Instruct", hiddenSize: 4, layerCount: 64,
            vocabularySize: 1000, tokenizerHash: "xxh64:01", chatTemplateHash: "xxh64:02", fileType: 15,
            normHash: "xxh64:03", digest: "xxh64:04")
        change(&fingerprint)
        return fingerprint
    }

    static func record(recipe: String? = nil) -> ExtractionRecord {
        ExtractionRecord(
            toolVersion: "0.1.0", method: "auto", readout: "last", scale: .natural, layers: .standard,
            evidence: [
                9: LayerEvidence(
                    estimator: "pca", scale: 1.6, norm: 1.6000001, explainedVarianceRatio: 0.1 + 0.2,
                    pairAccuracy: 0.97, cosineToMean: -0.25, dose: 1e-30,
                    sides: SideProjections(negativeMean: -3.1, positiveMean: 0.7, spread: 0.1)),
                10: LayerEvidence(estimator: "mean", pairAccuracy: 1),
                40: LayerEvidence(),
            ],
            recipe: recipe)
    }

    static func vector(
        _ directions: [LayerIndex: [Float]] = [1: [1, 2, 3, 4], 9: [-0.1, 0.2, 1e-38, 3e38]],
        model: ModelFingerprint? = nil, recipe: String? = nil
    ) throws -> ControlVector {
        try ControlVector(
            directions: directions, fingerprint: model,
            extraction: recipe.map { record(recipe: $0) })
    }
}
