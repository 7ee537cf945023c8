import GGUF
import Terms
import _TestSupport

/// A model of the fixtures in two parts.
struct SplitTinyModel {
    /// The parts' names, in their order.
    let names = ["tiny-00001-of-00002.gguf", "tiny-00002-of-00002.gguf"]

    init(in folder: TemporaryFolder) throws {
        let models = try TemporaryFolder()
        let whole = models.file("llama.gguf")
        _ = try TillerProcess([
            "convert", fixturePath("families/llama"), "-o", whole, "--type", "f32", "--no-tokenizer",
        ])
        let file = try GGUFFile(path: whole)
        for (part, name) in names.enumerated() {
            var writer = GGUFWriter(part == 0 ? file.metadata : GGUFMetadata())
            writer.metadata["split.no"] = .uint16(UInt16(part))
            writer.metadata["split.count"] = .uint16(2)
            writer.metadata["split.tensors.count"] = .int32(Int32(file.tensors.count))
            for tensor in file.tensors where (tensor.name == file.tensors[0].name) == (part == 0) {
                writer.add(tensor.name, shape: tensor.shape, type: tensor.type) { output in
                    try output.write(file.bytes(of: tensor))
                }
            }
            try writer.write(to: folder.file(name))
        }
    }
}
