import GGUF
import Glibc
import Tokenizers

/// The tokenizer of a checkpoint folder, written under the keys of GGUF.
///
/// `tokenizer.json` is what transformers reads, so it decides. Where it has a SentencePiece vocabulary and
/// `tokenizer.model` is there too, the scores come from that: they are what other programs read.
struct VocabularyReader {
    let folder: String
    let configuration: ConfigurationFile
    let family: CheckpointFamily
    /// The rows of the embedding: as many tokens there are.
    let rowCount: Int
    /// What a person should know before others read a file made from this.
    private(set) var notes: [String] = []

    init(
        folder: String, configuration: ConfigurationFile, family: CheckpointFamily, rowCount: Int
    ) throws(ConversionError) {
        self.folder = folder
        self.configuration = configuration
        self.family = family
        self.rowCount = rowCount
    }

    /// Writes all keys; false where the folder has no tokenizer.
    mutating func write(to metadata: inout GGUFMetadata) throws(ConversionError) -> Bool {
        var file = try has("tokenizer.json") ? TokenizerFile(path: path("tokenizer.json")) : nil
        if has("tokenizer_config.json") {
            let settings = path("tokenizer_config.json")
            let decoder = try JSONDocument(path: settings).root.value("added_tokens_decoder")
            try file?.add(decoder: decoder, path: settings)
        }
        var pieces: SentencePieceModel?
        if file.map({ $0.model == .ranked || $0.model == .unigram }) ?? true, has("tokenizer.model") {
            pieces = try SentencePieceModel(path: path("tokenizer.model"))
        }
        if let file, let found = pieces, !(try agrees(found, file)) { pieces = nil }
        let settings = try SpecialTokenSettings(folder: folder, configuration: configuration, file: file)
        var table: TokenTable
        if let pieces {
            table = try write(pieces, file, settings, to: &metadata)
        } else if let file {
            table = try write(file, to: &metadata)
        } else {
            metadata[TokenizerKey.model] = .text("none")
            return false
        }
        if metadata[TokenizerKey.model] == .text("t5"), table.kinds.contains(.byte) {
            notes.append(
                "other programs spell characters that this unigram vocabulary does not have as unknown, not in bytes"
            )
        }
        metadata[TokenizerKey.tokens] = .array(table.texts())
        metadata[TokenizerKey.tokenTypes] = .array(GGUFArray(table.kinds.map(\.rawValue)))
        let kind = metadata[TokenizerKey.model]
        let model: TokenizerDefinition.Model =
            kind == .text("llama")
            ? .sentencePiece : kind == .text("t5") ? .unigram : .byteLevel(preTokenizer: "default")
        try settings.write(table, of: model, addsBeginningByDefault: file == nil, to: &metadata)
        return true
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }
    private func has(_ name: String) -> Bool { access(path(name), F_OK) == 0 }

    // MARK: - tokenizer.json alone

    private mutating func write(
        _ file: TokenizerFile, to metadata: inout GGUFMetadata
    ) throws(ConversionError) -> TokenTable {
        let table = try file.tokens(rowCount: rowCount)
        switch file.model {
        case .byteLevel(let expressions):
            metadata[TokenizerKey.model] = .text("gpt2")
            try writePreTokenizer(expressions, file, to: &metadata)
            metadata[TokenizerKey.merges] = .array(try file.merges())
        case .ranked:
            metadata[TokenizerKey.model] = .text("llama")
            metadata[TokenizerKey.preTokenizer] = .text("default")
            let merges = try file.merges()
            metadata[TokenizerKey.scores] = .array(GGUFArray(scores(of: table, merges)))
            metadata[TokenizerKey.merges] = .array(merges)
            metadata[TokenizerKey.algorithm] = .text("ranked")
            if file.ignoresMerges { metadata[TokenizerKey.ignoresMerges] = .bool(true) }
            notes.append(
                "tokenizer.json gives ranks and no scores: other programs, which go by scores, may cut rare words in other "
                    + "places; with the model's tokenizer.model beside it they do not")
        case .unigram:
            metadata[TokenizerKey.model] = .text("t5")
            metadata[TokenizerKey.scores] = .array(GGUFArray(table.scores))
            metadata[TokenizerKey.removesExtraWhitespace] = .bool(false)
        }
        if !file.characterMap.isEmpty {
            metadata[TokenizerKey.characterMap] = .array(GGUFArray(file.characterMap))
        }
        writeSpacing(file, to: &metadata)
        return table
    }

