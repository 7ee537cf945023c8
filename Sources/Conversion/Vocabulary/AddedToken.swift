/// A token that was added to a tokenizer: taken whole out of the text before anything else looks at it.
struct AddedToken {
    let id: Int
    let text: String
    /// Whether it steers the model instead of being text.
    let isSpecial: Bool
    /// Whether it swallows white space on its left, or right.
    var stripsLeft = false
    var stripsRight = false
    /// Whether it is looked for in the text as the normalizer leaves it.
    var isNormalized = false
    /// Whether it is taken only where no letter is beside it.
    var isWholeWord = false

    /// What it is for. Makers leave some tokens of their templates unmarked; llama.cpp
    /// goes by their looks too.
    var kind: TokenTable.Kind { isSpecial || looksSpecial ? .control : .userDefined }

    private var looksSpecial: Bool {
        ["<pad>", "<mask>", "<2mass>", "[@BOS@]"].contains(text)
            || text.hasPrefix("<|") && text.hasSuffix("|>") || text.hasPrefix("<｜") && text.hasSuffix("｜>")
            || text.hasPrefix("<unused") && text.hasSuffix(">")
    }
}

extension AddedToken {
    /// One entry of `added_tokens` (with its id), or of `added_tokens_decoder` (whose key is the id).
    init(_ node: JSONNode, id: Int?, path: String) throws(ConversionError) {
        guard let id = id ?? node["id"]?.integer, id >= 0, let text = node["content"]?.string, !text.isEmpty
        else {
            throw ConversionError(
                .damagedTokenizer, path: path, field: "added_tokens", found: node.excerpt,
                allowed: "an id and a content")
        }
        func flag(_ key: String) -> Bool { node[key]?.boolean ?? false }
        self.init(
            id: id, text: text, isSpecial: flag("special"), stripsLeft: flag("lstrip"),
            stripsRight: flag("rstrip"),
            isNormalized: flag("normalized"), isWholeWord: flag("single_word"))
    }
}
