import GGUF
import Glibc
import Terms
import Tokenizers

/// Which tokens begin and end a text, what ends an answer, and the chat template: what a
/// tokenizer's smaller files say.
struct SpecialTokenSettings {
    private let folder: String
    private let configuration: ConfigurationFile
    private let file: TokenizerFile?
    private let tokenizerConfig: JSONNode?
    private let specialTokensMap: JSONNode?
    private let generationConfig: JSONNode?
    private let template: String?
    /// The tokens that were added: of `tokenizer.json` with those that `tokenizer_config.json` alone has,
    /// else of the files beside it.
    let addedTokens: [AddedToken]

    init(folder: String, configuration: ConfigurationFile, file: TokenizerFile?) throws(ConversionError) {
        self.folder = folder
        self.configuration = configuration
        self.file = file
        func optional(_ name: String) throws(ConversionError) -> JSONNode? {
            let path = "\(folder)/\(name)"
            return access(path, F_OK) == 0 ? try JSONDocument(path: path).root : nil
        }
        tokenizerConfig = try optional("tokenizer_config.json")
        specialTokensMap = try optional("special_tokens_map.json")
        generationConfig = try optional("generation_config.json")
        if access("\(folder)/chat_template.jinja", F_OK) == 0 {
            let path = "\(folder)/chat_template.jinja"
            let contents = try explaining(path) { () throws(FileError) in try FileContents(path: path) }
            template = String(decoding: contents.bytes, as: UTF8.self)
        } else {
            template = try optional("chat_template.json")?.value("chat_template")?.string
        }
        if let file {
            addedTokens = file.addedTokens
            return
        }
        var tokens: [AddedToken] = []
        for (key, value) in try optional("added_tokens.json")?.members ?? [] {
            guard let id = value.integer, id >= 0, let text = key.string, !text.isEmpty else { continue }
            tokens.append(AddedToken(id: id, text: text, isSpecial: false))
        }
        for (key, value) in tokenizerConfig?.value("added_tokens_decoder")?.members ?? [] {
            guard let id = key.string.flatMap({ Int($0) }) else { continue }
            tokens.append(try AddedToken(value, id: id, path: "\(folder)/tokenizer_config.json"))
        }
        addedTokens = tokens
    }

    /// Writes the keys of the special tokens.
    ///
    /// - Parameter addsBeginningByDefault: What `add_bos_token` is where no file says.
    func write(
        _ table: TokenTable, of model: TokenizerDefinition.Model, addsBeginningByDefault: Bool,
        to metadata: inout GGUFMetadata
    ) throws(ConversionError) {
        let beginning = try checkedTemplate(
            try token("bos", table), written: file?.beginning, side: "before", table)
        let ends = try ends(table)
        let end = try checkedTemplate(ends.first, written: file?.end, side: "behind", table)
        // A reader takes llama.cpp's own numbers where it knows some and a key is missing;
        // this says that there is none.
        let implied = TokenizerDefinition.impliedEnds(of: model, types: table.kinds.map(\.rawValue))
        func value(_ id: Int?, isImplied: Bool) -> GGUFValue? {
            id.map { .uint32(UInt32(clamping: $0)) } ?? (isImplied ? .uint32(.max) : nil)
        }
        metadata[TokenizerKey.beginningOfSequence] = value(beginning, isImplied: implied != nil)
        metadata[TokenizerKey.endOfSequence] = value(end, isImplied: implied != nil)
        let unknown = try token("unk", table) ?? table.kinds.firstIndex(of: .unknown)
        metadata[TokenizerKey.unknown] = value(
            unknown, isImplied: TokenizerDefinition.impliedUnknown(of: model) != nil)
        if let padding = try token("pad", table) {
            metadata[TokenizerKey.padding] = .uint32(UInt32(clamping: padding))
        }
        let others = ends.filter { $0 != end }
        if !others.isEmpty {
            metadata[TokenizerKey.endOfGeneration] = .array(GGUFArray(others.map { UInt32(clamping: $0) }))
            metadata[TokenizerKey.endOfTurn] = .uint32(UInt32(clamping: others[0]))
            if others.count > 1 { metadata[TokenizerKey.endOfMessage] = .uint32(UInt32(clamping: others[1])) }
        }
        let addsBeginning =
            tokenizerConfig?.value("add_bos_token")?.boolean
            ?? (file.map { $0.beginning != nil } ?? addsBeginningByDefault)
        metadata[TokenizerKey.addsBeginning] = .bool(addsBeginning && beginning != nil)
        // What the tokenizer writes behind a text counts only if it is the token that the
        // file is going to name.
        let written = try checkedTemplate(nil, written: file?.end, side: "behind", table)
        let addsEnd = tokenizerConfig?.value("add_eos_token")?.boolean ?? (written == end)
        metadata[TokenizerKey.addsEnd] = .bool(addsEnd && end != nil)
        for (key, strips) in [
            (TokenizerKey.stripsLeft, addedTokens.filter(\.stripsLeft)),
            (TokenizerKey.stripsRight, addedTokens.filter(\.stripsRight)),
        ] {
            let ids = strips.map(\.id).filter { $0 < table.count }
            if !ids.isEmpty { metadata[key] = .array(GGUFArray(ids.map { UInt32(clamping: $0) })) }
        }
        // A reader would guess by the model's name where no key says which tokens do. `added_tokens.json`
        // alone does not know it either.
        if metadata[TokenizerKey.stripsRight] == nil,
            file != nil || tokenizerConfig?.value("added_tokens_decoder") != nil,
            case .string(let name)? = metadata[TokenizerKey.modelName],
            name.text.map(TokenizerDefinition.impliesStripping) ?? false
        {
            metadata[TokenizerKey.stripsRight] = .array(GGUFArray([UInt32]()))
        }
        writeTemplates(to: &metadata)
    }

