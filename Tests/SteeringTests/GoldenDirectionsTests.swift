import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import _TestSupport

@testable import Steering

/// The whole way from raw pairs to directions, against float64 numpy on the same model.
@Suite struct GoldenDirectionsTests {
    private let model: LanguageModel
    private let golden: GoldenTensors
    private let statistics: [String: Statistics]

    private struct Statistics: Decodable {
        let explainedVarianceRatio: Double
        let cosineToMean: Double
        let pairAccuracy: Double

        enum CodingKeys: String, CodingKey {
            case explainedVarianceRatio = "explained_variance_ratio"
            case cosineToMean = "cosine_to_mean"
            case pairAccuracy = "pair_accuracy"
        }
    }

    init() throws {
        model = try LanguageModel(path: try smolLM2Path())
        golden = try GoldenTensors("smollm2/directions.safetensors")
        statistics = try fixture("smollm2/directions.json", as: [String: Statistics].self)
    }

    @Test(arguments: [
        (DirectionEstimator.mean, "mean"), (.pca, "pca"), (.pcaPairs, "pca"), (.pcaCentered, "pca_centred"),
    ])
    func directionsEqualTheReference(estimator: DirectionEstimator, name: String) throws {
        var recipe = ExtractionRecipe(
            try Dataset(path: fixturePath("smollm2/pairs.json")).usingRawPrompts())
        recipe.method = .always(estimator)
        recipe.layers = try LayerSelection("1-29")
        recipe.heldOutShare = 0
        let extraction = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "test")

        #expect(extraction.vector.layers == (1...29).map { LayerIndex($0) })
        #expect(extraction.report.prompts == 336)
        #expect(extraction.report.pairs == 168)
        for evidence in extraction.report.layers {
            let layer = evidence.layer
            let found = try #require(extraction.vector[layer])
            let expected = try golden["\(name).\(layer)"]
            let cosine = cosine(found, expected)
            // The centred component's sign in the reference is arbitrary.
            #expect((estimator == .pcaCentered ? abs(cosine) : cosine) >= 0.9999, "layer \(layer): \(cosine)")
            guard let known = statistics["\(name).\(layer)"] else {
                expectClose(found, expected, relativeError: 1e-3, "layer \(layer)")
                continue
            }
            #expect(
                abs(evidence.explainedVarianceRatio - known.explainedVarianceRatio) <= 1e-3,
                "layer \(layer)")
            let sign =
                estimator == .pcaCentered ? (evidence.cosineToMean * known.cosineToMean < 0 ? -1.0 : 1) : 1
            #expect(abs(evidence.cosineToMean - sign * known.cosineToMean) <= 1e-3, "layer \(layer)")
            let accuracy = sign < 0 ? 1 - known.pairAccuracy : known.pairAccuracy
            #expect(abs(evidence.pairAccuracy - accuracy) <= 1.5 / 168, "layer \(layer)")
        }
    }
}

/// Float32 tensors of a safetensors file.
struct GoldenTensors {
    private let data: Data
    private let entries: [String: Entry]
    private let start: Int

    private struct Entry: Decodable {
        let offsets: [Int]

        enum CodingKeys: String, CodingKey { case offsets = "data_offsets" }
    }

    init(_ name: String) throws {
        data = try fixture(name)
        let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        start = 8 + length
        entries = try JSONDecoder().decode([String: Entry].self, from: data[8..<start])
    }

    subscript(name: String) -> [Float] {
        get throws {
            let entry = try #require(entries[name], "\(name)")
            let bytes = data[start + entry.offsets[0]..<start + entry.offsets[1]]
            return bytes.withUnsafeBytes { raw in
                (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
            }
        }
    }
}
