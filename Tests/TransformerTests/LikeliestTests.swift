import Conversion
import GGUF
import Quantization
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// The logits of the likeliest tokens alone against all of them.
@Suite struct LikeliestTests {
    private struct Prompt: Decodable {
        let ids: [TokenID]
    }

    /// What became of a row's logits: all are there, or those of the wanted tokens are, to the last bit, and
    /// −∞ stands for the others. How many are not there.
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

    /// Every bound that a product may take: one thread and several, prefill and decode, a
    /// few tokens and many.
    @Test(arguments: [1, 3]) func smolLM2sLikeliestTokensHaveTheSameLogits(threads: Int) throws {
        let prompts = try fixture("smollm2/prompts.json", as: [Prompt].self)
        let model = try TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSaving: 0)
        let context = try InferenceContext(model, capacity: 128, threads: threads, precision: .fast)
        #expect(context.boundsLogits)
        let plain = try InferenceContext(
            TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSaving: .max), capacity: 128,
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

    /// Families whose logits are capped, have a bias or a matrix of their own; their 80 tokens are few
    /// for a bound to leave any out.
    @Test(arguments: ArchitectureTests.families, [CheckpointConversion.WeightType.q8_0, .f16, .bf16])
    func everyFamilysDo(family: String, type: CheckpointConversion.WeightType) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("converted.gguf")
        _ = try CheckpointConversion(
            CheckpointSource(path: fixturePath("families/\(family)")), as: type
        ).write(to: path)
        let model = try TransformerModel(GGUFFile(path: path), boundedSaving: 0)
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

