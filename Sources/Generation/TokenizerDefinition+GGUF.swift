import GGUF
import Tokenizers

extension TokenizerDefinition {
    /// Reads what a model file says about its tokenizer.
    ///
    /// - Throws: `GGUFError` where a key is missing or of the wrong type, `GenerationError.unknownTokenizer`
    ///   where the kind of tokenizer is not known.
    init(_ file: any ModelSource) throws {
        let metadata = file.metadata
        let kind = try metadata.string(TokenizerKey.model)
        let model: Model
        switch kind {
        case "gpt2":
            model = .byteLevel(
                preTokenizer: try metadata.stringIfPresent(TokenizerKey.preTokenizer) ?? "default")
        case "llama":
            model =
                try metadata.stringIfPresent(TokenizerKey.algorithm) == "ranked" ? .ranked : .sentencePiece
        case "t5": model = .unigram
        default: throw GenerationError.unknownTokenizer(file: file.path, found: kind)
        }
        let array = try metadata.array(TokenizerKey.tokens)
        var tokens = ByteStrings(expectedCount: array.count, expectedBytes: array.stringByteCount)
        array.forEachString { tokens.append($0) }
        self.init(model: model, tokens: tokens)
        types = try metadata.integerArrayIfPresent(TokenizerKey.tokenTypes)?.map(Int32.init(clamping:)) ?? []
        scores = try metadata.floatArrayIfPresent(TokenizerKey.scores) ?? []
        if let lines = try metadata.arrayIfPresent(TokenizerKey.merges) {
            merges = MergeList(expectedCount: lines.count, expectedBytes: lines.stringByteCount)
            lines.forEachString { merges.append(line: $0) }
        }
        let implied = Self.impliedEnds(of: model, types: types)
        beginningOfSequence = try Self.token(
            TokenizerKey.beginningOfSequence, metadata, otherwise: implied?.beginning)
        endOfSequence = try Self.token(TokenizerKey.endOfSequence, metadata, otherwise: implied?.end)
        // Even where the file says that there is none: something has to stand for what has no token.
        unknown = try Self.token(TokenizerKey.unknown, metadata) ?? Self.impliedUnknown(of: model)
        padding = try Self.token(TokenizerKey.padding, metadata)
        for key in [TokenizerKey.endOfTurn, TokenizerKey.endOfMessage] {
            if let id = try Self.token(key, metadata) { endOfGeneration.append(id) }
        }
        suppressed = try metadata.integerArrayIfPresent(TokenizerKey.suppressed) ?? []
        // A model that has come to one of these has filled in what was asked for. llama.cpp leaves
        // out those that are not there.
        for key in TokenizerKey.fillInMarks {
            if let id = try Self.token(key, metadata), 0..<tokens.count ~= id { endOfGeneration.append(id) }
        }
        addsBeginningOfSequence = try metadata.booleanIfPresent(TokenizerKey.addsBeginning)
        spacePrefix = try metadata.booleanIfPresent(TokenizerKey.addsSpacePrefix).map {
            $0 ? .always : .never
        }
        characterMap =
            try metadata.integerArrayIfPresent(TokenizerKey.characterMap)?.map(
                UInt8.init(truncatingIfNeeded:))
            ?? []
        removesExtraWhitespace = try metadata.booleanIfPresent(TokenizerKey.removesExtraWhitespace)
        try readExtensions(metadata)
        // A name that is no text says nothing.
        if !metadata.keys.contains(where: { $0.hasPrefix(TokenizerKey.extensionPrefix) }),
            let name = try? metadata.stringIfPresent(TokenizerKey.modelName)
        {
            stripsRight = tokensStrippingRight(inModelNamed: name)
        }
    }

    /// The tokens that swallow white space on their right where GGUF cannot say so:
    /// llama.cpp goes by the model's name.
    private func tokensStrippingRight(inModelNamed name: String) -> [Int] {
        guard Self.impliesStripping(modelNamed: name) else { return [] }
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
        switch try metadata.stringIfPresent(TokenizerKey.spacePrefix) {
        case "always_unless_space": spacePrefix = .alwaysUnlessSpace
        case "first_unless_space": spacePrefix = .firstUnlessSpace
        default: break
        }
        splitsAtSpaces = try metadata.booleanIfPresent(TokenizerKey.splitsAtSpaces) ?? false
        composes = try metadata.booleanIfPresent(TokenizerKey.composes)
        ignoresMerges = try metadata.booleanIfPresent(TokenizerKey.ignoresMerges)
        stripsLeft = try metadata.integerArrayIfPresent(TokenizerKey.stripsLeft) ?? []
        stripsRight = try metadata.integerArrayIfPresent(TokenizerKey.stripsRight) ?? []
        endOfGeneration += try metadata.integerArrayIfPresent(TokenizerKey.endOfGeneration) ?? []
    }

    /// The token that a key names; files write 2³² − 1 for none.
    private static func token(
        _ key: String, _ metadata: GGUFMetadata, otherwise: Int? = nil
    ) throws -> Int? {
        guard let id = try metadata.integerIfPresent(key) else { return otherwise }
        return id == Int(UInt32.max) ? nil : id
    }
}
