/// What llama.cpp takes where a file says nothing. Whoever writes a file has to know it
/// too, to say that it is not so.
extension TokenizerDefinition {
    /// The tokens that begin and end a text where a file names none; nil where nothing is implied.
    ///
    /// Of byte-level files it is one, Falcon's `<|endoftext|>`. In other vocabularies that number is mostly a
    /// comma, at which an answer must not end: only a control token is taken.
    ///
    /// - Parameter types: A `TokenType` number for each token; empty if the file says nothing.
    public static func impliedEnds(of model: Model, types: [Int32]) -> (beginning: Int, end: Int)? {
        switch model {
        case .sentencePiece, .ranked: return (1, 2)
        case .unigram: return nil
        case .byteLevel:
            let id = 11
            guard types.indices.contains(id), types[id] == TokenType.control.rawValue else { return nil }
            return (id, id)
        }
    }

    /// The token that stands for what the vocabulary cannot spell where a file names none;
    /// nil where nothing is implied.
    public static func impliedUnknown(of model: Model) -> Int? {
        switch model {
        case .sentencePiece, .ranked: 0
        case .unigram, .byteLevel: nil
        }
    }

    /// Whether special tokens of a model of that name swallow the white space on their right where its file
    /// does not say: those of Phi-3.
    public static func impliesStripping(modelNamed name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("phi-3") || name.contains("phi3")
    }
}
