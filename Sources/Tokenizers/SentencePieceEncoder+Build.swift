/// Building from a definition.
extension SentencePieceEncoder {
    /// The encoder of a model that is not byte-level, and how many of its merges were left out.
    static func make(
        _ definition: TokenizerDefinition, _ vocabulary: Vocabulary, prefix: SpacePrefix, unknown: Int32?
    ) throws(TokenizerError) -> (encoder: SentencePieceEncoder, skippedMerges: Int) {
        var unknown = unknown
        if unknown == nil {
            let first = (0..<vocabulary.count).first { vocabulary.types.base[$0] == .unknown }
            unknown = first.map { Int32($0) }
        }
        let hasAllBytes = (0..<256).allSatisfy { vocabulary.byteTokens.base[$0] >= 0 }
        if unknown == nil, !hasAllBytes { throw .missingUnknown }
        if definition.model == .unigram || !definition.scores.isEmpty,
            definition.scores.count < vocabulary.count
        {
            throw .shortList(
                field: "scores", count: definition.scores.count, tokens: vocabulary.count)
        }

        let algorithm: any SentencePieceAlgorithm
        var skipped = 0
        switch definition.model {
        case .unigram:
            // SentencePiece adds up a whole text in 32 bits; `tokenizers`, which cuts it into words, in 64.
            algorithm = try Unigram(
                vocabulary, scores: definition.scores, roundsSums: !definition.splitsAtSpaces)
        case .ranked:
            let merges: MergeTable
            (merges, skipped) = try MergeTable.build(definition.merges, vocabulary, usesAlphabet: false)
            algorithm = RankMerging(
                vocabulary: vocabulary, merges: merges, ignoresMerges: definition.ignoresMerges ?? false)
        case .sentencePiece, .byteLevel:
            algorithm = try ScoreMerging(vocabulary, scores: definition.scores)
        }
        let normalizer = SentencePieceNormalizer(
            prefix: prefix, removesExtraWhitespace: definition.removesExtraWhitespace ?? false,
            characterMap: try CharacterMap(definition.characterMap), composes: definition.composes ?? false)
        let words: SentencePieceWords =
            definition.splitsAtSpaces
            ? .beforeEachSpace : definition.model == .unigram ? .none : SentencePieceWords(vocabulary)
        let encoder = SentencePieceEncoder(
            algorithm: algorithm, vocabulary: vocabulary, normalizer: normalizer, words: words,
            unknown: unknown)
        return (encoder, skipped)
    }
}
