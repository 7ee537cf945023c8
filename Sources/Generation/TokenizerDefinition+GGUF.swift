import GGUF
import Tokenizers

extension TokenizerDefinition {
    /// Reads what a model file says about its tokenizer.
    ///
    /// - Throws: `GGUFError` where a key is missing or of the wrong type, `GenerationError.unknownTokenizer` where
    ///   the kind of tokenizer is not known.
    init(_ file: GGUFFile) throws {
        let metadata = file.metadata
        let kind = try metadata.string(MetadataKey.model)
        let model: Model
        switch kind {
        case "gpt2":
            model = .byteLevel(preTokenizer: try metadata.stringIfPresent(MetadataKey.preTokenizer) ?? "default")
        case "llama": model = .sentencePiece
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
        beginningOfSequence = try metadata.integerIfPresent(MetadataKey.beginningOfSequence)
        endOfSequence = try metadata.integerIfPresent(MetadataKey.endOfSequence)
        unknown = try metadata.integerIfPresent(MetadataKey.unknown)
        padding = try metadata.integerIfPresent(MetadataKey.padding)
        for key in [MetadataKey.endOfTurn, MetadataKey.endOfMessage] {
            if let id = try metadata.integerIfPresent(key) { endOfGeneration.append(id) }
        }
        addsBeginningOfSequence = try metadata.booleanIfPresent(MetadataKey.addsBeginning)
        addsEndOfSequence = try metadata.booleanIfPresent(MetadataKey.addsEnd)
        addsSpacePrefix = try metadata.booleanIfPresent(MetadataKey.addsSpacePrefix)
        removesExtraWhitespace = try metadata.booleanIfPresent(MetadataKey.removesExtraWhitespace)
    }
}
