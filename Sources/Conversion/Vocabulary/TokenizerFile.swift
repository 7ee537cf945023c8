import Foundation
import Tokenizers

/// `tokenizer.json`: what the library `tokenizers` reads.
///
/// Every step that it names is either done by the room `Tokenizers` in the same way, or refused by its name.
struct TokenizerFile {
    /// How text becomes tokens.
    enum Model: Equatable {
        /// Byte-level pairs, with the expressions that divide text first.
        case byteLevel(expressions: [String])
        /// Pairs on text whose spaces are `▁`.
        case ranked
        case unigram
    }

    let path: String
    let root: JSONNode
    let modelNode: JSONNode
    private(set) var model = Model.ranked
    private(set) var composes = false
    private(set) var spacePrefix = SpacePrefix.never
    private(set) var splitsAtSpaces = false
    private(set) var characterMap: [UInt8] = []
    private(set) var addedTokens: [AddedToken] = []
    /// The text of the token that the file puts before a sequence, and behind it.
    private(set) var beginning: String?
    private(set) var end: String?
    /// Whether spaces become `▁`.
    private var escapesSpaces = false
    private var expressions: [String] = []
    private var isByteLevel = false

    init(path: String) throws(ConversionError) {
        self.path = path
        root = try JSONDocument(path: path).root
        guard let node = root.value("model"), node.isObject else {
            throw ConversionError(
                .damagedTokenizer, path: path, field: "model", found: root["model"]?.excerpt ?? "nothing",
                allowed: "an object")
        }
        modelNode = node
        try readNormalizer(root.value("normalizer"))
        try readPreTokenizer(root.value("pre_tokenizer"))
        try readModel()
        for token in root.value("added_tokens")?.elements ?? [] {
            try append(try AddedToken(token, id: nil, path: path))
        }
        try readPostProcessor(root.value("post_processor"))
    }

    /// Whether pieces that are tokens are taken without merging.
    var ignoresMerges: Bool { modelNode.value("ignore_merges")?.boolean ?? false }

    /// The text of the unknown token; a unigram model has its id.
    var unknown: String? { modelNode.value("unk_token")?.string }

    func refusal(_ field: String, _ found: String, allowed: String) -> ConversionError {
        ConversionError(.unsupportedTokenizer, path: path, field: field, found: found, allowed: allowed)
    }

    private func type(of node: JSONNode) -> String { node.value("type")?.string ?? node.excerpt }

    // MARK: - Steps

    private mutating func readNormalizer(_ node: JSONNode?) throws(ConversionError) {
        guard let node else { return }
        let type = type(of: node)
        switch type {
        case "Sequence":
            for step in node.value("normalizers")?.elements ?? [] { try readNormalizer(step) }
        case "NFC":
            composes = true
        case "Prepend" where node.value("prepend")?.string == "▁":
            spacePrefix = .always
        case "Replace"
        where node.value("content")?.string == "▁" && node.value("pattern")?.value("String")?.string == " ":
            escapesSpaces = true
        case "Precompiled":
            let text = node.value("precompiled_charsmap")?.string ?? ""
            guard let map = Data(base64Encoded: text) else {
                throw ConversionError(
                    .damagedTokenizer, path: path, field: "normalizer", found: "a table that is not base64",
                    allowed: "a table")
            }
            characterMap = Array(map)
        default:
            throw refusal(
                "normalizer", "\(type) \(node.excerpt)",
                allowed: "NFC, Prepend ▁, Replace space by ▁, Precompiled")
        }
    }

