import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct CalibratorTests {
    private let model: LanguageModel
    private let prompts: [Sweep.Prompt]
    private let vector: ControlVector

    init() throws {
        let model = try DefaultModel.open()
        self.model = model
        prompts = try ["The sun is", "Once upon a time, a tree"].map {
            .init(text: $0, tokens: try model.rawPrompt($0))
        }
        vector = try ControlVector(path: fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf"))
    }

    private func calibrate(
        _ change: (inout Calibrator) -> Void = { _ in }, progress: @escaping ProgressReport = { _, _, _ in }
    ) throws -> Calibration {
        var calibrator = Calibrator()
        calibrator.maximumTokens = 8
        change(&calibrator)
        let context = try InferenceContext(
            model.transformer, capacity: calibrator.cells(for: prompts), threads: 2, precision: .fast)
        return try calibrator.run(vector, on: prompts, model: model, in: context, progress: progress)
    }

    @Test func theBandsAreWhatWasMeasured() throws {
        let found = try calibrate()
        let standard = DamageBudget.standard
        #expect(found.promptCount == 2 && found.leftOut.isEmpty)
        #expect(found.probes.map(\.strength) == found.probes.map(\.strength).sorted())
        let own = try #require(found.probes.first { $0.strength == 0 })
        #expect(own.perplexityRatio == 1 && own.divergence == 0 && own.meterShift == 0)
        for (band, sign) in [(found.negative, Float(-1)), (found.positive, 1)] {
            let side = found.probes.filter { Float($0.strength) * sign > 0 }
            let strong = band.strong * sign
            let breaking = try #require(band.breaking) * sign
            #expect(try 0 <= #require(band.safe) * sign && #require(band.safe) * sign <= strong)
            #expect(0 < strong && strong < breaking)
            let sizes = side.map { (size: Float($0.strength) * sign, share: standard.share(of: $0)) }
            #expect(try strong <= #require(sizes.map(\.size).max()))
            let kept = try #require(sizes.filter { $0.share <= 1 }.map(\.size).max())
            #expect(sizes.allSatisfy { $0.size > strong || $0.size < kept || $0.share.isFinite })
            #expect(sizes.allSatisfy { $0.size <= strong || $0.size >= breaking || $0.share <= 1 })
            #expect(side.allSatisfy { ($0.divergence ?? 0) > 0 })

            // Two prompts in five ways each; what failed lies above, and the weakest of
            // it begins the breaking.
            let proofs = found.proofs.filter { Float($0.strength) * sign > 0 }
            let proof = try #require(proofs.min { $0.strength.magnitude < $1.strength.magnitude })
            #expect(Float(proof.strength) == band.strong && standard.share(of: proof) <= 1)
            #expect(proof.answerCount == 10)
            let failed = proofs.filter { $0 != proof }
            #expect(failed.allSatisfy { standard.share(of: $0) > 1 })
            if let last = failed.map({ Float($0.strength) * sign }).min() { #expect(last == breaking) }
        }
        #expect(found.provingSamplings.count == 5)
        // Ten proving answers have an unsteered one each of their own draw, whose numbers
        // are not those of the search.
        let baseline = try #require(found.proofBaseline)
        #expect(baseline.strength == 0 && baseline.answerCount == 10 && baseline.perplexityRatio == 1)
        #expect(baseline.perplexity != own.perplexity)
        #expect(found.unmovedSides.isEmpty)
        #expect(try #require(found.swing) > 0)

        let budget = try DamageBudget(perplexityRatio: 1.2, divergence: 0.1)
        let tight = try calibrate { $0.budget = budget }
        #expect(tight.budget == budget)
        #expect(tight.positive.strong < found.positive.strong)
        #expect(tight.negative.strong > found.negative.strong)
    }

    @Test func whatCannotBeSteeredIsRefusedBeforeAnythingIsComputed() throws {
        #expect(throws: SteeringError.self) {
            try calibrate(
                { $0.layers = try? LayerSelection("1-3") },
                progress: { _, _, _ in Issue.record("work has begun") })
        }
    }

    @Test func bandsOfFewPromptsOrShortAnswersAreRemarkedOn() {
        var calibrator = Calibrator()
        #expect(calibrator.remark(promptCount: 6) == nil)
        #expect(
            calibrator.remark(promptCount: 5)?.contains("on 5 prompts and answers of at most 40 tokens")
                == true)
        calibrator.maximumTokens = 6
        #expect(
            calibrator.remark(promptCount: 2)?.contains("on 2 prompts and answers of at most 6 tokens")
                == true)
        #expect(calibrator.remark(promptCount: 12) != nil)
        calibrator.maximumTokens = 20
        #expect(calibrator.remark(promptCount: 12) == nil)
    }

    @Test func strengthsAreProvedInTheWayInWhichTheyWereFound() {
        var calibrator = Calibrator()
        calibrator.sampling.topK = 7
        #expect(calibrator.provingSamplings.map(\.topK) == [7, 7, 7, 7, 7])
        #expect(calibrator.provingSamplings.allSatisfy { $0 != calibrator.sampling })
    }

    @Test func progressCanStopACalibration() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try calibrate(progress: { _, _, label in if label == "round 1" { throw Stop() } })
        }
    }

    @Test func theUnitIsStrengthOneAtNaturalScale() throws {
        var record = ExtractionRecord(
            toolVersion: "0", method: "mean", readout: "last", scale: .unit, layers: .standard)
        record.evidence = [
            1: LayerEvidence(scale: 6, norm: 1), 2: LayerEvidence(scale: 8, norm: 2), 3: LayerEvidence(),
        ]
        let vector = try ControlVector(directions: [1: [1], 2: [2], 3: [3]], extraction: record)
        #expect(vector.naturalStrength == 6)
        #expect(try ControlVector(directions: [1: [1]]).naturalStrength == 1)
    }
}
