import Generation
import Terms
import Testing
import _TestSupport

@testable import Steering
@testable import Transformer

@Suite struct PlantedProofTests {
    private func proof(isBroken: Bool = false, losesAdditions: Bool = false) throws -> PlantedProof {
        let context = try InferenceContext(
            DefaultModel.open().transformer, capacity: 1, threads: 2, precision: .fast, repacks: false)
        context.ignoresInterventions = isBroken
        context.ignoresAdditions = losesAdditions
        return try PlantedProof([1, 29, 15], in: context)
    }

    @Test func blockKChangesAtKAndNotBefore() throws {
        let proof = try proof()
        #expect(proof.findings.map(\.layer) == [1, 15, 29])
        #expect(proof.failures.isEmpty && proof.findings.allSatisfy { $0.changedBefore.isEmpty })
    }

    @Test func anEngineThatDoesNotSteerFailsEverywhere() throws {
        #expect(try proof(isBroken: true).failures.map(\.layer) == [1, 15, 29])
    }

    /// Answers are steered with the block's last product, and not where its output is read.
    @Test func anEngineThatSteersOnlyWhereItIsReadFailsEverywhere() throws {
        #expect(try proof(losesAdditions: true).failures.map(\.layer) == [1, 15, 29])
    }

    @Test func aChangeOfAnEarlierBlockFails() {
        let finding = PlantedProof.Finding(layer: 3, changesItsLayer: true, changedBefore: [2])
        #expect(!finding.holds)
    }
}