    private mutating func readPreTokenizer(_ node: JSONNode?) throws(ConversionError) {
        guard let node else { return }
        let type = type(of: node)
        switch type {
        case "Sequence":
            for step in node.value("pretokenizers")?.elements ?? [] { try readPreTokenizer(step) }
        case "ByteLevel":
            guard node.value("add_prefix_space")?.boolean != true else {
                throw refusal(
                    "pre_tokenizer", "ByteLevel with add_prefix_space", allowed: "add_prefix_space false")
            }
            isByteLevel = true
            if node.value("use_regex")?.boolean ?? true { expressions.append(Tokenizer.byteLevelExpression) }
        case "Digits" where node.value("individual_digits")?.boolean == true:
            expressions.append(#"\p{N}"#)
        case "Punctuation" where node.value("behavior")?.string == "Contiguous":
            expressions.append(Tokenizer.punctuationExpression)
        case "Split":
            try readSplit(node)
        case "Metaspace":
            try readMetaspace(node)
        default:
            throw refusal(
                "pre_tokenizer", "\(type) \(node.excerpt)",
                allowed: "ByteLevel, Split, Digits, Punctuation, Metaspace")
        }
    }

    private mutating func readSplit(_ node: JSONNode) throws(ConversionError) {
        let behavior = node.value("behavior")?.string
        let isInverted = node.value("invert")?.boolean ?? false
        if let text = node.value("pattern")?.value("String")?.string {
            // Gemma: after the normalizer no space is left to split at.
            if text == " ", escapesSpaces, behavior == "MergedWithPrevious", !isInverted { return }
            throw refusal("pre_tokenizer", "Split \(node.excerpt)", allowed: "a regular expression")
        }
        // Files keep the matches only of expressions that everything matches (GPT-4o's):
        // the same as parting them.
        let isIsolated = behavior == "Isolated" && !isInverted || behavior == "Removed" && isInverted
        guard isIsolated, let expression = node.value("pattern")?.value("Regex")?.string else {
            throw refusal("pre_tokenizer", "Split \(node.excerpt)", allowed: "a regular expression, Isolated")
        }
        expressions.append(expression)
    }

    private mutating func readMetaspace(_ node: JSONNode) throws(ConversionError) {
        guard node.value("replacement")?.string ?? "▁" == "▁" else {
            throw refusal("pre_tokenizer", "Metaspace \(node.excerpt)", allowed: "▁ for a space")
        }
        escapesSpaces = true
        splitsAtSpaces = node.value("split")?.boolean ?? true
        let scheme = node.value("prepend_scheme")?.string
        switch scheme ?? (node.value("add_prefix_space")?.boolean ?? true ? "always" : "never") {
        case "always": spacePrefix = .alwaysUnlessSpace
        case "first": spacePrefix = .firstUnlessSpace
        case "never": break
        default:
            throw refusal("pre_tokenizer", "Metaspace \(scheme ?? "")", allowed: "always, first or never")
        }
    }

    private mutating func readModel() throws(ConversionError) {
        // Older files have no type; only pairs have merges.
        let type = modelNode.value("type")?.string ?? (modelNode["merges"] == nil ? "none" : "BPE")
        switch type {
        case "BPE":
            for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
                guard modelNode.value(key)?.string ?? "" == "" else {
                    throw refusal("model.\(key)", modelNode[key]?.excerpt ?? "", allowed: "null")
                }
            }
            if isByteLevel {
                guard !escapesSpaces, spacePrefix == .never, characterMap.isEmpty else {
                    throw refusal("normalizer", "▁ for spaces before ByteLevel", allowed: "one of the two")
                }
                model = .byteLevel(expressions: expressions)
                return
            }
            guard escapesSpaces else {
                throw refusal(
                    "pre_tokenizer", "neither ByteLevel nor ▁ for spaces", allowed: "one of the two")
            }
            model = .ranked
        case "Unigram":
            guard escapesSpaces, !isByteLevel else {
                throw refusal("pre_tokenizer", "no ▁ for spaces", allowed: "Metaspace, or Replace space by ▁")
            }
            model = .unigram
        default:
            throw refusal("model.type", type, allowed: "BPE or Unigram")
        }
        guard expressions.isEmpty else {
            throw refusal("pre_tokenizer", "Split beside ▁ for spaces", allowed: "one of the two")
        }
        guard modelNode.value("dropout")?.number ?? 0 == 0 else {
            throw refusal("model.dropout", modelNode["dropout"]?.excerpt ?? "", allowed: "null")
        }
    }

    // MARK: - Tokens

    /// Adds the tokens of `added_tokens_decoder`, by their ids, that the file has neither by id nor by text.
    mutating func add(decoder: JSONNode?, path: String) throws(ConversionError) {
        let (ids, texts) = (Set(addedTokens.map(\.id)), Set(addedTokens.map(\.text)))
        for (key, value) in decoder?.members ?? [] {
            guard let id = key.string.flatMap({ Int($0) }), !ids.contains(id) else { continue }
            let token = try AddedToken(value, id: id, path: path)
            if !texts.contains(token.text) { try append(token) }
        }
    }

    private mutating func append(_ token: AddedToken) throws(ConversionError) {
        guard !token.isWholeWord else {
            throw refusal(
                "added_tokens", "\(token.text.debugDescription) with single_word",
                allowed: "single_word false")
        }
        // Such a token is looked for with what the normalizer makes of it, which is another text where it has
        // a space or gets one in front.
        if token.isNormalized, case .byteLevel = model {
        } else if token.isNormalized, escapesSpaces && token.text.contains(" ") || spacePrefix == .always {
            throw refusal(
                "added_tokens", "\(token.text.debugDescription) with normalized, which gets a ▁",
                allowed: "normalized false")
        }
        addedTokens.append(token)
    }

    private mutating func readPostProcessor(_ node: JSONNode?) throws(ConversionError) {
        guard let node else { return }
        let type = type(of: node)
        switch type {
        case "Sequence":
            for step in node.value("processors")?.elements ?? [] { try readPostProcessor(step) }
        case "ByteLevel":
            break
        case "TemplateProcessing":
            var sides: [[String]] = [[], []]
            var side = 0
            for item in node.value("single")?.elements ?? [] {
                if let text = item.value("SpecialToken")?.value("id")?.string {
                    sides[side].append(text)
                } else {
                    side = 1
                }
            }
            guard sides.allSatisfy({ $0.count <= 1 }) else {
                throw refusal(
                    "post_processor", "several tokens on one side of a text", allowed: "one on each")
            }
            (beginning, end) = (sides[0].first, sides[1].first)
        default:
            throw refusal("post_processor", type, allowed: "ByteLevel, TemplateProcessing")
        }
    }
}
