import Conversion
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// Prompts of more rows than pass through the model at once.
@Suite struct LongPromptTests {
    let model: TransformerModel
    let tokens = (0..<1100).map { TokenID(Int32(($0 * $0 + 3) % 80)) }

    init() throws {
        model = try TransformerModel(CheckpointSource(path: fixturePath("families/llama")))
    }

    @Test(arguments: [511, 512, 513, 1100], [Precision.exact, .fast])
    func theLastRowIsTheSameWhateverElseIsRead(count: Int, precision: Precision) throws {
        let context = try InferenceContext(model, capacity: 1100, threads: 2, precision: precision)
        let hook = HookPoint.residualPost(1)
        var last = Batch.chain(tokens.prefix(count), captures: [hook])
        for row in last.rows.indices.dropLast() { last.rows[row].isCaptured = false }
        let alone = try context.forward(last)
        context.reset()
        let all = try context.forward(.chain(tokens.prefix(count), logits: .all, captures: [hook]))
        let expected = try #require(all.states[hook])
        expectClose(
            try #require(alone.states[hook]).row(0), expected.row(count - 1), relativeError: 1e-5, "state")
        expectClose(alone.logits.row(0), all.logits.row(count - 1), relativeError: 1e-5, "logits")
    }

    @Test func aTextInSeveralBatchesEqualsTheTextInOne() throws {
        let context = try InferenceContext(model, capacity: 1100, threads: 2, precision: .exact)
        let whole = try context.forward(.chain(tokens))
        context.reset()
        let start = try context.forward(.chain(tokens.prefix(300), logits: .none))
        let tip = try #require(start.cells.last)
        let rest = try context.forward(.chain(tokens.dropFirst(300), after: .cell(tip)))
        expectClose(rest.logits.row(0), whole.logits.row(0), relativeError: 1e-5)
    }

    @Test func aBatchThatEndsEarlyCannotBeFollowedByADeeperOne() throws {
        let context = try InferenceContext(model, capacity: 64, threads: 1, precision: .exact)
        var shallow = Batch.chain(tokens.prefix(8), logits: .none, captures: [.residualPost(0)])
        shallow.lastLayer = 0
        let output = try context.forward(shallow)
        let tip = try #require(output.cells.last)
        #expect(throws: TransformerError.shallowParent(row: 0, layers: 1, needed: 2)) {
            try context.forward(.chain(tokens.prefix(2), after: .cell(tip)))
        }
        shallow.captures = [.residualPost(1)]
        #expect(throws: TransformerError.self) { try context.forward(shallow) }
    }

    @Test func capturesAreCheckedEvenWhereNoRowIsRead() throws {
        let context = try InferenceContext(model, capacity: 64, threads: 1, precision: .exact)
        let rows = [Batch.Row(1, after: .root)]
        #expect(throws: TransformerError.self) {
            try context.forward(Batch(rows: rows, captures: [.residualPost(99)]))
        }
        #expect(throws: TransformerError.self) {
            try context.forward(.chain(tokens.prefix(4), captures: [.logits]))
        }
    }

    @Test func moreMemoryThanThereIsIsAnError() throws {
        #expect(throws: TransformerError.self) {
            try FloatBuffer(count: 1 << 40, 1 << 40)
        }
        #expect(throws: TransformerError.outOfMemory(bytes: 1 << 55)) { try FloatBuffer(count: 1 << 53) }
    }
}
