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

    /// How many rows there are, of `shape[0]` elements each; 0 where a dimension is 0.
    public var rowCount: Int { shape[0] > 0 ? elementCount / shape[0] : 0 }

    /// Describes a tensor of another source than a GGUF file; nil where the shape does not fit the type: 1 to
    /// 4 dimensions, none of them negative, rows of whole blocks, a size that an `Int` holds.
    public init?(name: String, shape: [Int], type: TensorType) {
        guard (1...4).contains(shape.count), shape.allSatisfy({ $0 >= 0 }) else { return nil }
        var elements = 1
        for dimension in shape {
            let (product, overflow) = elements.multipliedReportingOverflow(by: max(dimension, 1))
            guard !overflow else { return nil }
            elements = product
        }
        guard shape[0].isMultiple(of: type.blockSize),
            let byteCount = type.byteCount(elements: shape.contains(0) ? 0 : elements)
        else { return nil }
        self.init(name: name, shape: shape, type: type, offset: 0, byteCount: byteCount)
    }

    init(name: String, shape: [Int], type: TensorType, offset: Int, byteCount: Int) {
        self.name = name
        self.shape = shape
        self.type = type
        self.offset = offset
        self.byteCount = byteCount
        part = 0
    }
}
