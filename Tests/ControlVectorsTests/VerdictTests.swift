import GGUF
import Terms
import Testing
import _TestSupport

@testable import ControlVectors

@Suite struct VerdictTests {
    private func evidence(
        estimator: String = "mean", accuracy: Double = 0.95, low: Double = 0.85, auc: Double = 0.9,
        persona: Double? = 0.9, cosine: Double = 0.9, heldOut: Double = 20
    ) -> LayerEvidence {
        LayerEvidence(
            estimator: estimator, pairAccuracy: accuracy, cosineToMean: cosine,
            accuracyInterval: low...max(low, 0.99), auc: auc, aucInterval: 0.5...1, personaAccuracy: persona,
            heldOutPairs: heldOut)
    }

    @Test func eachRuleHasItsVerdictAndItsNumber() {
        #expect(evidence().assessment == Assessment(verdict: .steerable, reason: ""))
        let cases: [(LayerEvidence, Verdict, String)] = [
            (evidence(estimator: "random"), .not, "control"), (evidence(accuracy: 0.55), .not, "55%"),
            (evidence(low: 0.48), .not, "48%"), (evidence(persona: 0.25), .not, "25%"),
            (evidence(estimator: "pca", cosine: 0.4), .not, "0.4"), (evidence(cosine: -0.05), .not, "0.05"),
            (evidence(accuracy: 0.75), .marginal, "75%"), (evidence(low: 0.55), .marginal, "55%"),
            (evidence(persona: 0.65), .marginal, "65%"), (evidence(auc: 0.6), .marginal, "AUC 0.60:"),
            (evidence(heldOut: 0), .marginal, "held out"),
        ]
        for (evidence, verdict, words) in cases {
            #expect(evidence.assessment?.verdict == verdict, "\(words)")
            #expect(
                evidence.assessment?.reason.contains(words) == true, "\(evidence.assessment?.reason ?? "")")
        }
        #expect(evidence(low: 0.48).assessment?.reason.contains("of unseen pairs") == true)
        #expect(
            evidence(low: 0.48, heldOut: 0).assessment?.reason.contains("of the pairs of the fit") == true)
        #expect(LayerEvidence(pairAccuracy: 1).assessment == nil)
    }

    @Test func aVectorHasTheVerdictOfItsMedianLayer() {
        func verdict(_ layers: [LayerEvidence]) -> Verdict? {
            var record = Planted.record()
            record.evidence = Dictionary(
                uniqueKeysWithValues: layers.enumerated().map { (LayerIndex($0 + 1), $1) })
            return record.assessment?.verdict
        }
        let (good, fair, bad) = (evidence(), evidence(auc: 0.6), evidence(accuracy: 0.5))
        #expect(verdict([good, good, bad]) == .steerable)
        #expect(verdict([good, bad]) == .steerable)
        #expect(verdict([good, fair, bad]) == .marginal)
        #expect(verdict([bad, bad, good]) == .not)
        #expect(verdict([good, LayerEvidence()]) == nil)
    }

    @Test func aVectorsReasonIsThatOfMostOfItsLayers() {
        func reason(_ layers: [LayerEvidence]) -> String? {
            var record = Planted.record()
            record.evidence = Dictionary(
                uniqueKeysWithValues: layers.enumerated().map { (LayerIndex($0 + 1), $1) })
            return record.assessment?.reason
        }
        let (area, pairs, persona) = (evidence(auc: 0.6), evidence(accuracy: 0.75), evidence(persona: 0.65))
        #expect(
            reason([evidence(), area, pairs, evidence(accuracy: 0.7), pairs])
                == "1 of 5 layers are steerable; layer 3 (2 more are like it): separates 75% (85% to 99%) of unseen pairs"
        )
        // As many of either: that of the earlier layers. One alone needs no count.
        #expect(
            reason([area, persona, persona, area])
                == "0 of 4 layers are steerable; layer 1 (1 more is like it): AUC 0.60: topics hide the trait"
        )
        #expect(
            reason([evidence(), area, evidence(accuracy: 0.5)])
                == "1 of 3 layers are steerable; layer 2: AUC 0.60: topics hide the trait")
    }

    @Test func numbersInSentencesHaveTheFormOfTables() {
        #expect(
            [0, 0.052, 0.0996, 0.5, 1].map(EvidenceNumber.percent) == ["0.0%", "5.2%", "10%", "50%", "100%"])
        #expect(
            [0.6, -0.05, -0.001, 1, 0.996].map(EvidenceNumber.hundredths) == [
                "0.60", "-0.05", "0.00", "1.00", "1.00",
            ])
        #expect(EvidenceNumber.hundredths(.nan) == "nan")
    }

    @Test func componentsAreKeysAndNoTensors() throws {
        var vector = try Planted.vector(model: Planted.fingerprint())
        let layer = vector.layers[0]
        vector.components = [layer: [[1, 0, 0, 0], [0, 1, 0, 0]]]
        let folder = try TemporaryFolder()
        try vector.write(to: folder.file("v.gguf"))
        let file = try GGUFFile(path: folder.file("v.gguf"))
        #expect(file.tensors.count == vector.layers.count)
        #expect(try file.metadata.floatArray("tiller.component.3.\(layer)") == [0, 1, 0, 0])
        #expect(try ControlVector(path: folder.file("v.gguf")) == vector)
    }
}
