import Conversion
import GGUF
import Quantization
import Safetensors
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// Every family against what transformers computes with a tiny random checkpoint of it.
@Suite struct ArchitectureTests {
    static let families = [
        "llama", "llama-linear", "mistral", "mixtral", "qwen2", "qwen2-yarn", "qwen3", "qwen2moe", "qwen3moe",
        "gemma", "gemma2", "gemma3", "phi2", "phi3", "gpt2",
    ]

    /// As the script that makes the fixtures chooses them.
    private let ids = (0..<24).map { TokenID(Int32((7 * $0 + 3) % 80)) }

    private func model(_ family: String) throws -> TransformerModel {
        try TransformerModel(CheckpointSource(path: fixturePath("families/\(family)")))
    }

    private func golden(_ family: String) throws -> SafetensorsFile {
        try SafetensorsFile(path: fixturePath("families/\(family)/expected.safetensors"))
    }

    private func blockOutputs(of model: TransformerModel) -> [HookPoint] {
        (0..<model.configuration.layerCount).map { HookPoint.residualPost(LayerIndex($0)) }
    }

    @Test(arguments: families) func aPromptAtOnceEqualsTheReference(family: String) throws {
        let (model, golden) = (try model(family), try golden(family))
        let context = try InferenceContext(model, capacity: 32, threads: 2, precision: .exact)
        let hooks = blockOutputs(of: model)
        let output = try context.forward(.chain(ids, logits: .all, captures: Set(hooks)))
        for hook in hooks {
            let found = try #require(output.states[hook])
            expectClose(found.elements, try golden.floats(hook.name), relativeError: 1e-5, hook.name)
        }
        expectClose(output.logits.elements, try golden.floats("logits"), relativeError: 1e-5, "logits")
    }

    /// As the file has them: all but embeddings that are looked up alone, and of experts those that are used.
    @Test(arguments: families) func aTokenReadsTheMatricesThatItMeets(family: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("converted.gguf")
        _ = try CheckpointConversion(
            CheckpointSource(path: fixturePath("families/\(family)")), as: .f16
        ).write(to: path)
        let file = try GGUFFile(path: path)
        let model = try TransformerModel(file)
        let experts = model.configuration.experts
        let hasOutput = file.tensors.contains { $0.name == "output.weight" }
        let expected = file.tensors.reduce(0) { total, tensor in
            let isLookedUp =
                tensor.name == "position_embd.weight" || tensor.name == "token_embd.weight" && hasOutput
            guard tensor.shape.count(where: { $0 > 1 }) > 1, !isLookedUp else { return total }
            let share =
                tensor.name.contains("_exps.") ? (experts?.usedCount ?? 0, experts?.count ?? 1) : (1, 1)
            return total + tensor.byteCount * share.0 / share.1
        }
        let context = try InferenceContext(model, capacity: 1, threads: 1, precision: .exact)
        #expect(context.bytesPerToken == expected)
    }

    @Test(arguments: families) func oneTokenAtATimeEqualsTheReference(family: String) throws {
        let model = try model(family)
        let context = try InferenceContext(model, capacity: 32, threads: 2, precision: .exact)
        let expected = try golden(family).floats("logits")
        let width = model.configuration.vocabularySize
        var parent = Batch.Parent.root
        for (index, token) in ids.enumerated() {
            let output = try context.forward(.chain([token], after: parent))
            parent = .cell(output.cells[0])
            expectClose(
                output.logits.row(0), expected[index * width..<(index + 1) * width], relativeError: 1e-5,
                "token \(index)")
        }
    }

    @Test(arguments: families) func theFastPathStaysClose(family: String) throws {
        let context = try InferenceContext(try model(family), capacity: 32, threads: 2, precision: .fast)
        let output = try context.forward(.chain(ids, logits: .all))
        // Weights, of bfloat16, are rounded to twelve bits below the largest of 32; keys
        // and values to float16.
        expectClose(
            output.logits.elements, try golden(family).floats("logits"), relativeError: 3e-3, "logits")
    }

    /// Where all rows are read none is left out of the end of the last block. Steering at that
    /// end reaches a row either way.
    @Test(arguments: families, [Precision.exact, .fast])
    func theLastRowHasTheSameBitsWhoeverElseIsRead(family: String, precision: Precision) throws {
        let model = try model(family)
        let last = LayerIndex(model.configuration.layerCount - 1)
        let planted = (0..<model.configuration.hiddenSize).map { Float(($0 * 37) % 19) - 9 }
        for repacks in [true, false] {
            let context = try InferenceContext(
                model, capacity: 32, threads: 2, precision: precision, repacks: repacks)
            for hook in [HookPoint.residualMid(last), .residualPost(last)] {
                for count in [2, 4, 5, 24] {
                    let steering = Intervention(at: hook, .add(planted))
                    var alone = Batch.chain(ids[..<count], interventions: [steering])
                    context.reset()
                    let found = try context.forward(alone)
                    alone.captures = [.embedding]
                    for row in alone.rows.indices { alone.rows[row].isCaptured = true }
                    context.reset()
                    let expected = try context.forward(alone)
                    #expect(found.logits == expected.logits, "\(hook.name), \(count) rows")
                }
            }
        }
    }