    /// The last group has three tokens, the first windows have the fewest, and some tokens'
    /// searches look closer at once.
    @Test(arguments: [TensorType.q8_0, .q6_K, .f16, .bf16], [1, 3])
    func tokensThatFillNoGroupDo(type: TensorType, threads: Int) throws {
        let folder = try TemporaryFolder()
        let path = try Self.model(tokens: 4003, output: type, in: folder)
        let context = try InferenceContext(
            TransformerModel(GGUFFile(path: path), boundedSaving: 0), capacity: 16, threads: threads,
            precision: .fast)
        #expect(context.boundsLogits)
        let plain = try InferenceContext(
            TransformerModel(GGUFFile(path: path), boundedSaving: .max), capacity: 16, threads: threads,
            precision: .fast)
        for (wanted, besides) in [(1, []), (3, [TokenID(4000), TokenID(4002)]), (200, [])] {
            context.reset()
            plain.reset()
            var (tip, plainTip) = (Batch.Parent.root, Batch.Parent.root)
            for token in 0..<12 {
                var batch = Batch.chain([TokenID(Int32(token * 331))], after: tip)
                batch.likeliestOnly = LikeliestTokens(count: wanted, besides: Set(besides))
                let found = try context.forward(batch)
                let all = try plain.forward(.chain([TokenID(Int32(token * 331))], after: plainTip))
                let left = check(
                    found.logits.row(0), against: all.logits.row(0), wanted: wanted, besides: Set(besides))
                #expect(left > 3000)
                tip = try .cell(#require(found.cells.last))
                plainTip = try .cell(#require(all.cells.last))
            }
        }
    }

    /// A group of eight rows of 256 values in Q8_0 has 2176 bytes, and its first part 144 of 272 of them.
    @Test func ofABoundedMatrixTheFirstPartAloneCounts() throws {
        let folder = try TemporaryFolder()
        let path = try Self.model(tokens: 4003, output: .q8_0, in: folder)
        func bytesPerToken(_ boundedSaving: Int, _ precision: Precision = .fast) throws -> Int {
            try InferenceContext(
                TransformerModel(GGUFFile(path: path), boundedSaving: boundedSaving), capacity: 1, threads: 1,
                precision: precision
            ).bytesPerToken
        }
        #expect(try bytesPerToken(.max) - bytesPerToken(0) == (4003 + 7) / 8 * (2176 - 1152))
        #expect(try bytesPerToken(0, .exact) > bytesPerToken(0))
    }

    /// Before the mean column is known, with it, and after it has been taken anew; in another text, too.
    @Test(arguments: [1, 3]) func itDoesNotMatterWhetherTheMeanColumnIsKnown(threads: Int) throws {
        let context = try InferenceContext(
            TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSaving: 0), capacity: 160,
            threads: threads, precision: .fast)
        let plain = try InferenceContext(
            TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSaving: .max), capacity: 160,
            threads: threads, precision: .fast)
        var known = 0
        for text in 0..<2 {
            context.reset()
            plain.reset()
            var (tip, plainTip) = (Batch.Parent.root, Batch.Parent.root)
            for number in 0..<120 {
                let token = TokenID(Int32((number * 397 + text * 7919) % 49_152))
                var batch = Batch.chain([token], after: tip)
                batch.likeliestOnly = LikeliestTokens(count: 40)
                let found = try context.forward(batch)
                if context.knowsMeanColumn { known += 1 }
                let all = try plain.forward(.chain([token], after: plainTip))
                let left = check(found.logits.row(0), against: all.logits.row(0), wanted: 40)
                #expect(left > 40_000)
                tip = try .cell(#require(found.cells.last))
                plainTip = try .cell(#require(all.cells.last))
            }
        }
        #expect((120..<240).contains(known), "\(known)")
    }

    /// A Llama of one block with planted weights.
    private static func model(tokens: Int, output: TensorType, in folder: TemporaryFolder) throws -> String {
        let hidden = 256
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .text("llama")
        for (key, size) in [
            ("context_length", 128), ("embedding_length", hidden), ("block_count", 1),
            ("feed_forward_length", hidden), ("attention.head_count", 2), ("attention.head_count_kv", 1),
            ("attention.key_length", 16), ("attention.value_length", 16),
        ] { metadata["llama." + key] = .uint32(UInt32(size)) }
        metadata["llama.attention.layer_norm_rms_epsilon"] = .float32(1e-6)
        metadata["tokenizer.ggml.tokens"] = .array(GGUFArray((0..<tokens).map { "<\($0)>" }))
        var writer = GGUFWriter(metadata)
        var random = RandomSource(seed: 7)
        func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextUnit() - 0.5) / 8 } }
        func word(_ bits: UInt16) -> [UInt8] { [UInt8(bits & 0xFF), UInt8(bits >> 8)] }
        writer.add("token_embd.weight", shape: [hidden, tokens], floats: floats(hidden * tokens))
        writer.add("output_norm.weight", shape: [hidden], floats: .init(repeating: 1, count: hidden))
        let bytes =
            switch output {
            case .f16: floats(hidden * tokens).flatMap { word(Float16($0).bitPattern) }
            case .q6_K:
                try (0..<tokens).flatMap { _ in try encodeRow(floats(hidden), type: .q6_K) }
            case .bf16: floats(hidden * tokens).flatMap { word(UInt16($0.bitPattern >> 16)) }
            default:
                (0..<hidden / 32 * tokens).flatMap { _ in
                    word(Float16(0.001).bitPattern)
                        + floats(32).map { UInt8(bitPattern: Int8(($0 * 2000).rounded())) }
                }
            }
        writer.add("output.weight", shape: [hidden, tokens], type: output, bytes: bytes)
        for name in ["attn_norm", "ffn_norm"] {
            writer.add("blk.0.\(name).weight", shape: [hidden], floats: .init(repeating: 1, count: hidden))
        }
        for (name, inputs, outputs) in [
            ("attn_q", hidden, 32), ("attn_k", hidden, 16), ("attn_v", hidden, 16),
            ("attn_output", 32, hidden),
            ("ffn_gate", hidden, hidden), ("ffn_up", hidden, hidden), ("ffn_down", hidden, hidden),
        ] {
            writer.add("blk.0.\(name).weight", shape: [inputs, outputs], floats: floats(inputs * outputs))
        }
        let path = folder.file("m.gguf")
        try writer.write(to: path)
        return path
    }

    /// Several rows, and logits that somebody reads or changes, are computed whole.
    @Test func whatIsReadIsWhole() throws {
        let model = try TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSaving: 0)
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
        let model = try TransformerModel(GGUFFile(path: try smolLM2Path()), boundedSaving: 0)
        let context = try InferenceContext(model, capacity: 8, threads: 2, precision: .fast)
        let broken = [Float](repeating: .nan, count: model.configuration.hiddenSize)
        let last = LayerIndex(model.configuration.layerCount - 1)
        var batch = Batch.chain(
            [TokenID(5)], interventions: [Intervention(at: .residualPost(last), .add(broken))])
        batch.likeliestOnly = LikeliestTokens(count: 40)
        #expect(try context.forward(batch).logits.elements.allSatisfy(\.isNaN))
    }
}
