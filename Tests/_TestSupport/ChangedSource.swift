public import GGUF

/// SmolLM2 with other metadata: another chat template, another tokenizer, over the same weights.
public final class ChangedSource: ModelSource {
    private let file: GGUFFile
    /// The keys and values, those that were changed among them.
    public let metadata: GGUFMetadata

    /// Opens the default model's file and changes what it says.
    public init(_ change: (inout GGUFMetadata) -> Void) throws {
        file = try GGUFFile(path: smolLM2Path())
        var metadata = file.metadata
        change(&metadata)
        self.metadata = metadata
    }

    /// The default model's path.
    public var path: String { file.path }
    /// The default model's file.
    public var files: [String] { file.files }
    /// The default model's tensors.
    public var tensors: [GGUFTensorInfo] { file.tensors }
    /// The file's size.
    public var byteCount: Int { file.byteCount }
    /// The tensor of that name.
    public func tensor(_ name: String) -> GGUFTensorInfo? { file.tensor(name) }
    /// The bytes of a tensor.
    public func bytes(of tensor: GGUFTensorInfo) -> UnsafeRawBufferPointer { file.bytes(of: tensor) }
    /// Says that some bytes will not be read soon.
    public func letGo(_ bytes: UnsafeRawBufferPointer) { file.letGo(bytes) }
}
