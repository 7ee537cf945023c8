import GGUF
import Safetensors
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// Every family against a float32 pass of a tiny random model of it.
@Suite struct ArchitectureTests {
    static let families = ["llama", "qwen2", "qwen3", "gemma3"]

    private func load(_ family: String) throws -> (TransformerModel, SafetensorsFile, [TokenID]) {
        let model = try TransformerModel(GGUFFile(path: fixturePath("architectures/\(family).gguf")))
        let golden = try SafetensorsFile(path: fixturePath("architectures/\(family).safetensors"))
        // As the script that makes the fixtures chooses them.
        let ids = (0..<24).map { TokenID(Int32((7 * $0 + 3) % 80)) }
        return (model, golden, ids)
    }

    @Test(arguments: families) func aPromptAtOnceEqualsTheReference(family: String) throws {
        let (model, golden, ids) = try load(family)
        let context = try InferenceContext(model, capacity: 32, threads: 2, precision: .exact)
        let hooks = (0..<model.configuration.layerCount).map { HookPoint.residualPost(LayerIndex($0)) }
        let output = try context.forward(.chain(ids, logits: .all, captures: Set(hooks)))
        for hook in hooks {
            let found = try #require(output.states[hook])
            expectClose(found.elements, try golden.floats(hook.name), relativeError: 1e-5, hook.name)
        }
        expectClose(output.logits.elements, try golden.floats("logits"), relativeError: 1e-5, "logits")
    }

    @Test(arguments: families) func oneTokenAtATimeEqualsTheReference(family: String) throws {
        let (model, golden, ids) = try load(family)
        let context = try InferenceContext(model, capacity: 32, threads: 2, precision: .exact)
        let expected = try golden.floats("logits")
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