    private mutating func writePreTokenizer(
        _ expressions: [String], _ file: TokenizerFile, to metadata: inout GGUFMetadata
    ) throws(ConversionError) {
        let choices = Tokenizer.preTokenizers(forExpressions: expressions)
        guard let first = choices.first else {
            throw file.refusal(
                "pre_tokenizer",
                expressions.isEmpty ? "no expressions" : expressions.joined(separator: " then "),
                allowed: "the expressions of a known family")
        }
        let exact = choices.first { $0.ignoresMerges == file.ignoresMerges && $0.composes == file.composes }
        metadata[TokenizerKey.preTokenizer] = .text((exact ?? first).name)
        guard exact == nil else { return }
        metadata[TokenizerKey.ignoresMerges] = .bool(file.ignoresMerges)
        metadata[TokenizerKey.composes] = .bool(file.composes)
        notes.append(
            "the tokenizer is \(first.name)'s but for \(first.ignoresMerges == file.ignoresMerges ? "Unicode's composition" : "ignore_merges"): other programs "
                + "may cut a few words in other places")
    }

    /// Scores in the order of the ranks, for programs that know no ranks: the first merge
    /// that makes a token counts.
    private func scores(of table: TokenTable, _ merges: GGUFArray) -> [Float] {
        var ranks: [[UInt8]: Int] = [:]
        ranks.reserveCapacity(merges.count)
        var rank = 0
        merges.forEachString { merge in
            let token = merge.filter { $0 != UInt8(ascii: " ") }
            if ranks[token] == nil { ranks[token] = rank }
            rank += 1
        }
        return (0..<table.count).map { id in
            guard table.kinds[id] == .normal, let text = table.text(id) else { return 0 }
            return ranks[Array(text)].map { -Float($0) - 1 } ?? -Float(merges.count) - 2
        }
    }

    private mutating func writeSpacing(_ file: TokenizerFile, to metadata: inout GGUFMetadata) {
        guard file.model == .ranked || file.model == .unigram else { return }
        if file.spacePrefix == .alwaysUnlessSpace || file.spacePrefix == .firstUnlessSpace
            || file.splitsAtSpaces
        {
            notes.append(
                "Metaspace puts a space in front of a text in a way of its own: other programs may cut texts that begin with a "
                    + "space, or follow a special token, in other places")
        }
        metadata[TokenizerKey.addsSpacePrefix] = .bool(file.spacePrefix != .never)
        switch file.spacePrefix {
        case .never, .always: break
        case .alwaysUnlessSpace: metadata[TokenizerKey.spacePrefix] = .text("always_unless_space")
        case .firstUnlessSpace: metadata[TokenizerKey.spacePrefix] = .text("first_unless_space")
        }
        if file.splitsAtSpaces { metadata[TokenizerKey.splitsAtSpaces] = .bool(true) }
        if file.composes { metadata[TokenizerKey.composes] = .bool(true) }
    }

    // MARK: - tokenizer.model

    /// Whether both files have the same tokens under the same ids, but for those that were added.
    private func agrees(_ pieces: SentencePieceModel, _ file: TokenizerFile) throws(ConversionError) -> Bool {
        guard (file.model == .unigram) == (pieces.algorithm == .unigram) else { return false }
        let table = try file.tokens(rowCount: rowCount)
        let added = Set(file.addedTokens.map(\.id))
        return pieces.pieces.enumerated().allSatisfy { id, piece in
            guard id < table.count, !added.contains(id), let text = table.text(id) else {
                return id < table.count && added.contains(id)
            }
            return text.elementsEqual(pieces.bytes(piece.text))
        }
    }

