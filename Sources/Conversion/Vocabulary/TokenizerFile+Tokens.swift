import GGUF

extension TokenizerFile {
    /// The texts of both sides of each merge as GGUF writes them, with a space between.
    ///
    /// A merge with a space inside of a side is left out: spaces have become another character by
    /// then, so that it never applies.
    func merges() throws(ConversionError) -> GGUFArray {
        var blob: [UInt8] = []
        var ranges: [Range<Int>] = []
        for (index, merge) in (modelNode.value("merges")?.elements ?? []).enumerated() {
            let start = blob.count
            if merge.isString {
                merge.withUTF8 { blob.append(contentsOf: $0) }
                guard blob[start...].filter({ $0 == UInt8(ascii: " ") }).count == 1 else {
                    throw damaged(
                        "model.merges, number \(index)", merge.excerpt, "two tokens with a space between")
                }
            } else {
                let sides = merge.elements
                guard sides.count == 2, sides.allSatisfy(\.isString) else {
                    throw damaged("model.merges, number \(index)", merge.excerpt, "two tokens")
                }
                sides[0].withUTF8 { blob.append(contentsOf: $0) }
                blob.append(UInt8(ascii: " "))
                sides[1].withUTF8 { blob.append(contentsOf: $0) }
                if blob[start...].filter({ $0 == UInt8(ascii: " ") }).count > 1 {
                    blob.removeSubrange(start...)
                    continue
                }
            }
            ranges.append(start..<blob.count)
        }
        return GGUFArray(strings: ranges, in: blob)
    }

    /// The vocabulary and the added tokens, in as many places as the embedding has rows.
    func tokens(rowCount: Int) throws(ConversionError) -> TokenTable {
        var table = TokenTable(count: rowCount)
        if model == .unigram {
            try fillUnigram(&table)
        } else {
            try fillPairs(&table)
        }
        try add(addedTokens, to: &table)
        return table
    }

    private func fillPairs(_ table: inout TokenTable) throws(ConversionError) {
        guard let vocabulary = modelNode.value("vocab"), vocabulary.isObject else {
            throw damaged("model.vocab", modelNode["vocab"]?.excerpt ?? "nothing", "an object")
        }
        let hasBytes = modelNode.value("byte_fallback")?.boolean ?? false
        if model == .ranked, !hasBytes, !(modelNode.value("fuse_unk")?.boolean ?? false) {
            throw refusal(
                "model.fuse_unk", "false without byte_fallback", allowed: "byte_fallback, or fuse_unk")
        }
        for (key, value) in vocabulary.members {
            guard let id = value.integer, id >= 0 else {
                throw damaged("model.vocab", value.excerpt, "an id")
            }
            let added = id >= table.count && addedTokens.contains { $0.id == id }
            if added { continue }
            try place(id, table)
            let kind: TokenTable.Kind =
                hasBytes && key.withUTF8(TokenTable.isByte)
                ? .byte : unknown != nil && model == .ranked && key.string == unknown ? .unknown : .normal
            key.withUTF8 { table.set(id, $0, kind) }
        }
    }

    private func fillUnigram(_ table: inout TokenTable) throws(ConversionError) {
        let entries = modelNode.value("vocab")?.elements ?? []
        let hasBytes = modelNode.value("byte_fallback")?.boolean ?? false
        let unknown = modelNode.value("unk_id")?.integer
        for (id, entry) in entries.enumerated() {
            let pair = entry.elements
            guard pair.count == 2, pair[0].isString, let score = pair[1].number, Float(score).isFinite else {
                throw damaged("model.vocab, number \(id)", entry.excerpt, "a text and a number")
            }
            try place(id, table)
            let kind: TokenTable.Kind =
                id == unknown ? .unknown : hasBytes && pair[0].withUTF8(TokenTable.isByte) ? .byte : .normal
            pair[0].withUTF8 { table.set(id, $0, kind, score: Float(score)) }
        }
    }

    private func place(_ id: Int, _ table: TokenTable) throws(ConversionError) {
        guard id < table.count else {
            throw damaged("model.vocab", "token \(id)", "ids below \(table.count), the rows of the embedding")
        }
        guard table.text(id) == nil else { throw damaged("model.vocab", "token \(id) twice", "each id once") }
    }

    private func add(_ tokens: [AddedToken], to table: inout TokenTable) throws(ConversionError) {
        for token in tokens where token.id < table.count {
            if let text = table.text(token.id), !text.elementsEqual(token.text.utf8) {
                throw damaged(
                    "added_tokens", "\(token.text.debugDescription) as \(token.id)",
                    "the text that the vocabulary has there")
            }
            let kind = table.kinds[token.id] == .unknown ? .unknown : token.kind
            table.set(token.id, token.text.utf8, kind, score: table.scores[token.id])
        }
    }

    private func damaged(_ field: String, _ found: String, _ allowed: String) -> ConversionError {
        ConversionError(.damagedTokenizer, path: path, field: field, found: found, allowed: allowed)
    }
}

extension TokenTable {
    /// Whether a text is a byte token's: `<0x0A>`.
    static func isByte(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count == 6 && text.starts(with: "<0x".utf8) && text[5] == UInt8(ascii: ">")
            && text[3].isHexDigit && text[4].isHexDigit
    }
}
