import GGUF
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// What an intervention changes, and what it leaves alone.
@Suite struct InterventionTests {
    let model: TransformerModel
    let tokens: [TokenID]

    init() throws {
        model = try TransformerModel(GGUFFile(path: try smolLM2Path()))
        struct Prompt: Decodable { let ids: [TokenID] }
        tokens = try fixture("smollm2/prompts.json", as: [Prompt].self)[0].ids
    }

    private var planted: [Float] {
        (0..<model.configuration.hiddenSize).map { Float(($0 * 37) % 19) - 9 }
    }

    private func run(
        _ interventions: [Intervention], precision: Precision = .exact, threads: Int = 2
    ) throws -> BatchOutput {
        let context = try InferenceContext(model, capacity: 64, threads: threads, precision: precision)
        let hooks = (0..<model.configuration.layerCount).map { HookPoint.residualPost(LayerIndex($0)) }
        return try context.forward(.chain(tokens, interventions: interventions, captures: Set(hooks)))
    }

    @Test(arguments: [LayerIndex(1), 9, 28])
    func addingAVectorAtABlockMovesTheCaptureThereByExactlyThatVector(layer: LayerIndex) throws {
        let plain = try run([])
        let steered = try run([Intervention(at: .residualPost(layer), .add(planted))])
        let before = try #require(plain.states[.residualPost(layer)])
        let after = try #require(steered.states[.residualPost(layer)])
        for row in 0..<before.rowCount {
            // The sum rounds once, so it is compared as a sum and not by a difference of large numbers.
            #expect(Array(after.row(row)) == zip(before.row(row), planted).map { $0 + $1 })
        }
        for earlier in 0..<layer.rawValue {
            let hook = HookPoint.residualPost(LayerIndex(earlier))
            #expect(steered.states[hook] == plain.states[hook], "layer \(earlier) comes before the change")
        }
        let next = HookPoint.residualPost(LayerIndex(layer.rawValue + 1))
        #expect(steered.states[next] != plain.states[next])
        #expect(steered.logits != plain.logits)
    }

    @Test(arguments: [Precision.exact, .fast])
    func anEmptyPlanIsBitIdenticalToNoPlan(precision: Precision) throws {
        let context = try InferenceContext(model, capacity: 64, threads: 2, precision: precision)
        let plain = try context.forward(.chain(tokens))
        context.reset()
        var batch = Batch.chain(tokens)
        batch.plans = [[]]
        for row in batch.rows.indices { batch.rows[row].plan = 0 }
        #expect(try context.forward(batch).logits == plain.logits)
    }

    @Test func everyHookPointIsReadWithItsOwnWidth() throws {
        let context = try InferenceContext(model, capacity: 64, threads: 2, precision: .exact)
        let hooks: [HookPoint] = [
            .embedding, .residualPre(0), .attentionOutput(3), .residualMid(3), .mlpOutput(3),
            .residualPost(3), .residualPre(4), .finalNorm, .logits,
        ]
        let output = try context.forward(.chain(tokens, logits: .all, captures: Set(hooks)))
        for hook in hooks {
            let states = try #require(output.states[hook])
            #expect(states.rowCount == tokens.count)
            #expect(states.width == (hook == .logits ? 49152 : 576))
            #expect(states.elements.contains { $0 != 0 })
        }
        #expect(output.states[.residualPre(0)] == output.states[.embedding])
        #expect(output.states[.residualPre(4)] == output.states[.residualPost(3)])
        #expect(output.states[.logits] == output.logits)
        let middle = try #require(output.states[.residualMid(3)])
        let mlp = try #require(output.states[.mlpOutput(3)])
        let post = try #require(output.states[.residualPost(3)])
        expectClose(post.elements, zip(middle.elements, mlp.elements).map { $0 + $1 }, relativeError: 1e-6)
    }

    @Test func listeningDoesNotChangeWhatIsComputed() throws {
        let context = try InferenceContext(model, capacity: 64, threads: 2, precision: .exact)
        let quiet = try context.forward(.chain(tokens))
        context.reset()
        let heard = try context.forward(
            .chain(tokens, captures: [.attentionOutput(3), .mlpOutput(7), .finalNorm]))
        // An unheard branch is added to the residual stream as it is summed up, a heard one afterwards.
        expectClose(heard.logits.elements, quiet.logits.elements, relativeError: 1e-5)
    }

