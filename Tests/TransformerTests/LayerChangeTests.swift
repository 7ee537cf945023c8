import Conversion
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// Whether the proof of steering believes what happened, and nothing else.
@Suite struct LayerChangeTests {
    private let model: TransformerModel
    private let tokens: [TokenID] = [3, 10, 17, 24]

    init() throws {
        model = try TransformerModel(openModel(path: fixturePath("families/llama")))
    }

    private var planted: [Float] {
        (0..<model.configuration.hiddenSize).map { Float(($0 * 37) % 19) / 19 - 0.5 }
    }

    private var everywhere: [Intervention] {
        (0..<model.configuration.layerCount).map {
            Intervention(at: .residualPost(LayerIndex($0)), .add(planted))
        }
    }

    private func changes(
        _ interventions: [Intervention], rows: [Int] = [1], precision: Precision = .exact, threads: Int = 2,
        isBroken: Bool = false, losesAdditions: Bool = false
    ) throws -> [[LayerChange]] {
        let context = try InferenceContext(model, capacity: 16, threads: threads, precision: precision)
        context.ignoresInterventions = isBroken
        context.ignoresAdditions = losesAdditions
        var batch = Batch.chain(tokens, interventions: interventions)
        batch.provedRows = rows
        return try context.forward(batch).changes
    }

    @Test(arguments: [Precision.exact, .fast], [1, 3])
    func everyLayerThatIsSteeredIsProved(precision: Precision, threads: Int) throws {
        let changes = try changes(everywhere, rows: [0, 3], precision: precision, threads: threads)
        #expect(changes.count == 2)
        for row in changes {
            #expect(row.map(\.layer) == (0..<model.configuration.layerCount).map { LayerIndex($0) })
            #expect(row.allSatisfy { $0.isSteered && $0.error < 1e-5 * $0.meant }, "\(row)")
        }
    }

    @Test func anEngineThatForgetsItsInterventionsIsFoundOut() throws {
        let changes = try changes(everywhere, isBroken: true)
        #expect(changes[0].count == model.configuration.layerCount)
        #expect(changes[0].allSatisfy { !$0.isSteered && $0.error == $0.meant && $0.meant > 0 }, "\(changes)")
    }

    @Test func anEngineThatLosesWhatItAddsIsFoundOutWhereItAdds() throws {
        #expect(try changes(everywhere, losesAdditions: true)[0].allSatisfy { !$0.isSteered })
        // The norm is kept at the hook point, and what is added there goes another way.
        let kept = Intervention(at: .residualPost(1), .addKeepingNorm(planted))
        #expect(try changes([everywhere[1], kept], losesAdditions: true)[0].map(\.isSteered) == [true])
    }

    @Test func whatALaterHookDoesIsNoPartOfTheProof() throws {
        // Taken back at the entrance of the next block: the engine did what it was told where it was told.
        let taken = Intervention(at: .residualPre(1), .add(planted.map { -$0 }))
        #expect(try changes([everywhere[0], taken])[0].map(\.isSteered) == [true])
    }

    @Test func additionsAtOnePlaceAreOneChange() throws {
        let twice = [everywhere[1], everywhere[1]]
        let change = try #require(try changes(twice)[0].first)
        #expect(change.isSteered && change.layer == 1)
        let length = planted.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(change.meant - 2 * length) < 1e-5)
    }

    @Test func additionsThatCancelLeaveNothingToProve() throws {
        let back = Intervention(at: .residualPost(1), .add(planted.map { -$0 }))
        #expect(try changes([everywhere[1], back])[0].map(\.isSteered) == [true])
        let broken = try changes([everywhere[1], everywhere[1], back], isBroken: true)[0]
        #expect(broken.map(\.isSteered) == [false])
    }

    @Test(arguments: [Float(1e-12), 0])
    func aChangeBelowTheResolutionOfTheHiddenStateIsNone(factor: Float) throws {
        let tiny = Intervention(at: .residualPost(1), .add(planted.map { $0 * factor }))
        #expect(try changes([tiny])[0].map(\.isSteered) == [false])
        let small = Intervention(at: .residualPost(1), .add(planted.map { $0 * 1e-4 }))
        #expect(try changes([small])[0].map(\.isSteered) == [true])
    }

    @Test func numbersThatAreNoNumbersProveNothing() throws {
        let huge = Intervention(at: .residualPost(0), .add(planted.map { _ in .greatestFiniteMagnitude }))
        #expect(try changes([huge, huge])[0].allSatisfy(\.isSteered))
    }

    @Test func rowsWithoutAPlanAndOtherHookPointsHaveNothingToProve() throws {
        #expect(try changes([]) == [[]])
        #expect(try changes([Intervention(at: .mlpOutput(0), .add(planted))]) == [[]])
        #expect(try changes(everywhere, rows: []).isEmpty)
    }

    private var operations: [Intervention.Operation] {
        get throws {
            let axis = try Subspace(spanning: [planted])
            let plane = try Subspace(spanning: [planted, planted.reversed()])
            return [
                .addKeepingNorm(planted), .projectOut(axis, amount: 1), .projectOut(plane, amount: 0.5),
                .clamp(axis, ProjectionBounds(lower: 3), amount: 1),
                .rotate(plane, try Rotation(angle: 1)),
            ]
        }
    }

    @Test(arguments: 0..<5, [1, 3])
    func everyOperationIsProved(operation: Int, threads: Int) throws {
        let change = Intervention(at: .residualPost(1), try operations[operation])
        let steered = try #require(try changes([change], threads: threads)[0].first)
        #expect(
            steered.meant > 0.01 && steered.error < 1e-5 * steered.meant && steered.isSteered, "\(steered)")
        let broken = try #require(try changes([change], isBroken: true)[0].first)
        #expect(!broken.isSteered && abs(broken.error - steered.meant) < 1e-6 * steered.meant, "\(broken)")
    }

    @Test func operationsAtOnePlaceAreProvedInTheirOrder() throws {
        let axis = try Subspace(spanning: [planted])
        let (out, add) = (
            Intervention(at: .residualPost(1), .projectOut(axis, amount: 1)), everywhere[1]
        )
        let first = try #require(try changes([out, add])[0].first)
        let last = try #require(try changes([add, out])[0].first)
        #expect(first.isSteered && last.isSteered && abs(first.meant - last.meant) > 0.01)
    }

    @Test func whatNeedsNoChangeIsInOrder() throws {
        let wide = ProjectionBounds(lower: -1e6, upper: 1e6)
        let clamp = Intervention(
            at: .residualPost(1), .clamp(try Subspace(spanning: [planted]), wide, amount: 1))
        let change = try #require(try changes([clamp])[0].first)
        #expect(change.meant == 0 && change.isSteered)
    }

    @Test func theProofChangesNoResult() throws {
        func logits(_ rows: [Int]) throws -> HiddenStates {
            let context = try InferenceContext(model, capacity: 16, threads: 2, precision: .exact)
            var batch = Batch.chain(tokens, interventions: everywhere)
            batch.provedRows = rows
            return try context.forward(batch).logits
        }
        #expect(try logits([0]) == logits([]))
    }
}
