/// The 0-based number of a transformer block.
///
/// `LayerIndex(9)` is the tenth block. A direction of layer 9 is measured and added at the output of
/// that block, after both residual additions: the convention of llama.cpp's `direction.N` and of repeng.
public struct LayerIndex: Hashable, Comparable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The block number, counted from 0.
    public let rawValue: Int

    /// Wraps a block number; whether the model has that block is for its owner to check.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Wraps a block number.
    public init(_ value: Int) {
        self.init(rawValue: value)
    }

    /// Layers are ordered from the embedding to the output.
    public static func < (left: LayerIndex, right: LayerIndex) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The number alone.
    public var description: String { String(rawValue) }
}

extension LayerIndex: ExpressibleByIntegerLiteral {
    /// Lets tests and tables write `9` for layer 9.
    public init(integerLiteral value: Int) {
        self.init(rawValue: value)
    }
}

extension LayerIndex: Strideable {
    /// The number of blocks between two layers.
    public func distance(to other: LayerIndex) -> Int { other.rawValue - rawValue }

    /// The layer that many blocks later.
    public func advanced(by count: Int) -> LayerIndex { LayerIndex(rawValue + count) }
}

extension LayerIndex: Codable {
    /// Reads a plain number.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(Int.self))
    }

    /// Writes a plain number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
