import Conversion
import GGUF
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// The logits of the likeliest tokens alone against all of them.
@Suite struct LikeliestTests {
    private struct Prompt: Decodable {
        let ids: [TokenID]
    }

    /// What became of a row's logits: those of the wanted tokens are there to the last bit, and all others are or are −∞.
    private func check(_ found: ArraySlice<Float>, against all: ArraySlice<Float>, wanted: Int) -> Int {
        let least = all.sorted(by: >)[wanted - 1]
        #expect(zip(found, all).allSatisfy { $0 == $1 || $0 == -.infinity && $1 < least })
        return found.count { $0 == -.infinity }
    }

    /// Every bound that a product may take: one thread and several, prefill and decode, a few tokens and many.
    @Test(arguments: [1, 3]) func smolLM2sLikeliestTokensHaveTheSameLogits(threads: Int) throws {
        let prompts = try fixture("smollm2/prompts.json", as: [Prompt].self)
        let model = try TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSize: 0)
        let context = try InferenceContext(model, capacity: 128, threads: threads, precision: .fast)
        #expect(context.boundsLogits)
        let plain = try InferenceContext(
            TransformerModel(GGUFFile(path: try smolLM2Path())), capacity: 128, threads: threads,
            precision: .fast)
        #expect(!plain.boundsLogits)
        for prompt in prompts {
            for wanted in [1, 40, LikeliestScratch.mostWanted, LikeliestScratch.mostWanted + 1] {
                context.reset()
                plain.reset()
                var (tip, plainTip) = (Batch.Parent.root, Batch.Parent.root)
                // The prompt's beginning at once, its end token by token.
                let cut = prompt.ids.count - 4
                for tokens in [Array(prompt.ids[..<cut])] + prompt.ids[cut...].map({ [$0] }) {
                    var batch = Batch.chain(tokens, after: tip)
                    batch.likeliestOnly = wanted
                    let found = try context.forward(batch)
                    let all = try plain.forward(.chain(tokens, after: plainTip))
                    let left = check(found.logits.row(0), against: all.logits.row(0), wanted: wanted)
                    #expect((left > 0) == (wanted <= LikeliestScratch.mostWanted), "\(left) of \(wanted)")
                    if wanted == 1 { #expect(left > found.logits.width * 9 / 10) }
                    tip = try .cell(#require(found.cells.last))
                    plainTip = try .cell(#require(all.cells.last))
                }
            }
        }
    }

    /// Families whose logits are capped, have a bias or a matrix of their own; their 80 tokens are few for a bound to leave any out.
    @Test(arguments: ArchitectureTests.families) func everyFamilysDo(family: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("q8.gguf")
        _ = try CheckpointConversion(
            CheckpointSource(path: fixturePath("families/\(family)")), as: .q8_0
        ).write(to: path)
        let model = try TransformerModel(GGUFFile(path: path), boundedSize: 0)
        let context = try InferenceContext(model, capacity: 32, threads: 2, precision: .fast)
        #expect(context.boundsLogits == (family != "phi2"))
        let tokens = (0..<24).map { TokenID(Int32((7 * $0 + 3) % 80)) }
        var left = 0
        for wanted in [1, 2, 7] {
            var batch = Batch.chain(tokens)
            context.reset()
            let all = try context.forward(batch).logits.row(0)
            batch.likeliestOnly = wanted
            context.reset()
            left += check(try context.forward(batch).logits.row(0), against: all, wanted: wanted)
        }
        #expect(family == "phi2" ? left == 0 : left > 0)
    }

    /// Several rows, and logits that somebody reads or changes, are computed whole.
    @Test func whatIsReadIsWhole() throws {
        let model = try TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSize: 0)
        let context = try InferenceContext(model, capacity: 32, threads: 2, precision: .fast)
        let tokens = (1...4).map { TokenID(Int32($0 * 1000)) }
        var several = Batch.chain(tokens, logits: .all)
        several.likeliestOnly = 1
        var read = Batch.chain(tokens, captures: [.logits])
        read.rows[0].wantsLogits = true
        read.likeliestOnly = 1
        for row in 1..<3 { read.rows[row].isCaptured = false }
        for batch in [several, read] {
            context.reset()
            #expect(try context.forward(batch).logits.elements.allSatisfy(\.isFinite))
        }
    }

    /// A model that has broken says so: what is not a number is not left out.
    @Test func whatIsNotANumberIsSeen() throws {
        let model = try TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSize: 0)
        let context = try InferenceContext(model, capacity: 8, threads: 2, precision: .fast)
        let broken = [Float](repeating: .nan, count: model.configuration.hiddenSize)
        let last = LayerIndex(model.configuration.layerCount - 1)
        var batch = Batch.chain(
            [TokenID(5)], interventions: [Intervention(at: .residualPost(last), .add(broken))])
        batch.likeliestOnly = 40
        #expect(try context.forward(batch).logits.elements.allSatisfy { !$0.isFinite })
    }
}
