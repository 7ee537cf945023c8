import Terms
import Testing

@testable import ControlVectors

@Suite struct CompatibilityTests {
    private func compare(_ change: (inout ModelFingerprint) -> Void) throws -> Compatibility {
        let vector = try Planted.vector(model: Planted.fingerprint())
        return Compatibility(of: vector, with: Planted.fingerprint(change))
    }

    @Test func theVeryModelIsExact() throws {
        let result = try compare { _ in }
        #expect(result.grade == .exact && result.reasons.isEmpty && result.isUsable())
    }

    @Test func aRenamedFileIsStillExact() throws {
        #expect(try compare { $0.name = "renamed" }.grade == .exact)
    }

    @Test func anotherQuantisationIsTheSameWeights() throws {
        let result = try compare {
            $0.digest = "xxh64:ff"
            $0.fileType = 7
        }
        #expect(result.grade == .sameWeights && result.isUsable())
        #expect(result.reasons == ["the same norm tensors, another quantisation (Q4_K_M vs Q8_0)"])
    }

    @Test func aTemplateOrTokenizerOfItsOwnIsSaid() throws {
        #expect(try compare { $0.chatTemplateHash = nil }.reasons == ["chat templates differ"])
        #expect(try compare { $0.tokenizerHash = "x" }.reasons == ["tokenizers differ"])
        #expect(try compare { $0.tokenizerHash = "x" }.grade == .sameWeights)
    }

    @Test func otherWeightsOfTheSameShapeAreRefusedUnlessForced() throws {
        let result = try compare {
            $0.digest = "xxh64:ff"
            $0.normHash = "xxh64:ff"
        }
        #expect(result.grade == .sameShape)
        #expect(!result.isUsable() && result.isUsable(forced: true))
        #expect(result.reasons == ["other weights (the norm tensors differ)"])
    }

    @Test func withoutNormHashesOtherTensorsAreOtherWeights() throws {
        let origin = Planted.fingerprint { $0.normHash = nil }
        let model = Planted.fingerprint {
            $0.normHash = nil
            $0.digest = "xxh64:ff"
        }
        #expect(Compatibility(of: origin, with: model).grade == .sameShape)
        #expect(Compatibility(of: origin, with: origin).grade == .exact)
    }

    @Test func anotherArchitectureOrVocabularyIsOtherWeights() throws {
        #expect(try compare { $0.architecture = "llama" }.grade == .sameShape)
        #expect(
            try compare { $0.architecture = "llama" }.reasons == ["architectures differ (qwen2 vs llama)"])
        #expect(try compare { $0.vocabularySize = 1001 }.grade == .sameShape)
    }

    @Test func anotherShapeIsAlwaysRefused() throws {
        let layers = try compare { $0.layerCount = 48 }
        #expect(layers.grade == .incompatible && layers.reasons == ["layers differ (64 vs 48)"])
        let hidden = try compare { $0.hiddenSize = 5 }
        #expect(hidden.grade == .incompatible && hidden.reasons == ["hidden sizes differ (4 vs 5)"])
        #expect(!layers.isUsable(forced: true) && !hidden.isUsable(forced: true))
    }

    @Test func aVectorWithLayersThatItsOwnModelLacksIsRefused() throws {
        let vector = try Planted.vector([64: [1, 2, 3, 4]], model: Planted.fingerprint())
        #expect(Compatibility(of: vector, with: Planted.fingerprint()).grade == .incompatible)
    }

    @Test func aForeignVectorThatFitsIsUsableWithAWarning() throws {
        let vector = try ControlVector(directions: [63: [1, 2, 3, 4]], modelHint: "qwen2")
        let result = Compatibility(of: vector, with: Planted.fingerprint())
        #expect(result.grade == .sameShape && !result.isOriginKnown && result.isUsable())
        #expect(result.reasons.count == 1 && result.reasons[0].hasPrefix("unknown origin"))
    }

    @Test func aForeignHintThatDiffersIsSaidButNotRefused() throws {
        let vector = try ControlVector(directions: [1: [1, 2, 3, 4]], modelHint: "mistral")
        let result = Compatibility(of: vector, with: Planted.fingerprint())
        #expect(result.isUsable())
        #expect(result.reasons.last == "it hints at mistral, the model is qwen2")
    }

    @Test func aForeignVectorOfAnotherShapeIsRefused() throws {
        let wide = try ControlVector(directions: [1: [1, 2, 3]])
        #expect(
            Compatibility(of: wide, with: Planted.fingerprint()).reasons[0] == "hidden sizes differ (3 vs 4)")
        let deep = try ControlVector(directions: [64: [1, 2, 3, 4]])
        for vector in [wide, deep] {
            let result = Compatibility(of: vector, with: Planted.fingerprint())
            #expect(result.grade == .incompatible && !result.isUsable(forced: true))
        }
    }

    @Test func gradesGoFromTheBestToTheWorst() {
        #expect(Compatibility.Grade.allCases.sorted() == [.exact, .sameWeights, .sameShape, .incompatible])
    }
}
