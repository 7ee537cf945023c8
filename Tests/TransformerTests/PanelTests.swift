import CKernels
import GGUF
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// Weights that are decoded to float32, some panels of sixteen rows at a time.
@Suite struct PanelTests {
    /// A narrower matrix has more panels in work than the widest, which can be more numbers in all.
    @Test func thePanelsOfEveryMatrixHaveRoom() {
        var most = 0
        for width in 1...20_000 {
            most = max(most, ForwardPass.panelsInWork(inputs: width) * Int(TL_PANEL_ROWS) * width)
            #expect(most <= ForwardPass.panelRoom(widest: width))
        }
    }

    /// 1056 inputs take 6 panels, 1024 take 8: of 1056 numbers 6 panels are fewer than 8 of 1024.
    @Test(arguments: [1, 2]) func aPromptAtOnceEqualsOneTokenAtATimeWhereMatricesDifferInWidth(
        threads: Int
    ) throws {
        let folder = try TemporaryFolder()
        let model = try TransformerModel(
            GGUFFile(path: try Self.model(hidden: 1024, feedForward: 1056, in: folder)))
        let tokens = (0..<24).map { TokenID(Int32((7 * $0 + 3) % 40)) }
        let last = HookPoint.residualPost(LayerIndex(model.configuration.layerCount - 1))
        let context = try InferenceContext(model, capacity: 64, threads: threads, precision: .exact)
        let together = try #require(context.forward(.chain(tokens, captures: [last])).states[last])
        context.reset()
        var parent = Batch.Parent.root
        for (index, token) in tokens.enumerated() {
            let output = try context.forward(.chain([token], after: parent, captures: [last]))
            parent = .cell(output.cells[0])
            let alone = try #require(output.states[last])
            expectClose(together.row(index), alone.row(0), relativeError: 1e-5, "token \(index)")
        }
    }

    /// A Llama of two blocks with planted weights.
    private static func model(hidden: Int, feedForward: Int, in folder: TemporaryFolder) throws -> String {
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .text("llama")
        for (key, size) in [
            ("context_length", 128), ("embedding_length", hidden), ("block_count", 2),
            ("feed_forward_length", feedForward), ("attention.head_count", 2), ("attention.head_count_kv", 1),
            ("attention.key_length", 16), ("attention.value_length", 16),
        ] { metadata["llama." + key] = .uint32(UInt32(size)) }
        metadata["llama.attention.layer_norm_rms_epsilon"] = .float32(1e-6)
        metadata["tokenizer.ggml.tokens"] = .array(GGUFArray((0..<40).map { "<\($0)>" }))
        var writer = GGUFWriter(metadata)
        var random = RandomSource(seed: 7)
        func add(_ name: String, _ inputs: Int, _ outputs: Int? = nil) {
            let floats = (0..<inputs * (outputs ?? 1)).map { _ in
                outputs == nil ? 1 : Float(random.nextUnit() - 0.5) / 8
            }
            writer.add(name, shape: [inputs] + (outputs.map { [$0] } ?? []), floats: floats)
        }
        add("token_embd.weight", hidden, 40)
        add("output_norm.weight", hidden)
        for block in 0..<2 {
            add("blk.\(block).attn_norm.weight", hidden)
            add("blk.\(block).attn_q.weight", hidden, 32)
            add("blk.\(block).attn_k.weight", hidden, 16)
            add("blk.\(block).attn_v.weight", hidden, 16)
            add("blk.\(block).attn_output.weight", 32, hidden)
            add("blk.\(block).ffn_norm.weight", hidden)
            add("blk.\(block).ffn_gate.weight", hidden, feedForward)
            add("blk.\(block).ffn_up.weight", hidden, feedForward)
            add("blk.\(block).ffn_down.weight", feedForward, hidden)
        }
        let path = folder.file("m.gguf")
        try writer.write(to: path)
        return path
    }
}
