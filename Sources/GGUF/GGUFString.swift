/// A string as GGUF stores it: bytes, which are UTF-8 in good files.
///
/// Two strings are equal when their bytes are. Swift's `String` would also call an accented letter equal
/// to a letter and its accent, which are different tokens.
public struct GGUFString: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The bytes.
    public let utf8: [UInt8]

    /// Keeps the bytes as they are.
    public init(utf8: some Sequence<UInt8>) {
        self.utf8 = Array(utf8)
    }

    /// The UTF-8 of a text.
    public init(_ text: String) {
        self.init(utf8: text.utf8)
    }

    /// The UTF-8 of a literal.
    public init(stringLiteral value: String) {
        self.init(value)
    }

    /// The text, or nil where the bytes are not UTF-8.
    public var text: String? { String(validating: utf8, as: UTF8.self) }

    /// The text, with U+FFFD where the bytes are not UTF-8.
    public var description: String { String(decoding: utf8, as: UTF8.self) }
}
