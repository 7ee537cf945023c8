import GGUF
import Tokenizers

extension TokenizerDefinition {
    /// Reads what a model file says about its tokenizer.
    ///
    /// - Throws: `GGUFError` where a key is missing or of the wrong type, `GenerationError.unknownTokenizer` where
    ///   the kind of tokenizer is not known.
    init(_ file: any ModelSource) throws {
        let metadata = file.metadata
        let kind = try metadata.string(MetadataKey.model)
        let model: Model
        switch kind {
        case "gpt2":
            model = .byteLevel(
                preTokenizer: try metadata.stringIfPresent(MetadataKey.preTokenizer) ?? "default")
        case "llama":
            model = try metadata.stringIfPresent(MetadataKey.algorithm) == "ranked" ? .ranked : .sentencePiece
        case "t5": model = .unigram
        default: throw GenerationError.unknownTokenizer(file: file.path, found: kind)
        }
        let array = try metadata.array(MetadataKey.tokens)
        var tokens = ByteStrings(expectedCount: array.count, expectedBytes: array.stringByteCount)
        array.forEachString { tokens.append($0) }
        self.init(model: model, tokens: tokens)
        types = try metadata.integerArrayIfPresent(MetadataKey.tokenTypes)?.map(Int32.init(clamping:)) ?? []
        scores = try metadata.floatArrayIfPresent(MetadataKey.scores) ?? []
        if let lines = try metadata.arrayIfPresent(MetadataKey.merges) {
            merges = MergeList(expectedCount: lines.count, expectedBytes: lines.stringByteCount)
            lines.forEachString { merges.append(line: $0) }
        }
        // llama.cpp's defaults for files that name no special tokens.
        let isSentencePiece = kind == "llama"
        beginningOfSequence = try Self.token(
            MetadataKey.beginningOfSequence, metadata, otherwise: isSentencePiece ? 1 : falconsMark)
        endOfSequence = try Self.token(
            MetadataKey.endOfSequence, metadata, otherwise: isSentencePiece ? 2 : falconsMark)
        // Even where the file says that there is none: something has to stand for what has no token.
        unknown = try Self.token(MetadataKey.unknown, metadata) ?? (isSentencePiece ? 0 : nil)
        padding = try Self.token(MetadataKey.padding, metadata)
        for key in [MetadataKey.endOfTurn, MetadataKey.endOfMessage] {
            if let id = try Self.token(key, metadata) { endOfGeneration.append(id) }
        }
        addsBeginningOfSequence = try metadata.booleanIfPresent(MetadataKey.addsBeginning)
        addsEndOfSequence = try metadata.booleanIfPresent(MetadataKey.addsEnd)
        spacePrefix = try metadata.booleanIfPresent(MetadataKey.addsSpacePrefix).map { $0 ? .always : .never }
        characterMap =
            try metadata.integerArrayIfPresent(MetadataKey.characterMap)?.map(UInt8.init(truncatingIfNeeded:))
            ?? []
        removesExtraWhitespace = try metadata.booleanIfPresent(MetadataKey.removesExtraWhitespace)
        try readExtensions(metadata)
        // A name that is no text says nothing.
        if !metadata.keys.contains(where: { $0.hasPrefix(MetadataKey.extensionPrefix) }),
            let name = try? metadata.stringIfPresent(MetadataKey.name)
        {
            stripsRight = tokensStrippingRight(inModelNamed: name)
        }
    }

    /// The token that llama.cpp takes for both ends of a text where a byte-level file names none: Falcon's
    /// `<|endoftext|>`. In other vocabularies that number is mostly a comma, at which an answer must not end: only a
    /// control token is taken.
    private var falconsMark: Int? {
        let id = 11
        guard case .byteLevel = model, types.indices.contains(id), types[id] == TokenType.control.rawValue
        else {
            return nil
        }
        return id
    }

    /// The tokens that swallow white space on their right where GGUF cannot say so: llama.cpp goes by the model's name.
    private func tokensStrippingRight(inModelNamed name: String) -> [Int] {
        let name = name.lowercased()
        guard name.contains("phi-3") || name.contains("phi3") else { return [] }
        let special = [TokenType.control, .unknown, .userDefined].map(\.rawValue)
        return (0..<tokens.count).filter { id in
            let text = tokens[id]
            if ["<unk>", "<s>", "<|endoftext|>"].contains(where: { text.elementsEqual($0.utf8) }) {
                return false
            }
            return types.indices.contains(id) && special.contains(types[id])
                || text.elementsEqual("</s>".utf8)
        }
    }

    /// What only this tool's files say.
    private mutating func readExtensions(_ metadata: GGUFMetadata) throws {
        switch try metadata.stringIfPresent(MetadataKey.spacePrefix) {
        case "always_unless_space": spacePrefix = .alwaysUnlessSpace
        case "first_unless_space": spacePrefix = .firstUnlessSpace
        default: break
        }
        splitsAtSpaces = try metadata.booleanIfPresent(MetadataKey.splitsAtSpaces) ?? false
        composes = try metadata.booleanIfPresent(MetadataKey.composes)
        ignoresMerges = try metadata.booleanIfPresent(MetadataKey.ignoresMerges)
        stripsLeft = try metadata.integerArrayIfPresent(MetadataKey.stripsLeft) ?? []
        stripsRight = try metadata.integerArrayIfPresent(MetadataKey.stripsRight) ?? []
        endOfGeneration += try metadata.integerArrayIfPresent(MetadataKey.endOfGeneration) ?? []
    }

    /// The token that a key names; files write 2³² − 1 for none.
    private static func token(
        _ key: String, _ metadata: GGUFMetadata, otherwise: Int? = nil
    ) throws -> Int? {
        guard let id = try metadata.integerIfPresent(key) else { return otherwise }
        return id == Int(UInt32.max) ? nil : id
    }
}
