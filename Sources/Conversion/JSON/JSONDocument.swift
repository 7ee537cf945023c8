import Terms

/// A JSON text, read once into a list of nodes that point into the bytes.
///
/// Not a tree of Swift values: a tokenizer of 30 MB has a million and a half of them, most of which are
/// looked at once. A node is 16 bytes, and every value takes at least two bytes of the file with what parts
/// it from the next, so that memory is at most 8 times the file.
final class JSONDocument: Sendable {
    /// Deeper than any configuration, shallow enough for the smallest stack of a thread.
    static let depthLimit = 64
    /// The largest file that is read: positions are 32 bits.
    static let byteLimit = 1 << 30

    /// One value, or one key of an object.
    struct Node: Sendable {
        var kind: Kind
        /// Where its text begins: in a string behind the quote.
        var start: Int32
        /// Where its text ends: in a string before the quote.
        var end: Int32
        /// The node after this one and all that is in it.
        var next: Int32
    }

    /// What a value is.
    enum Kind: UInt8, Sendable {
        case null, boolean, number, string, escapedString, array, object
    }

    let path: String
    let contents: FileContents
    /// In the order of the text: an object is followed by its keys and values, one after the other.
    let nodes: [Node]

    /// Reads a file.
    convenience init(path: String) throws(ConversionError) {
        try self.init(
            try explaining(path) { () throws(FileError) in try FileContents(path: path) })
    }

    /// Reads a text.
    init(_ contents: FileContents) throws(ConversionError) {
        path = contents.path
        self.contents = contents
        guard contents.bytes.count <= Self.byteLimit else {
            throw ConversionError(
                .tooLarge, path: path, field: "file", found: "\(contents.bytes.count) bytes",
                allowed: "at most \(Self.byteLimit)")
        }
        var parser = JSONDocumentParser(contents.bytes, path: path)
        try parser.run()
        nodes = parser.nodes
    }

    /// The outermost value.
    var root: JSONNode { JSONNode(document: self, index: 0) }
}
