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
            // The search goes on to a sixteenth; the strong strength may lie lower, where the effect is as great.
            let kept = try #require(side.map { Float($0.strength) * sign }.filter { $0 < breaking }.max())
            #expect(strong <= kept && breaking - kept <= breaking / 16)
            for probe in side {
                let size = Float(probe.strength) * sign
                if size <= strong { #expect(standard.share(of: probe) <= 1) }
                if size == breaking { #expect(standard.share(of: probe) > 1) }
                #expect((probe.divergence ?? 0) > 0)
            }
            #expect(side.contains { Float($0.strength) == band.strong })
        }
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
