import Terms

/// The tokens at which a model stops, known by their text because files often name only one of them.
enum EndOfGeneration {
    /// llama.cpp's list: ends of turns, messages and texts, and the marks between files and repositories.
    static let texts = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>",
        "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]",
        "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>",
        "<｜end▁of▁sentence｜>", "[e~[",
        "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]",
        "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>", "<|file_sep|>",
    ]

    /// Finds them in a vocabulary and makes them control tokens, so that text never becomes one of them.
    ///
    /// As in llama.cpp: where a model calls tools by `<|call|>`, its `<|end|>` ends a message, not the
    /// answer; and beside `<|tool_response>`, `</s>` is a piece of text.
    static func find(in table: ByteStringTable, _ types: inout [TokenType]) -> Set<TokenID> {
        var found: [String: Int32] = [:]
        for text in texts {
            let id = Array(text.utf8).withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { table.find($0, count: bytes.count) } ?? -1
            }
            if id >= 0 { found[text] = id }
        }
        let calls = found["<|call|>"] ?? found["<|calls|>"]
        if calls != nil, found["<|return|>"] != nil || found["<|flush|>"] != nil { found["<|end|>"] = nil }
        if found["<|tool_response>"] != nil { found["</s>"] = nil }
        for id in found.values { types[Int(id)] = .control }
        return Set(found.values.map { TokenID($0) })
    }
}
