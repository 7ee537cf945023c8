/// The number of one token in a model's vocabulary, 0-based.
public struct TokenID: Hashable, Comparable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The vocabulary row, as GGUF files and token lists write it.
    public let rawValue: Int32

    /// Wraps a vocabulary row; whether the vocabulary has that row is for its owner to check.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Wraps a vocabulary row.
    public init(_ value: Int32) {
        self.init(rawValue: value)
    }

    /// The vocabulary row as an array index.
    public var index: Int { Int(rawValue) }

    /// Tokens are ordered by their number.
    public static func < (left: TokenID, right: TokenID) -> Bool {
        left.rawValue < right.rawValue
    }

    /// The number alone.
    public var description: String { String(rawValue) }
}

extension TokenID: ExpressibleByIntegerLiteral {
    /// Lets tests and tables write `1` for token 1.
    public init(integerLiteral value: Int32) {
        self.init(rawValue: value)
    }
}

extension TokenID: Codable {
    /// Reads a plain number.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(Int32.self))
    }

    /// Writes a plain number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
