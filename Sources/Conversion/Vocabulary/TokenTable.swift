import GGUF

/// The tokens of a vocabulary by id, all texts in one blob.
struct TokenTable {
    /// What a token is for, with the numbers of `tokenizer.ggml.token_type`.
    enum Kind: Int32 {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6
    }

    private var blob: [UInt8] = []
    private var ranges: [Range<Int>?]
    private(set) var kinds: [Kind]
    var scores: [Float]

    /// As many empty places as the embedding has rows.
    init(count: Int) {
        ranges = Array(repeating: nil, count: count)
        kinds = Array(repeating: .unused, count: count)
        scores = Array(repeating: 0, count: count)
    }

    /// How many places there are.
    var count: Int { ranges.count }

    /// The text of a token; nil where no one has set it.
    func text(_ id: Int) -> ArraySlice<UInt8>? {
        guard ranges.indices.contains(id) else { return nil }
        return ranges[id].map { blob[$0] }
    }

    /// Puts a token in its place.
    mutating func set(_ id: Int, _ text: some Collection<UInt8>, _ kind: Kind, score: Float = 0) {
        let start = blob.count
        blob.append(contentsOf: text)
        ranges[id] = start..<blob.count
        kinds[id] = kind
        scores[id] = score
    }

    /// Says what a token is for.
    mutating func mark(_ id: Int, _ kind: Kind) {
        kinds[id] = kind
    }

    /// The first token with that text.
    func find(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        return ranges.indices.first { id in ranges[id].map { blob[$0].elementsEqual(bytes) } ?? false }
    }

    /// All texts in their order, the empty places as `[PAD7]`.
    func texts() -> GGUFArray {
        var blob = blob
        let ranges = ranges.enumerated().map { id, range in
            if let range { return range }
            let start = blob.count
            blob.append(contentsOf: "[PAD\(id)]".utf8)
            return start..<blob.count
        }
        return GGUFArray(strings: ranges, in: blob)
    }
}