    @Test(arguments: families) func everyHookPointReadsAndChangesWhatItNames(family: String) throws {
        let model = try model(family)
        let last = LayerIndex(model.configuration.layerCount - 1)
        let hooks: [HookPoint] = [
            .embedding, .residualPre(0), .attentionOutput(0), .residualMid(0), .mlpOutput(0),
            .residualPost(0),
            .residualPre(last), .attentionOutput(last), .residualMid(last), .mlpOutput(last),
            .residualPost(last), .finalNorm, .logits,
        ]
        let context = try InferenceContext(model, capacity: 32, threads: 2, precision: .exact)
        func run(_ interventions: [Intervention]) throws -> BatchOutput {
            context.reset()
            return try context.forward(
                .chain(ids, interventions: interventions, logits: .all, captures: Set(hooks)))
        }
        let plain = try run([])
        for (place, hook) in hooks.enumerated() {
            let planted = (0..<model.width(of: hook)).map { Float(($0 * 37) % 19) - 9 }
            let steered = try run([Intervention(at: hook, .add(planted))])
            let (before, after) = (try #require(plain.states[hook]), try #require(steered.states[hook]))
            for row in 0..<before.rowCount {
                #expect(
                    Array(after.row(row)) == zip(before.row(row), planted).map { $0 + $1 }, "\(hook.name)")
            }
            for earlier in hooks[..<place] {
                #expect(
                    steered.states[earlier] == plain.states[earlier], "\(hook.name) before \(earlier.name)")
            }
            #expect(steered.logits != plain.logits, "\(hook.name) does not reach the logits")
        }
    }

    @Test(arguments: families) func branchesOfATrieEqualEachTextAlone(family: String) throws {
        let model = try model(family)
        let texts = [ids, Array(ids[..<10]) + ids[..<8].reversed(), Array(ids[..<3]) + ids[12...]]
        let context = try InferenceContext(model, capacity: 80, threads: 2, precision: .exact)
        var batch = Batch()
        var places: [[TokenID]: Int] = [:]
        for text in texts {
            for end in 1...text.count where places[Array(text[..<end])] == nil {
                let parent = places[Array(text[..<(end - 1)])]
                places[Array(text[..<end])] = batch.rows.count
                batch.rows.append(
                    .init(
                        text[end - 1], after: parent.map(Batch.Parent.row) ?? .root,
                        wantsLogits: end == text.count))
            }
        }
        let together = try context.forward(batch)
        let order = texts.sorted { (places[$0] ?? 0) < (places[$1] ?? 0) }
        for (row, text) in order.enumerated() {
            context.reset()
            let alone = try context.forward(.chain(text))
            expectClose(
                Array(together.logits.row(row)), Array(alone.logits.row(0)), relativeError: 1e-5, family)
        }
    }

    @Test func shortTextsOfPhi3KeepTheShortFactors() throws {
        let (model, golden) = (try model("phi3"), try golden("phi3"))
        // 16 tokens are the context of its first training.
        let short = try InferenceContext(model, capacity: 16, threads: 1, precision: .exact)
        let output = try short.forward(.chain(ids[..<12], logits: .all))
        expectClose(output.logits.elements, try golden.floats("short.logits"), relativeError: 1e-5, "short")
        let several = try InferenceContext(
            model, capacity: 64, threads: 1, precision: .exact, textLimit: 16)
        #expect(try several.forward(.chain(ids[..<12], logits: .all)).logits == output.logits)
        #expect(throws: TransformerError.contextOverflow(needed: 24, capacity: 16)) {
            try several.forward(.chain(ids))
        }
    }

    @Test func learnedPositionsEnd() throws {
        let context = try InferenceContext(
            try model("gpt2"), capacity: 100, threads: 1, precision: .exact)
        let error = #expect(throws: TransformerError.noFurtherPositions(needed: 65, positions: 64)) {
            try context.forward(.chain(Array(repeating: 1, count: 65)))
        }
        #expect(error?.code == "contextOverflow" && error?.remedy?.contains("-c") == false)
    }

    @Test func anUnknownFamilyIsRefusedByNameWithTheKnownOnes() throws {
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .text("mamba")
        let folder = try TemporaryFolder()
        let path = folder.path + "/mamba.gguf"
        try GGUFWriter(metadata).write(to: path)
        let file = try GGUFFile(path: path)
        #expect(
            throws: TransformerError.unknownArchitecture(
                file: path, found: "mamba", known: Architecture.known.map(\.name))
        ) { try TransformerModel(file) }
    }
}
