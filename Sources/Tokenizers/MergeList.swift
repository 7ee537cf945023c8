/// The merges of a byte-pair encoding in the order of their rank, both sides of all of them in one blob.
///
/// The two sides of a merge lie side by side, so that their concatenation, the token that they make, is
/// one run of bytes.
public struct MergeList: Sendable {
    var bytes: [UInt8] = []
    var leftEnds: [Int] = []  // [count]
    var ends: [Int] = []  // [count]

    /// An empty list with room for that many merges and bytes.
    public init(expectedCount: Int = 0, expectedBytes: Int = 0) {
        leftEnds.reserveCapacity(expectedCount)
        ends.reserveCapacity(expectedCount)
        bytes.reserveCapacity(expectedBytes)
    }

    /// Merges written as `"left right"`.
    public init(_ lines: some Sequence<String>) {
        for var line in lines {
            line.withUTF8 { append(line: UnsafeRawBufferPointer($0)) }
        }
    }

    /// The number of merges.
    public var count: Int { ends.count }

    /// Adds a merge written as `"left right"`: the first space after the first byte divides it.
    ///
    /// A line without one is kept, and refused as `malformedMerge` when a tokenizer is built.
    public mutating func append(line: UnsafeRawBufferPointer) {
        let space = line.dropFirst().firstIndex(of: UInt8(ascii: " ")) ?? line.count
        bytes.append(contentsOf: line[..<space])
        leftEnds.append(bytes.count)
        bytes.append(contentsOf: line.dropFirst(space + 1))
        ends.append(bytes.count)
    }

    /// Adds a merge whose sides are apart, as newer `tokenizer.json` files write them.
    public mutating func append(left: String, right: String) {
        bytes.append(contentsOf: left.utf8)
        leftEnds.append(bytes.count)
        bytes.append(contentsOf: right.utf8)
        ends.append(bytes.count)
    }

    func start(of index: Int) -> Int {
        index == 0 ? 0 : ends[index - 1]
    }

    /// The number of bytes of the longest merge.
    var longest: Int {
        (0..<count).reduce(0) { max($0, ends[$1] - start(of: $1)) }
    }

    /// Both sides as text, for messages.
    func text(_ index: Int) -> String {
        let left = String(decoding: bytes[start(of: index)..<leftEnds[index]], as: UTF8.self)
        return left + " " + String(decoding: bytes[leftEnds[index]..<ends[index]], as: UTF8.self)
    }
}
