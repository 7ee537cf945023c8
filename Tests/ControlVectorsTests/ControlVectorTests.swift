import Terms
import Testing

@testable import ControlVectors

@Suite struct ControlVectorTests {
    @Test func layersComeInOrderAndAreFoundByNumber() throws {
        let vector = try ControlVector(directions: [10: [1, 2], 2: [3, 4], 0: [0, 0]])
        #expect(vector.layers == [0, 2, 10])
        #expect(vector.hiddenSize == 2)
        #expect(vector[10] == [1, 2] && vector[3] == nil)
        #expect(vector.zeroLayers == [0])
    }

    @Test func theModelHintComesFromTheFingerprintUnlessItIsGiven() throws {
        let model = Planted.fingerprint()
        #expect(try ControlVector(directions: [1: [1]], fingerprint: model).modelHint == "qwen2")
        #expect(
            try ControlVector(directions: [1: [1]], modelHint: "", fingerprint: model).modelHint == "qwen2")
        #expect(
            try ControlVector(directions: [1: [1]], modelHint: "llama", fingerprint: model).modelHint
                == "llama")
        #expect(try ControlVector(directions: [1: [1]], modelHint: "").modelHint == nil)
    }

    @Test func withoutDirectionsThereIsNoVector() {
        #expect(throws: ControlVectorError.empty(path: nil)) { try ControlVector(directions: [:]) }
        #expect(throws: ControlVectorError.emptyDirection(path: nil, layer: 3)) {
            try ControlVector(directions: [3: []])
        }
    }

    @Test func directionsOfDifferentLengthsAreRefused() {
        #expect(throws: ControlVectorError.sizeMismatch(path: nil, layer: 7, found: 3, first: 2, expected: 2))
        {
            try ControlVector(directions: [2: [1, 2], 7: [1, 2, 3]])
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func numbersThatAreNotFiniteAreRefusedByLayerAndElement(value: Float) {
        #expect(throws: ControlVectorError.notFinite(path: nil, layer: 5, index: 1, value: value)) {
            try ControlVector(directions: [1: [1, 2], 5: [3, value]])
        }
    }

    @Test func aNegativeLayerIsRefused() {
        #expect(throws: ControlVectorError.badDirectionIndex(path: nil, name: "direction.-1")) {
            try ControlVector(directions: [LayerIndex(-1): [1]])
        }
    }

    @Test func aShiftMovesEveryLayerAndKeepsTheModel() throws {
        let vector = try Planted.vector([1: [1], 9: [2]], model: Planted.fingerprint())
        let shifted = try vector.shifted(by: -1)
        #expect(shifted.directions == [0: [1], 8: [2]] && shifted.fingerprint == vector.fingerprint)
        #expect(throws: ControlVectorError.self) { try vector.shifted(by: -2) }
        #expect(throws: ControlVectorError.self) { try vector.shifted(by: .max) }
    }

    @Test func withoutSomeLayersAllThatTheOthersHaveIsKept() throws {
        var vector = try Planted.vector([1: [1, 0], 9: [2, 0]], model: Planted.fingerprint(), recipe: "{}")
        vector.origin = VectorOrigin(.llamaCpp)
        vector.calibration = CalibratedStrengths(
            negative: StrengthBand(strong: -1), positive: StrengthBand(strong: 1))
        vector.components = [1: [[0, 1]], 9: [[0, -1]]]
        let rest = try vector.without([1])
        #expect(rest.directions == [9: [2, 0]] && rest.components == [9: [[0, -1]]])
        #expect(rest.extraction == vector.extraction && rest.calibration == vector.calibration)
        #expect(rest.origin == vector.origin && rest.fingerprint == vector.fingerprint)
        #expect(try rest.shifted(by: -1).components == [8: [[0, -1]]])
    }

    @Test func damagedDirectionsAreNotThoseOfTheirEvidence() throws {
        func isSound(_ directions: [LayerIndex: [Float]], norm: Double? = 5) throws -> Bool {
            var record = Planted.record()
            record.evidence = [1: LayerEvidence(norm: norm), 2: LayerEvidence(norm: 1)]
            return try ControlVector(directions: directions, extraction: record).hasDirectionsOfEvidence
        }
        #expect(try isSound([1: [3, 4], 2: [0, -1]]))
        #expect(try isSound([1: [3, 4], 2: [0, -1]], norm: nil))
        #expect(try !isSound([1: [0, 0], 2: [0, -1]]))
        #expect(try !isSound([1: [0, 0], 2: [0, -1]], norm: nil))
        #expect(try !isSound([1: [3, 4.01], 2: [0, -1]]))
        #expect(try !isSound([1: [3, .greatestFiniteMagnitude], 2: [0, -1]]))
        #expect(try !isSound([1: [3, 4]]))
        #expect(try !ControlVector(directions: [1: [3, 4]]).hasDirectionsOfEvidence)
    }
}
