import Terms
import Testing

@testable import ControlVectors

@Suite struct SharedProvenanceTests {
    private func vector(
        _ producer: VectorOrigin.Producer? = nil, layers: [LayerIndex] = [1, 2], hint: String = "qwen2",
        shift: Int = 0
    ) throws -> ControlVector {
        var directions: [LayerIndex: [Float]] = [:]
        for layer in layers { directions[layer] = [1, 2, 3, 4] }
        var vector = try ControlVector(
            directions: directions, modelHint: hint,
            fingerprint: producer == nil ? Planted.fingerprint() : nil)
        vector.origin = producer.map { VectorOrigin($0, shift: shift) }
        return vector
    }

    private func provenance(_ vectors: [ControlVector]) throws -> SharedProvenance {
        try SharedProvenance(of: vectors, paths: vectors.indices.map { "\($0).gguf" })
    }

    @Test func vectorsOfOneModelGiveOneOfIt() throws {
        let found = try provenance([vector(), vector()])
        #expect(found.fingerprint == Planted.fingerprint() && found.origin == nil && found.warnings.isEmpty)
        let sum = try found.marking(vector() + vector())
        #expect(sum.fingerprint == Planted.fingerprint() && sum.modelHint == "qwen2")
    }

    @Test func aVectorOfOursThatWasMovedActsElsewhere() throws {
        let whole = try vector()
        var moved = try whole.shifted(by: 1)
        moved.derivation = .shift(.init(whole, path: "happy.gguf"), layers: 1)
        let found = try provenance([whole, moved])
        #expect(found.warnings.count == 1)
        #expect(found.warnings.first?.hasPrefix("1.gguf: its directions act 1 block after") == true)
        #expect(try provenance([moved, moved]).warnings.isEmpty)
    }

    @Test func aVectorOfUnknownOriginLeavesTheResultWithoutAModel() throws {
        let found = try provenance([vector(), vector(.repeng)])
        #expect(found.fingerprint == nil && found.origin == nil)
        #expect(found.warnings.count == 1 && found.warnings.first?.hasPrefix("1.gguf: ") == true)
        #expect(try found.marking(vector() + vector(.repeng)).fingerprint == nil)
    }

    @Test func latenessIsKeptWhereAllAgreeAndToldWhereTheyDiffer() throws {
        let late = try provenance([vector(.llamaCpp), vector(.llamaCpp)])
        #expect(late.origin == VectorOrigin(.llamaCpp) && late.warnings.isEmpty)
        #expect(try late.marking(vector(.llamaCpp)).origin?.lateness == 1)
        #expect(try provenance([vector(.jukofyork), vector(.llamaCpp)]).origin?.lateness == 1)
        let mixed = try provenance([vector(.repeng), vector(.llamaCpp)])
        #expect(mixed.origin == nil)
        #expect(
            mixed.warnings.count == 1
                && mixed.warnings[0].hasPrefix("1.gguf: its directions act 1 block after"))
        #expect(try provenance([vector(.repeng), vector(.llamaCpp, shift: -1)]).warnings.isEmpty)
        #expect(try provenance([vector(.repeng), vector(.unknown)]).warnings.count == 1)
    }

    @Test func everyPairOfVectorsAndEveryLayerIsChecked() throws {
        // The first and the last do not know each other, and the one between knows neither.
        #expect(throws: ControlVectorError.self) {
            try provenance([vector(.repeng, hint: "llama"), vector(.repeng, hint: ""), vector(.repeng)])
        }
        let error = #expect(throws: ControlVectorError.self) {
            try provenance([vector(.repeng, layers: [63, 64]), vector()])
        }
        #expect(
            error?.code == "differentModels"
                && error?.message.contains("0.gguf has a direction for layer 64") == true)
        #expect(try provenance([vector(.repeng, layers: [63]), vector()]).fingerprint == nil)
    }
}
