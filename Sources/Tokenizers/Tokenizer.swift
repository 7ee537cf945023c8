public import Terms

/// Text ↔ tokens of one model.
///
/// Immutable, so that any number of threads may use one.
public final class Tokenizer: Sendable {
    /// The number of tokens.
    public let vocabularySize: Int
    /// The token that begins a sequence.
    public let beginningOfSequence: TokenID?
    /// The token that ends a sequence.
    public let endOfSequence: TokenID?
    /// The token that stands for what the vocabulary cannot spell.
    public let unknown: TokenID?
    /// The token that fills batches; nil where the file names one that is not in the vocabulary.
    public let padding: TokenID?
    /// Whether the file wants the beginning token in front of a text.
    public let addsBeginningOfSequence: Bool
    /// The tokens at which generation ends.
    public let endOfGeneration: Set<TokenID>
    /// The tokens that the file wants never to be drawn.
    public let suppressed: Set<TokenID>
    /// How many merges of the file were left out because a token that they name is not in the vocabulary.
    public let skippedMerges: Int

    let vocabulary: Vocabulary
    let matcher: SpecialTokenMatcher
    let encoder: any FragmentEncoder
    let decoding: Decoding

    /// Checks a definition and builds the tables.
    public init(_ definition: TokenizerDefinition) throws(TokenizerError) {
        let vocabulary = try Vocabulary(definition)
        self.vocabulary = vocabulary
        vocabularySize = vocabulary.count
        beginningOfSequence = try vocabulary.check(definition.beginningOfSequence, "beginning of sequence")
        endOfSequence = try vocabulary.check(definition.endOfSequence, "end of sequence")
        // It is never produced here, so that one which is not there does no harm.
        padding = vocabulary.token(definition.padding)
        let unknown = try vocabulary.check(definition.unknown, "unknown token")
        self.unknown = unknown
        var endOfGeneration = vocabulary.endOfGeneration
        for id in definition.endOfGeneration + [definition.endOfSequence].compactMap({ $0 }) {
            if let token = try vocabulary.check(id, "end of generation") { endOfGeneration.insert(token) }
        }
        self.endOfGeneration = endOfGeneration
        suppressed = Set(definition.suppressed.compactMap { vocabulary.token($0) })
        for id in definition.stripsLeft + definition.stripsRight {
            _ = try vocabulary.check(id, "token that strips white space")
        }
        matcher = SpecialTokenMatcher(
            vocabulary, stripsLeft: definition.stripsLeft, stripsRight: definition.stripsRight)
        // What a family implies holds of files that have the token: one that says that there is none
        // begins its texts with none.
        func addsBeginning(byDefault isImplied: Bool) -> Bool {
            definition.addsBeginningOfSequence ?? (isImplied && definition.beginningOfSequence != nil)
        }

        if case .byteLevel(let name) = definition.model {
            let preTokenizer = try PreTokenizer(named: name)
            let (merges, skipped) = try MergeTable.build(definition.merges, vocabulary, usesAlphabet: true)
            skippedMerges = skipped
            decoding = .bytes
            addsBeginningOfSequence = addsBeginning(byDefault: preTokenizer.addsBeginningOfSequence)
            encoder = ByteLevelEncoder(
                vocabulary: vocabulary, merges: merges, preTokenizer: preTokenizer,
                ignoresMerges: definition.ignoresMerges ?? preTokenizer.ignoresMerges,
                composes: definition.composes ?? preTokenizer.composes)
        } else {
            let prefix = definition.spacePrefix ?? .always
            decoding = .spaces(dropsFirst: prefix != .never)
            addsBeginningOfSequence = addsBeginning(byDefault: definition.model == .sentencePiece)
            (encoder, skippedMerges) = try SentencePieceEncoder.make(
                definition, vocabulary, prefix: prefix, unknown: unknown?.rawValue)
        }
        if addsBeginningOfSequence, beginningOfSequence == nil { throw .missingBeginning }
    }

    /// Whether a token steers the model instead of being text; false for ids outside the vocabulary.
    public func isSpecial(_ id: TokenID) -> Bool {
        guard contains(id) else { return false }
        let type = vocabulary.types.base[id.index]
        return type == .control || type == .unknown
    }

    /// Whether a token that is drawn adds nothing to what people read: it steers the model or, as in
    /// llama.cpp, the file calls it unused or does not say what it is for.
    public func isSilent(_ id: TokenID) -> Bool {
        guard contains(id) else { return true }
        switch vocabulary.types.base[id.index] {
        case .control, .unknown, .unused, .undefined: return true
        case .normal, .userDefined, .byte: return false
        }
    }

    /// What a token is for; nil for ids outside the vocabulary.
    public func type(of id: TokenID) -> TokenType? {
        contains(id) ? vocabulary.types.base[id.index] : nil
    }

    /// The token whose whole text this is, special or not.
    public func token(for text: String) -> TokenID? {
        var text = text
        let id = text.withUTF8 { bytes in
            bytes.baseAddress.map { vocabulary.find($0, count: bytes.count) } ?? -1
        }
        return id < 0 ? nil : TokenID(id)
    }

    /// The names of the pre-tokenisers that byte-level models may ask for.
    public static var knownPreTokenizers: [String] { PreTokenizer.knownNames }

    func contains(_ id: TokenID) -> Bool {
        id.rawValue >= 0 && id.index < vocabularySize
    }
}

extension Vocabulary {
    /// A special token's id, if the file gives one.
    func check(_ id: Int?, _ field: String) throws(TokenizerError) -> TokenID? {
        guard let id else { return nil }
        guard let token = token(id) else {
            throw .tokenOutOfRange(field: field, id: id, tokens: count)
        }
        return token
    }

    /// The token of that number; nil where there is none.
    func token(_ id: Int?) -> TokenID? {
        guard let id, id >= 0, id < count else { return nil }
        return TokenID(Int32(id))
    }
}
