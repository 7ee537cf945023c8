/// A text with its place in the file of another tool.
///
/// A dataset's lists are chosen from a file's, or from two files': an error counts in the dataset's, and a
/// person looks in the file's.
struct ForeignText {
    /// The text itself.
    let words: String
    private let source: JSONText
    private let offset: Int
    private let path: String

    /// A text that begins at a byte of a file.
    ///
    /// - Parameter path: The field, for example `questions[3]`.
    init(_ words: String, in source: JSONText, at offset: Int, path: String) {
        self.words = words
        self.source = source
        self.offset = offset
        self.path = path
    }

    /// "trait.json: line 4, column 3: questions[3]"
    var place: String { "\(source.name): \(source.position(of: offset)): \(path)" }
}

/// Two answers to one prompt.
struct ForeignPair {
    let prompt: ForeignText
    let positive: ForeignText
    let negative: ForeignText

    /// The pair of a dataset.
    var texts: TextPair {
        TextPair(prompt: prompt.words, positive: positive.words, negative: negative.words)
    }

    /// Where the text stands that a dataset refuses: the empty one, by the order in which it looks; the first
    /// where both sides are alike.
    var place: String {
        ([positive, negative, prompt].first { DatasetCheck.isBlank($0.words) } ?? positive).place
    }
}

extension JSONFields {
    /// The texts of a list.
    func foreignTexts(_ name: String) throws(SteeringError) -> [ForeignText]? {
        guard let words = try strings(name), let nodes = try list(name) else { return nil }
        return zip(words, nodes).enumerated().map { index, element in
            ForeignText(element.0, in: text, at: element.1.offset, path: "\(path(of: name))[\(index)]")
        }
    }

    /// A text that may be there.
    func foreignText(_ name: String) throws(SteeringError) -> ForeignText? {
        guard let words = try string(name), let node = node(name) else { return nil }
        return ForeignText(words, in: text, at: node.offset, path: path(of: name))
    }

    /// A text that must be there.
    func requiredForeignText(_ name: String, _ remedy: String) throws(SteeringError) -> ForeignText {
        guard let text = try foreignText(name) else { throw missing(name, remedy) }
        return text
    }
}
