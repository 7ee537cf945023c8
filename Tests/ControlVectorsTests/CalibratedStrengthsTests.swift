import Terms
import Testing

@testable import ControlVectors

@Suite struct CalibratedStrengthsTests {
    private let measured = CalibratedStrengths(
        negative: StrengthBand(strong: -0.5, safe: -0.25, breaking: -0.625),
        positive: StrengthBand(strong: 1), modelDigest: "old", modelName: "Old", promptCount: 12)

    private func vector(
        doses: [Float], calibration: CalibratedStrengths? = nil, model: ModelFingerprint? = nil
    ) throws -> ControlVector {
        let layers = doses.indices.map { LayerIndex($0 + 1) }
        var record = Planted.record()
        record.evidence = zip(layers, doses).reduce(into: [:]) {
            $0[$1.0] = LayerEvidence(dose: Double($1.1))
        }
        return try ControlVector(
            directions: layers.reduce(into: [:]) { $0[$1] = [1, 2] }, fingerprint: model, extraction: record,
            calibration: calibration)
    }

    @Test func carriedStrengthsKeepTheirDoseAndSayWhereTheyAreFrom() throws {
        let old = try vector(doses: [0.5, 0.1, 0.2], calibration: measured)
        let new = try vector(doses: [0.4, 0.5, 0.1]).carryingCalibration(of: old)
        let carried = try #require(new.calibration)
        #expect(carried.negative == StrengthBand(strong: -0.25, safe: -0.125, breaking: -0.3125))
        #expect(carried.positive == StrengthBand(strong: 0.5))
        #expect(carried.modelDigest == "old" && carried.modelName == "Old" && carried.promptCount == 12)
        #expect(!carried.isMeasured(on: Planted.fingerprint()))
    }

    @Test func withoutADoseNothingIsCarried() throws {
        let old = try vector(doses: [0.2], calibration: measured)
        #expect(try vector(doses: [0]).carryingCalibration(of: old).calibration == nil)
        #expect(try vector(doses: [0.2]).carryingCalibration(of: vector(doses: [0.2])).calibration == nil)
    }

    @Test func strengthsAreThoseOfTheModelThatTheyName() {
        var strengths = measured
        #expect(!strengths.isMeasured(on: Planted.fingerprint()))
        strengths.modelDigest = Planted.fingerprint().digest
        #expect(strengths.isMeasured(on: Planted.fingerprint()))
        strengths.modelDigest = nil
        #expect(strengths.isMeasured(on: Planted.fingerprint()))
    }

    @Test func strengthsOfAModelThatComputedOtherwiseAreNotItsOwn() {
        let model = Planted.fingerprint { $0.computationDigest = "xxh64:05" }
        var strengths = measured
        strengths.modelDigest = model.digest
        #expect(strengths.isMeasured(on: model))
        strengths.computationDigest = "xxh64:06"
        #expect(!strengths.isMeasured(on: model))
        strengths.computationDigest = model.computationDigest
        #expect(strengths.isMeasured(on: model))
    }

    /// The same tensors, whose metadata may have been changed since.
    @Test func strengthsThatDoNotSayHowTheirModelComputedAreCarriedAsAnEstimate() throws {
        let model = Planted.fingerprint { $0.computationDigest = "xxh64:05" }
        func carried(_ computationDigest: String?, isCarried: Bool? = nil) throws -> CalibratedStrengths {
            var strengths = measured
            strengths.modelDigest = model.digest
            strengths.computationDigest = computationDigest
            strengths.isCarried = isCarried
            let old = try vector(doses: [0.5], calibration: strengths)
            return try #require(vector(doses: [0.5], model: model).carryingCalibration(of: old).calibration)
        }
        for strengths in try [
            carried(nil), carried("xxh64:06"), carried(nil, isCarried: false),
            // Carried away from this model, and back to it.
            carried("xxh64:05", isCarried: true),
        ] {
            #expect(strengths.isEstimate(for: model) && !strengths.isMeasured(on: model))
        }
        let own = try carried("xxh64:05")
        #expect(!own.isEstimate(for: model) && own.isMeasured(on: model))
    }

    /// The same model computes, but other directions, or of another length, are another vector.
    @Test func strengthsOfOtherDirectionsOfTheSameModelAreAnEstimate() throws {
        let model = Planted.fingerprint { $0.computationDigest = "xxh64:05" }
        var strengths = measured
        strengths.modelDigest = model.digest
        strengths.computationDigest = model.computationDigest
        let old = try vector(doses: [0.5, 0.5], calibration: strengths)
        let same = try #require(
            vector(doses: [0.5, 0.25], model: model).carryingCalibration(of: old).calibration)
        #expect(same.positive == measured.positive && same.isMeasured(on: model))
        var longer = try vector(doses: [1, 1], model: model)
        longer = try ControlVector(
            directions: longer.directions.mapValues { $0.map { 2 * $0 } }, fingerprint: model,
            extraction: longer.extraction)
        for other in [longer, try vector(doses: [1], model: model)] {
            let carried = try #require(other.carryingCalibration(of: old).calibration)
            #expect(carried.positive.strong == 0.5 && carried.isEstimate(for: model))
            #expect(!carried.isMeasured(on: model))
        }
    }

    @Test func strengthsThatWereMeasuredAfterAChangeOfTheModelsFileAreNoEstimate() {
        let vectorModel = Planted.fingerprint { $0.computationDigest = "xxh64:05" }
        let changed = Planted.fingerprint { $0.computationDigest = "xxh64:06" }
        var strengths = measured
        strengths.modelDigest = changed.digest
        strengths.computationDigest = changed.computationDigest
        // Files of earlier builds do not say whether they were carried over.
        #expect(strengths.isEstimate(for: vectorModel))
        strengths.isCarried = false
        #expect(!strengths.isEstimate(for: vectorModel))
        #expect(strengths.isMeasured(on: changed) && !strengths.isMeasured(on: vectorModel))
    }
}
