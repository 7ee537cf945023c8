import Conversion
import Foundation
import Safetensors
import Terms
import Testing
import Transformer
import _TestSupport

/// Tiny checkpoints of every family, written as GGUF files, against a float32 pass of transformers. (The
/// folders themselves are held to it by the tests of the engine.)
@Suite struct FamilyCheckpointTests {
    static let families = [
        "gemma", "gemma2", "gemma3", "gpt2", "llama", "llama-linear", "mistral", "mixtral", "phi2", "phi3",
        "qwen2", "qwen2-yarn",
        "qwen2moe", "qwen3", "qwen3moe",
    ]

    private let tokens = (0..<24).map { TokenID(Int32((7 * $0 + 3) % 80)) }

    @Test(arguments: families) func theFileThatIsMadeOfAFolderComputesWhatTransformersComputes(
        family: String
    ) throws {
        let folder = try TemporaryFolder()
        let source = try CheckpointSource(path: fixturePath("families/\(family)"))
        _ = try CheckpointConversion(source).write(to: folder.file("out.gguf"))
        try check(try TransformerModel(try openModel(path: folder.file("out.gguf"))), family)
    }

    /// What a folder may lack, its file may lack too: nothing is written that cannot be read.
    @Test(arguments: families) func aFolderThatLacksABiasIsRefusedWhereItsFileWouldBe(family: String) throws {
        let file = try SafetensorsFile(path: fixturePath("families/\(family)/model.safetensors"))
        let biases = file.tensors.map(\.name).filter { name in
            name.hasSuffix("bias") && !name.contains("layers.1") && !name.contains(".h.1")
        }
        var refused = 0
        for missing in biases {
            let folder = try TemporaryFolder()
            let configuration = URL(fileURLWithPath: fixturePath("families/\(family)/config.json"))
            try folder.write(try Data(contentsOf: configuration), to: "config.json")
            var writer = SafetensorsWriter()
            for tensor in file.tensors where tensor.name != missing {
                writer.add(
                    tensor.name, shape: tensor.shape, type: tensor.type, bytes: Array(file.bytes(of: tensor)))
            }
            try writer.write(to: folder.file("model.safetensors"))
            do {
                _ = try TransformerModel(try CheckpointSource(path: folder.path))
            } catch let error as ConversionError {
                // GPT-2's wrapper is taken off the names.
                #expect(error.kind == .missingTensor && missing.hasSuffix(error.found.dropFirst("no ".count)))
                refused += 1
            }
        }
        let isRequired = ["qwen2", "qwen2-yarn", "qwen2moe", "phi2", "gpt2"].contains(family)
        #expect(refused == (isRequired ? biases.count : 0), "\(family): \(biases)")
    }

    private func check(_ model: TransformerModel, _ family: String) throws {
        let expected = try SafetensorsFile(path: fixturePath("families/\(family)/expected.safetensors"))
        let layers = (0..<model.configuration.layerCount).map { HookPoint.residualPost(LayerIndex($0)) }
        let context = try InferenceContext(model, capacity: 64, threads: 2, precision: .exact)
        let output = try context.forward(.chain(tokens, logits: .all, captures: Set(layers)))
        for (index, layer) in layers.enumerated() {
            let states = try #require(output.states[layer])
            expectClose(
                states.elements, try expected.floats("residual_post.\(index)"), relativeError: 2e-5,
                "\(family), block \(index)")
        }
        expectClose(
            output.logits.elements, try expected.floats("logits"), relativeError: 2e-5, "\(family) logits")
    }
}
