/// What a file says about one tensor: all of it checked when the file was opened.
public struct SafetensorsTensor: Sendable, Equatable {
    /// The name, for example `model.layers.0.mlp.up_proj.weight`.
    public let name: String
    /// How the elements are stored.
    public let type: SafetensorsType
    /// The dimensions, contiguous one last: `[rows, columns]` of a matrix. Empty for a single number.
    public let shape: [Int]
    /// Where the data lie, in bytes from the start of the file's data.
    public let range: Range<Int>

    /// How many elements there are; 0 where a dimension is 0.
    public var elementCount: Int { shape.reduce(1, *) }

    /// How many bytes the data take.
    public var byteCount: Int { range.count }
}
