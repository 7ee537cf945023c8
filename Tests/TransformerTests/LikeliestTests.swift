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

    /// What became of a row's logits: all are there, or those of the wanted tokens are, to the last bit, and −∞ stands for the others. How
    /// many are not there.
    private func check(
        _ found: ArraySlice<Float>, against all: ArraySlice<Float>, wanted: Int, besides: Set<TokenID> = []
    ) -> Int {
        let isNamed = all.indices.map { besides.contains(TokenID(Int32($0 - all.startIndex))) }
        let least = zip(all, isNamed).filter { !$1 }.map(\.0).sorted(by: >)[wanted - 1]
        let left = found.count { $0 == -.infinity }
        #expect(
            zip(isNamed, zip(found, all)).allSatisfy { isNamed, logit in
                logit.0 == (isNamed || left == 0 || logit.1 >= least ? logit.1 : -.infinity)
            })
        return left
    }

    /// Every bound that a product may take: one thread and several, prefill and decode, a few tokens and many.
    @Test(arguments: [1, 3]) func smolLM2sLikeliestTokensHaveTheSameLogits(threads: Int) throws {
        let prompts = try fixture("smollm2/prompts.json", as: [Prompt].self)
        let model = try TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSize: 0)
        let context = try InferenceContext(model, capacity: 128, threads: threads, precision: .fast)
        #expect(context.boundsLogits)
        let plain = try InferenceContext(
            TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSize: .max), capacity: 128,
            threads: threads,
            precision: .fast)
        #expect(!plain.boundsLogits)
        for prompt in prompts {
            let repeated = Set(prompt.ids).union([0, 49_151].map { TokenID($0) })
            for (wanted, besides) in [
                (1, Set()), (40, repeated), (LikeliestScratch.mostWanted, Set()),
                (LikeliestScratch.mostWanted + 1, repeated),
            ] {
                context.reset()
                plain.reset()
                var (tip, plainTip) = (Batch.Parent.root, Batch.Parent.root)
                // The prompt's beginning at once, its end token by token.
                let cut = prompt.ids.count - 4
                for tokens in [Array(prompt.ids[..<cut])] + prompt.ids[cut...].map({ [$0] }) {
                    var batch = Batch.chain(tokens, after: tip)
                    batch.likeliestOnly = LikeliestTokens(count: wanted, besides: besides)
                    let found = try context.forward(batch)
                    let all = try plain.forward(.chain(tokens, after: plainTip))
                    let left = check(
                        found.logits.row(0), against: all.logits.row(0), wanted: wanted, besides: besides)
                    #expect((left > 0) == (wanted <= LikeliestScratch.mostWanted), "\(left) of \(wanted)")
                    if wanted == 1 { #expect(left > found.logits.width * 9 / 10) }
                    tip = try .cell(#require(found.cells.last))
                    plainTip = try .cell(#require(all.cells.last))
                }
            }
        }
    }

    /// Families whose logits are capped, have a bias or a matrix of their own; their 80 tokens are few for a bound to leave any out.
    @Test(arguments: ArchitectureTests.families, [CheckpointConversion.WeightType.q8_0, .f16, .bf16])
    func everyFamilysDo(family: String, type: CheckpointConversion.WeightType) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("converted.gguf")
        _ = try CheckpointConversion(
            CheckpointSource(path: fixturePath("families/\(family)")), as: type
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
            batch.likeliestOnly = LikeliestTokens(count: wanted)
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
        several.likeliestOnly = LikeliestTokens(count: 1)
        var read = Batch.chain(tokens, captures: [.logits])
        read.rows[0].wantsLogits = true
        read.likeliestOnly = LikeliestTokens(count: 1)
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
        batch.likeliestOnly = LikeliestTokens(count: 40)
        #expect(try context.forward(batch).logits.elements.allSatisfy { !$0.isFinite })
    }
}
