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
        model = try DefaultModel.open()
        golden = try GoldenTensors("smollm2/directions.safetensors")
        statistics = try fixture("smollm2/directions.json", as: [String: Statistics].self)
    }

    @Test func directionsEqualTheReference() throws {
        let dataset = try Dataset(path: fixturePath("smollm2/pairs.json")).usingRawPrompts()
        let pairs = try dataset.pairs(model)
        #expect(pairs.count == 168)
        let set = try ExampleSet(pairs, split: HeldOutSplit(sources: [], fraction: 0, seed: 0))
        let readouts = try ReadoutStates(
            of: set.prompts, model: model.transformer, layers: 1...29, threads: 2
        ) { _, _, _ in }
        for (estimator, name) in [
            (DirectionEstimator.mean, "mean"), (.pca, "pca"), (.pcaPairs, "pca"),
            (.pcaCentered, "pca_centred"),
        ] {
            var recipe = ExtractionRecipe(dataset)
            recipe.method = .always(estimator)
            let directions = try Extraction.directions(recipe, set, readouts, 1...29, threads: 2) { _, _, _ in
            }
            #expect(directions.map(\.evidence.layer) == (1...29).map { LayerIndex($0) })
            for direction in directions {
                try compare(direction, with: name, isOriented: estimator != .pcaCentered)
            }
        }
    }

    /// The sign of the reference's centred component is arbitrary.
    private func compare(_ found: LayerDirection, with name: String, isOriented: Bool) throws {
        let evidence = found.evidence
        let layer = evidence.layer
        let expected = try golden["\(name).\(layer)"]
        let cosine = cosine(found.values, expected)
        #expect((isOriented ? cosine : abs(cosine)) >= 0.9999, "\(name), layer \(layer): \(cosine)")
        guard let known = statistics["\(name).\(layer)"] else {
            expectClose(found.values, expected, relativeError: 1e-3, "\(name), layer \(layer)")
            return
        }
        let sign = cosine < 0 ? -1.0 : 1
        let ratio = evidence.explainedVarianceRatio
        #expect(abs(ratio - known.explainedVarianceRatio) <= 1e-3, "\(name), layer \(layer)")
        #expect(abs(evidence.cosineToMean - sign * known.cosineToMean) <= 1e-3, "\(name), layer \(layer)")
        // A pair or two lie so close to the boundary that rounding decides.
        let accuracy = sign < 0 ? 1 - known.pairAccuracy : known.pairAccuracy
        #expect(abs(evidence.pairAccuracy - accuracy) <= 2.5 / 168, "\(name), layer \(layer)")
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
