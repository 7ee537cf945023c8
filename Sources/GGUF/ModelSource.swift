/// What a model is read from: metadata and tensors under the keys and names that a GGUF file gives them.
///
/// `GGUFFile` is one; a checkpoint in another format that presents itself under these names is another. What
/// reads models asks for this, so that every format takes one way through the engine.
public protocol ModelSource: AnyObject, Sendable {
    /// The path as it was given, for messages.
    var path: String { get }
    /// All files that it is read from, none of which may be written over: every part of a split model,
    /// each file of a checkpoint.
    var files: [String] { get }
    /// The keys and values.
    var metadata: GGUFMetadata { get }
    /// The tensors in the order of the source.
    var tensors: [GGUFTensorInfo] { get }
    /// The tensor of that name, found in constant time.
    func tensor(_ name: String) -> GGUFTensorInfo?
    /// The bytes of one of this source's own tensors, in the encoding of its type; valid
    /// while this object lives.
    func bytes(of tensor: GGUFTensorInfo) -> UnsafeRawBufferPointer
    /// Says that some of a tensor's bytes will not be read soon. Where they are mapped from a file their
    /// memory is free until they are read again.
    func letGo(_ bytes: UnsafeRawBufferPointer)
    /// The same of everything but the tensors: a vocabulary takes megabytes.
    func letGoOfMetadata()
    /// Reads a tensor once, from its first row to its last, so many rows at a time: no more of it need be in
    /// memory. What is handed over is valid during the call.
    func forEachSlice(
        of tensor: GGUFTensorInfo, rows: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows
    /// The bytes of all files together.
    var byteCount: Int { get }
}

extension ModelSource {
    /// Nothing: for sources that keep nothing mapped beside their tensors.
    public func letGoOfMetadata() {}
}

extension ModelSource {
    /// From the tensor's bytes, each slice of which is let go behind it: for sources that
    /// map all of their tensors.
    public func forEachSlice(
        of tensor: GGUFTensorInfo, rows: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        try forEachSlice(of: tensor, rows: rows, in: bytes(of: tensor), body)
    }

    /// The slices of a tensor's bytes, which are somewhere already.
    public func forEachSlice(
        of tensor: GGUFTensorInfo, rows: Int, in bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        guard tensor.rowCount > 0, bytes.count > 0 else { return }
        let sliceByteCount = max(1, rows) * (bytes.count / tensor.rowCount)
        for start in stride(from: 0, to: bytes.count, by: sliceByteCount) {
            let end = min(start + sliceByteCount, bytes.count)
            let slice = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            defer { letGo(slice) }
            try body(slice)
        }
    }
}

extension GGUFFile: ModelSource {}
