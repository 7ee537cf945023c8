import Terms
import Testing

@testable import ControlVectors

@Suite struct ControlVectorAlgebraTests {
    // Eighths, so that sums and products are exact in float32.
    private let v: ControlVector
    private let w: ControlVector

    init() throws {
        v = try ControlVector(directions: [1: [0.5, -2, 3.125], 2: [1, 0, -1]], modelHint: "llama")
        w = try ControlVector(directions: [1: [8, 0.25, -3], 2: [1, 7, 0.125]], modelHint: "llama")
    }

    @Test func additionIsElementByElementAndCommutes() throws {
        #expect(try (v + w).directions == [1: [8.5, -1.75, 0.125], 2: [2, 7, -0.875]])
        #expect(try v + w == w + v)
    }

    @Test func subtractingGivesBackWhatWasAdded() throws {
        #expect(try (v + w) - w == v)
        #expect(try (v - w) + w == v)
    }

    @Test func timesZeroAndMinusItselfAreZero() throws {
        #expect(try (v * 0).zeroLayers == v.layers)
        #expect(try (v - v).zeroLayers == v.layers)
        #expect(try v * 0 == v - v)
    }

    @Test func negationIsTimesMinusOne() throws {
        #expect(try -v == v * -1)
        #expect(try -(-v) == v)
        #expect(try v - w == v + (-w))
    }

    @Test func scalingCommutesAndDistributes() throws {
        #expect(try 2 * v == v * 2)
        #expect(try v * 2 == v + v)
        #expect(try (v + w) * 4 == v * 4 + w * 4)
        #expect(try (v * 8) / 8 == v)
        #expect(try v * 1 == v)
    }

    @Test func layersAreUnitedAndAMissingOneCountsAsZero() throws {
        let other = try ControlVector(directions: [2: [1, 1, 1], 5: [2, 2, 2]])
        #expect(try (v + other).directions == [1: [0.5, -2, 3.125], 2: [2, 1, 0], 5: [2, 2, 2]])
        #expect(try (v - other).directions == [1: [0.5, -2, 3.125], 2: [0, -1, -2], 5: [-2, -2, -2]])
    }

    @Test func theModelIsKeptAndTheRecordIsDropped() throws {
        let model = Planted.fingerprint()
        let recorded = try Planted.vector([1: [1, 2]], model: model, recipe: "{}")
        #expect(try (recorded * 2).fingerprint == model)
        #expect(try (recorded * 2).extraction == nil)
        #expect(try (recorded + ControlVector(directions: [1: [1, 1]])).fingerprint == model)
    }

    @Test func vectorsOfDifferentWidthsDoNotAdd() throws {
        let wide = try ControlVector(directions: [1: [1, 2, 3, 4]])
        #expect(throws: ControlVectorError.differentHiddenSizes(3, 4)) { try v + wide }
        #expect(throws: ControlVectorError.differentHiddenSizes(3, 4)) { try v - wide }
    }

    @Test func vectorsOfDifferentModelsDoNotAdd() throws {
        let reasons = ["architectures differ (llama vs qwen2)"]
        #expect(throws: ControlVectorError.differentModels(reasons: reasons)) {
            try v + ControlVector(directions: [1: [1, 2, 3]], modelHint: "qwen2")
        }
        let one = try Planted.vector(model: Planted.fingerprint())
        let finetuned = try Planted.vector(
            model: Planted.fingerprint {
                $0.normHash = "xxh64:ff"
                $0.digest = "xxh64:ff"
            })
        #expect(throws: ControlVectorError.self) { try one + finetuned }
    }

    @Test(arguments: [
        ("mistral", "llama"), ("mixtral", "llama"), ("qwen3_moe", "qwen3moe"), ("qwen2_moe", "qwen2moe"),
        ("gemma3_text", "gemma3"), ("phi", "phi2"),
    ])
    func oneArchitectureHasTwoNames(transformers: String, gguf: String) throws {
        let theirs = try ControlVector(directions: [1: [1, 2, 3, 4]], modelHint: transformers)
        let ours = try Planted.vector(
            [1: [1, 1, 1, 1]], model: Planted.fingerprint { $0.architecture = gguf })
        #expect(try (theirs + ours).directions == [1: [2, 3, 4, 5]])
        #expect(
            Compatibility(of: theirs, with: Planted.fingerprint { $0.architecture = gguf }).reasons.count == 1
        )
        #expect(throws: ControlVectorError.self) {
            try theirs + ControlVector(directions: [1: [1, 2, 3, 4]], modelHint: "gpt2")
        }
    }

    @Test func anotherQuantisationIsTheSameModel() throws {
        let one = try Planted.vector([1: [1, 2]], model: Planted.fingerprint())
        let other = try Planted.vector(
            [1: [3, 4]],
            model: Planted.fingerprint {
                $0.digest = "xxh64:ff"
                $0.fileType = 7
            })
        #expect(try (one + other).directions == [1: [4, 6]])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func aScalarThatIsNotFiniteIsRefused(scalar: Float) {
        #expect(throws: ControlVectorError.badScalar(scalar, operation: "multiplied by")) { try v * scalar }
        #expect(throws: ControlVectorError.badScalar(scalar, operation: "divided by")) { try v / scalar }
    }

    @Test func dividingByZeroIsRefused() {
        #expect(throws: ControlVectorError.badScalar(0, operation: "divided by")) { try v / 0 }
    }

    @Test func aResultBeyondFloat32IsRefusedAndNamesItsPlace() throws {
        let big = try ControlVector(directions: [4: [1, 3e38]])
        let error = ControlVectorError.notFinite(path: nil, layer: 4, index: 1, value: .infinity)
        #expect(throws: error) { try big * 2 }
        #expect(throws: error) { try big + big }
        #expect(throws: error) { try big / 0.5 }
    }
}
