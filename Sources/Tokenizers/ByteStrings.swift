/// Many short byte strings in one blob: the tokens of a vocabulary as a file lists them.
///
/// Tokens are bytes, not text: they may be parts of a character, and two that Swift's `String` calls equal
/// (composed and decomposed letters) are two tokens.
public struct ByteStrings: Sendable {
    /// All strings, one after the other.
    public private(set) var bytes: [UInt8] = []

    /// Where each string ends in `bytes`.  // [count]
    public private(set) var ends: [Int] = []

    /// An empty list with room for that many strings and bytes.
    public init(expectedCount: Int = 0, expectedBytes: Int = 0) {
        ends.reserveCapacity(expectedCount)
        bytes.reserveCapacity(expectedBytes)
    }

    /// The UTF-8 of some strings.
    public init(_ strings: some Sequence<String>) {
        for string in strings { append(string) }
    }

    /// The number of strings.
    public var count: Int { ends.count }

    /// Where a string stands in `bytes`.
    public func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// The bytes of one string.
    public subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[range(of: index)]
    }

    /// Adds a string that lies in someone else's memory.
    public mutating func append(_ string: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    /// Adds the UTF-8 of a string.
    public mutating func append(_ string: String) {
        bytes.append(contentsOf: string.utf8)
        ends.append(bytes.count)
    }

    /// One string as text, for messages; bytes that are not UTF-8 show as U+FFFD.
    func text(_ index: Int) -> String {
        String(decoding: self[index], as: UTF8.self)
    }
}