    // MARK: - Tokens

    /// The token of a role: by its text in the tokenizer's files, else by its id in the model's.
    private func token(_ role: String, _ table: TokenTable) throws(ConversionError) -> Int? {
        for source in [tokenizerConfig, specialTokensMap] {
            guard let node = source?.value("\(role)_token"),
                let text = node.string ?? node.value("content")?.string
            else { continue }
            if let id = addedTokens.first(where: { $0.text == text })?.id, id < table.count { return id }
            if let id = table.find(text) { return id }
        }
        if let id = try ids("\(role)_token_id", table).first { return id }
        // SentencePiece's own names, for a folder that has nothing but its model.
        let names = ["bos": "<s>", "eos": "</s>"]
        guard file == nil, let id = names[role].flatMap(table.find), table.kinds[id] == .control else {
            return nil
        }
        return id
    }

    /// The tokens at which an answer ends, the main one first.
    private func ends(_ table: TokenTable) throws(ConversionError) -> [Int] {
        var ends: [Int] = []
        for id in [try token("eos", table)].compactMap({ $0 }) + (try ids("eos_token_id", table))
        where !ends.contains(id) {
            ends.append(id)
        }
        return ends
    }

    /// The ids, one or a list, that the model's files give under a key: `config.json` where
    /// `generation_config.json` has none.
    private func ids(_ key: String, _ table: TokenTable) throws(ConversionError) -> [Int] {
        let generation = generationConfig?.value(key)
        guard let node = generation ?? configuration.node([key])?.value else { return [] }
        var ids: [Int] = []
        for element in node.isArray ? node.elements : [node] {
            guard let id = element.integer else {
                throw ConversionError(
                    .wrongFieldType,
                    path: generation == nil ? configuration.path : "\(folder)/generation_config.json",
                    field: key, found: element.excerpt, allowed: "the number of a token, or a list of them")
            }
            // -1 stands for none; and a default of transformers may lie outside a smaller vocabulary.
            if table.text(id) != nil { ids.append(id) }
        }
        return ids
    }

    /// The token that the tokenizer writes by itself must be the one that the model's files name.
    private func checkedTemplate(
        _ named: Int?, written text: String?, side: String, _ table: TokenTable
    ) throws(ConversionError) -> Int? {
        guard let file, let text else { return named }
        guard let id = addedTokens.first(where: { $0.text == text })?.id ?? table.find(text), id < table.count
        else {
            throw file.refusal("post_processor", text.debugDescription, allowed: "a token of the vocabulary")
        }
        guard named == nil || named == id || side == "behind" else {
            throw file.refusal(
                "post_processor", "\(text.debugDescription) \(side) a text",
                allowed: "the token that tokenizer_config.json names")
        }
        return named ?? id
    }

    // MARK: - Chat templates

    /// `chat_template.jinja` wins, as in transformers; a list has a name for each, one of which is `default`.
    private func writeTemplates(to metadata: inout GGUFMetadata) {
        if let template {
            metadata[TokenizerKey.chatTemplate] = .text(template)
            return
        }
        guard let node = tokenizerConfig?.value("chat_template") else { return }
        if let text = node.string {
            metadata[TokenizerKey.chatTemplate] = .text(text)
            return
        }
        var names: [String] = []
        for entry in node.elements {
            guard let name = entry.value("name")?.string, let text = entry.value("template")?.string else {
                continue
            }
            if name == "default" {
                metadata[TokenizerKey.chatTemplate] = .text(text)
            } else if !name.isEmpty,
                name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || Self.isLetterOrDigit($0) })
            {
                metadata["\(TokenizerKey.chatTemplate).\(name)"] = .text(text)
                names.append(name)
            }
        }
        if !names.isEmpty { metadata[TokenizerKey.chatTemplates] = .array(GGUFArray(names)) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
