/// Divides text into the pieces within which byte-pair encoding merges.
struct PreTokenizer: Sendable {
    /// The expressions, each applied to the pieces that those before it left.
    let rules: [any SplitRule]
    /// Whether a piece that is a token as a whole is taken without merging, where the file does not say.
    var ignoresMerges = false
    /// Whether the beginning token stands in front of a text, where the file does not say.
    var addsBeginningOfSequence = false
    /// Whether the maker's tokenizer brings text to normal form C first.
    var composes = false

    init(_ rules: any SplitRule...) {
        self.rules = rules
    }

    /// The pre-tokeniser of that name in `tokenizer.ggml.pre`.
    init(named name: String) throws(TokenizerError) {
        guard let make = Self.catalogue[name] else {
            throw .unknownPreTokenizer(name: name, known: Self.knownNames)
        }
        self = make()
    }

    /// All names, sorted.
    static var knownNames: [String] { catalogue.keys.sorted() }

    /// The ends of the pieces of a text, in scalars.
    func split(_ text: borrowing ScalarText, into pieces: inout [Int], scratch: inout [Int]) {
        pieces.removeAll(keepingCapacity: true)
        if text.count == 0 { return }
        pieces.append(text.count)
        for rule in rules {
            scratch.removeAll(keepingCapacity: true)
            rule.split(text, pieces, into: &scratch)
            swap(&pieces, &scratch)
        }
    }
}

extension PreTokenizer {
    /// Sets the habits that come with a name.
    func with(
        ignoresMerges: Bool = false, addsBeginning: Bool = false, composes: Bool = false
    ) -> PreTokenizer {
        var copy = self
        copy.ignoresMerges = ignoresMerges
        copy.addsBeginningOfSequence = addsBeginning
        copy.composes = composes
        return copy
    }
}
