public import Terms

/// A safetensors file, mapped into memory.
///
/// Opening it reads and checks the whole header: after that no offset, shape or length can be wrong. The
/// file must not be shortened or rewritten in place while this object lives (see `FileContents`).
public final class SafetensorsFile: Sendable {
    /// The path as it was given.
    public let path: String
    /// The texts under `__metadata__`.
    public let metadata: [String: String]
    /// The tensors in the order of their data.
    public let tensors: [SafetensorsTensor]

    /// The bytes of the whole file.
    public var byteCount: Int { contents.bytes.count }

    private let positions: [String: Int]
    private let contents: FileContents
    private let dataStart: Int

    /// Opens a file.
    public convenience init(path: String) throws(SafetensorsError) {
        let contents: FileContents
        do throws(FileError) {
            contents = try FileContents(path: path)
        } catch {
            throw SafetensorsError(error)
        }
        try self.init(contents)
    }

    /// Reads a file that is already mapped, or bytes in memory.
    public init(_ contents: FileContents) throws(SafetensorsError) {
        let header = try SafetensorsHeader(contents)
        self.contents = contents
        path = contents.path
        metadata = header.metadata
        tensors = header.tensors
        dataStart = header.dataStart
        var positions: [String: Int] = [:]
        for (index, tensor) in header.tensors.enumerated() { positions[tensor.name] = index }
        self.positions = positions
    }

    /// The tensor of that name, found in constant time.
    public func tensor(_ name: String) -> SafetensorsTensor? {
        positions[name].map { tensors[$0] }
    }

    /// The tensor of that name; throws `tensorNotFound` where there is none.
    public func requiredTensor(_ name: String) throws(SafetensorsError) -> SafetensorsTensor {
        guard let tensor = tensor(name) else {
            throw SafetensorsError(
                .tensorNotFound, path: path, field: "tensors", found: "\(tensors.count) others",
                allowed: "a tensor named \(name)")
        }
        return tensor
    }

    /// The stored bytes of one of this file's own tensors, which need not be aligned to anything; valid
    /// while this object lives.
    public func bytes(of tensor: SafetensorsTensor) -> UnsafeRawBufferPointer {
        guard !tensor.range.isEmpty else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        precondition(
            tensor.range.upperBound <= contents.bytes.count - dataStart, "the tensor is of another file")
        let start = dataStart + tensor.range.lowerBound
        return UnsafeRawBufferPointer(rebasing: contents.bytes[start..<start + tensor.range.count])
    }

    /// Says that some of a tensor's bytes will not be read soon; they come back from the file if they are.
    public func letGo(_ bytes: UnsafeRawBufferPointer) {
        contents.letGo(bytes)
    }

    /// Says that nothing of the file will be read soon; its memory is free until it is.
    public func letGo() { contents.letGo() }
}
