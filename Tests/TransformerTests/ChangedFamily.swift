import Conversion
import GGUF
import _TestSupport

@testable import Transformer

/// A family's converted fixture whose keys have been changed.
func changedFamily(
    _ family: String, _ change: (inout GGUFMetadata) -> Void
) throws -> TransformerModel {
    let folder = try TemporaryFolder()
    let path = folder.file("converted.gguf")
    _ = try CheckpointConversion(
        CheckpointSource(path: fixturePath("families/\(family)")), as: .f32
    ).write(to: path)
    let file = try GGUFFile(path: path)
    var metadata = file.metadata
    change(&metadata)
    var writer = GGUFWriter(metadata)
    for tensor in file.tensors { writer.add(tensor, from: file) }
    try writer.write(to: folder.file("changed.gguf"))
    return try TransformerModel(GGUFFile(path: folder.file("changed.gguf")))
}