    private mutating func write(
        _ model: SentencePieceModel, _ file: TokenizerFile?, _ settings: SpecialTokenSettings,
        to metadata: inout GGUFMetadata
    ) throws(ConversionError) -> TokenTable {
        let table = try table(of: model, settings.addedTokens, hasFile: file != nil)
        func refusal(_ field: String, _ found: String, _ allowed: String) -> ConversionError {
            ConversionError(
                .unsupportedTokenizer, path: path("tokenizer.model"), field: field, found: found,
                allowed: allowed)
        }
        switch model.algorithm {
        case .unigram: metadata[TokenizerKey.model] = .text("t5")
        case .bytePairs:
            metadata[TokenizerKey.model] = .text("llama")
            metadata[TokenizerKey.preTokenizer] = .text("default")
        case .words: throw refusal("model_type", "word", "bpe or unigram")
        case .characters: throw refusal("model_type", "char", "bpe or unigram")
        }
        guard model.escapesWhitespace else { throw refusal("escape_whitespaces", "false", "true") }
        guard !model.putsSpacesBehind else { throw refusal("treat_whitespace_as_suffix", "true", "false") }
        metadata[TokenizerKey.scores] = .array(GGUFArray(table.scores))
        metadata[TokenizerKey.removesExtraWhitespace] = .bool(model.removesExtraWhitespace)
        if !model.characterMap.isEmpty {
            metadata[TokenizerKey.characterMap] = .array(GGUFArray(Array(model.bytes(model.characterMap))))
        }
        if model.algorithm == .bytePairs, model.removesExtraWhitespace || !model.characterMap.isEmpty {
            notes.append(
                "tokenizer.model tidies text (remove_extra_whitespaces, a table of characters), which other programs "
                    + "leave out for vocabularies of pairs")
        }
        if let file {
            writeSpacing(file, to: &metadata)
        } else {
            metadata[TokenizerKey.addsSpacePrefix] = .bool(model.addsSpacePrefix)
        }
        return table
    }

    private func table(
        of model: SentencePieceModel, _ added: [AddedToken], hasFile: Bool
    ) throws(ConversionError) -> TokenTable {
        var table = TokenTable(count: rowCount)
        guard model.pieces.count <= rowCount else {
            throw ConversionError(
                .damagedTokenizer, path: path("tokenizer.model"), field: "pieces",
                found: "\(model.pieces.count)",
                allowed: "at most \(rowCount), the rows of the embedding")
        }
        for (id, piece) in model.pieces.enumerated() {
            guard piece.score.isFinite else {
                throw ConversionError(
                    .damagedTokenizer, path: path("tokenizer.model"), field: "score of piece \(id)",
                    found: "\(piece.score)", allowed: "a number")
            }
            // A word that was added is looked for in the text, whose spaces are still spaces.
            let text = Array(model.bytes(piece.text))
            table.set(
                id, piece.kind == .userDefined ? Self.withSpaces(text) : text, piece.kind, score: piece.score)
        }
        for token in added where token.id < rowCount {
            if [.unknown, .byte].contains(table.kinds[token.id]) { continue }
            let text =
                token.kind == .userDefined ? Self.withSpaces(Array(token.text.utf8)) : Array(token.text.utf8)
            table.set(
                token.id, text, token.kind,
                score: table.text(token.id) == nil ? -1000 : table.scores[token.id])
        }
        return table
    }

    private static func withSpaces(_ text: [UInt8]) -> [UInt8] {
        Array(
            String(decoding: text, as: UTF8.self).unicodeScalars.map { $0 == "\u{2581}" ? " " : String($0) }
                .joined().utf8)
    }
}