    @Test(arguments: [Precision.exact, .fast])
    func oneAndSeveralThreadsGiveTheSameBits(precision: Precision) throws {
        let one = try run([], precision: precision, threads: 1)
        let two = try run([], precision: precision, threads: 2)
        let three = try run([], precision: precision, threads: 3)
        #expect(two.logits == one.logits)
        #expect(three.logits == one.logits)
    }

    @Test func rowsWithDifferentPlansInOneBatchEqualThoseOfBatchesOfTheirOwn() throws {
        let context = try InferenceContext(model, capacity: 128, threads: 2, precision: .exact)
        let plans = [[], [Intervention(at: .residualPost(9), .add(planted))]]
        var trie = BatchTrie()
        let ends = plans.indices.compactMap { trie.insert(tokens, plan: $0) }
        var rows = trie.rows
        for row in ends { rows[row].wantsLogits = true }
        let together = try context.forward(Batch(rows: rows, plans: plans))
        for plan in plans.indices {
            context.reset()
            let alone = try context.forward(.chain(tokens, interventions: plans[plan]))
            expectClose(together.logits.row(plan), alone.logits.row(0), relativeError: 1e-5, "plan \(plan)")
        }
    }

    @Test func aTrieGivesTheSameStatesAsOnePromptAtATime() throws {
        let context = try InferenceContext(model, capacity: 256, threads: 2, precision: .exact)
        let prompts = [tokens, Array(tokens.prefix(8)) + [504, 2591], Array(tokens.prefix(3)) + [1604]]
        let hooks: Set<HookPoint> = [.residualPost(1), .residualPost(15), .residualPost(29)]
        var trie = BatchTrie()
        var order: [(row: Int, prompt: Int)] = []
        for (index, prompt) in prompts.enumerated() {
            let inserted = trie.insert(prompt)
            let row = try #require(inserted)
            trie.capture(row)
            order.append((row, index))
        }
        order.sort { $0.row < $1.row }
        let together = try context.forward(Batch(rows: trie.rows, captures: hooks))
        for (place, entry) in order.enumerated() {
            context.reset()
            let alone = try context.forward(.chain(prompts[entry.prompt], logits: .none, captures: hooks))
            for hook in hooks {
                let found = try #require(together.states[hook])
                let expected = try #require(alone.states[hook])
                expectClose(
                    found.row(place), expected.row(expected.rowCount - 1), relativeError: 1e-4, hook.name)
            }
        }
    }

    @Test func aVectorOfAnotherWidthAndAForeignLayerAreRefused() throws {
        let context = try InferenceContext(model, capacity: 64, threads: 1, precision: .exact)
        #expect(throws: TransformerError.self) {
            try context.forward(
                .chain(tokens, interventions: [Intervention(at: .residualPost(3), .add([1, 2, 3]))]))
        }
        #expect(throws: TransformerError.self) {
            try context.forward(.chain(tokens, captures: [.residualPost(30)]))
        }
    }

    @Test func aMarkIsItsOwnContextsAndNoneOfRowsThatWereForgotten() throws {
        let contexts = try (0..<2).map { _ in
            try InferenceContext(model, capacity: 32, threads: 1, precision: .exact)
        }
        let first = try contexts[0].forward(.chain(tokens))
        let mark = contexts[0].mark
        #expect(contexts[0].holds(mark) && !contexts[1].holds(mark))
        contexts[0].rewind(to: mark)
        #expect(contexts[0].holds(mark) && contexts[0].freeCells == 32 - tokens.count)
        contexts[0].forget(allBut: first.cells.suffix(1))
        #expect(!contexts[0].holds(mark))
    }

    @Test func aRefusedBatchLeavesTheCacheAsItWas() throws {
        let context = try InferenceContext(model, capacity: 20, threads: 1, precision: .exact)
        let first = try context.forward(.chain(tokens))
        #expect(throws: TransformerError.contextOverflow(needed: 34, capacity: 20)) {
            try context.forward(.chain(tokens))
        }
        #expect(throws: TransformerError.unknownToken(49152, vocabularySize: 49152)) {
            try context.forward(.chain([49152]))
        }
        let tip = try #require(first.cells.last)
        let next = try context.forward(.chain([16721], after: .cell(tip)))
        #expect(next.logits.rowCount == 1)
    }
}
