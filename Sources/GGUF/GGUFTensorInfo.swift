public import Quantization

/// What a file says about one tensor: all of it checked when the file was opened.
public struct GGUFTensorInfo: Sendable, Equatable {
    /// The name, for example `blk.0.attn_q.weight`.
    public let name: String
    /// The dimensions, contiguous one first: `[columns, rows]` of a matrix. 1 to 4 of them.
    public let shape: [Int]
    /// How the elements are stored.
    public let type: TensorType
    /// Where the data begins, in bytes from the start of its file's data.
    public let offset: Int
    /// How many bytes the data takes, without padding.
    public let byteCount: Int
    /// Which file of a split model holds it, from 0.
    public internal(set) var part: Int

    /// How many elements there are; 0 where a dimension is 0.
    public var elementCount: Int { shape.reduce(1, *) }

    init(name: String, shape: [Int], type: TensorType, offset: Int, byteCount: Int) {
        self.name = name
        self.shape = shape
        self.type = type
        self.offset = offset
        self.byteCount = byteCount
        part = 0
    }
}
