import Foundation

/// Finding a pre-tokeniser by its expressions, as `tokenizer.json` has them instead of a name.
extension Tokenizer {
    /// The name of the pre-tokeniser with these expressions, or nil if it is not built in.
    ///
    /// The expressions are those of the `Split` steps, in their order. `Digits` with individual digits
    /// counts as `\p{N}`, `ByteLevel` with its own expression as GPT-2's, `Punctuation` as falcon's first.
    public static func preTokenizerName(forExpressions expressions: [String]) -> String? {
        let canonical = expressions.map(PreTokenizer.canonical)
        if canonical.count == 6, canonical[0] == #"[\r\n]"#, canonical[1].hasPrefix(#"\s?[A-Za-zµÀ-Ö"#) {
            return "deepseek-llm"
        }
        return PreTokenizer.expressions.first { $0.expressions == canonical }?.name
    }

    /// A pre-tokeniser by its name, with the habits that come with the name.
    public struct NamedPreTokenizer: Sendable, Equatable {
        /// As in `tokenizer.ggml.pre`.
        public let name: String
        /// Whether a piece that is a token as a whole is taken without merging.
        public let ignoresMerges: Bool
        /// Whether text is brought to normal form C first.
        public let composes: Bool
    }

    /// All pre-tokenisers with these expressions, which differ in their habits; none where they are not built
    /// in. See `preTokenizerName(forExpressions:)`.
    public static func preTokenizers(forExpressions expressions: [String]) -> [NamedPreTokenizer] {
        guard let name = preTokenizerName(forExpressions: expressions) else { return [] }
        return ([name] + (PreTokenizer.kin[name] ?? [])).compactMap { name in
            PreTokenizer.catalogue[name].map { make in
                let made = make()
                return NamedPreTokenizer(
                    name: name, ignoresMerges: made.ignoresMerges, composes: made.composes)
            }
        }
    }

    /// The expression of `ByteLevel` with `use_regex`, and of GPT-2.
    public static var byteLevelExpression: String { PreTokenizer.gpt2 }

    /// What `Punctuation` with the behaviour `Contiguous` splits off, as an expression.
    public static var punctuationExpression: String { PreTokenizer.punctuation }
}

extension PreTokenizer {
    static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    static let punctuation = #"[\p{P}\$\+<=>\^~\|`]+"#

    private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let spaces = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let others = #"| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    private static let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    private static let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#

    private static func llama3(digits: String) -> String {
        contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits + others + spaces
    }

    private static func cased(suffix: String, digits: String) -> String {
        let prefix = #"[^\r\n\p{L}\p{N}]?"#
        return prefix + upper + "*" + lower + "+" + suffix + "|" + prefix + upper + "+" + lower + "*" + suffix
            + "|" + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*"# + spaces
    }

    /// Names with the expressions of another, and other habits.
    static let kin = [
        "gpt-2": ["olmo"], "llama-bpe": ["smaug-bpe"], "qwen2": ["deepseek-r1-qwen"],
        "gpt-4o": ["granite-embed-multi-97m"],
    ]

    static let expressions: [(name: String, expressions: [String])] = [
        ("gpt-2", [gpt2]),
        ("smollm", [#"\p{N}"#, gpt2]),
        ("llama-bpe", [llama3(digits: #"\p{N}{1,3}"#)]),
        ("qwen2", [llama3(digits: #"\p{N}"#)]),
        ("minicpm5", [#"\p{N}{1,3}"#, llama3(digits: #"\p{N}+"#)]),
        ("laguna", [#"[^\n]+|[\n]+"#, llama3(digits: #"\p{N}"#)]),
        (
            "qwen35",
            [
                contractions + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"#
                    + spaces
            ]
        ),
        (
            "seed-coder",
            [contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+"# + spaces]
        ),
        (
            "bailingmoe",
            [
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
                    + #"|\s*[\r\n]|\s+(?!\S)|\s+"#
            ]
        ),
        ("ufakzeka", [#"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + others + spaces]),
        ("tekken", [cased(suffix: "", digits: #"\p{N}"#)]),
        ("gpt-4o", [cased(suffix: contractions + "?", digits: #"\p{N}{1,3}"#)]),
        (
            "deepseek-v3",
            [
                #"\p{N}{1,3}"#, "[一-龥\u{3040}-\u{309F}\u{30A0}-\u{30FF}]+",
                ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
                    + #"| ?[\p{P}\p{S}]+[\r\n]*"# + spaces,
            ]
        ),
        (
            "deepseek-coder",
            [
                #"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, "[一-龥\u{800}-一가-\u{D7FF}]+", #"\p{N}"#,
            ]
        ),
        ("falcon", [punctuation, gpt2, "[0-9][0-9][0-9]"]),
        ("superbpe", [#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#]),
        (
            "jais-2",
            [
                contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"# + others + #"|\s*[\r\n]+"#
                    + [512, 256, 128, 64, 32, 16, 8, 4].map { #"|\s{\#($0)}(?!\S)"# }.joined()
                    + #"|\s{1,2}(?!\S)|\s{1}"#
            ]
        ),
        (
            "exaone-moe",
            [
                contractions + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}"#
                    + #"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#
            ]
        ),
        (
            "tiny_aya",
            [
                #"\d{1,3}(?=(?:\d{3})*\b)"#, cased(suffix: contractions + "?", digits: #"\p{N}{1,3}"#),
            ]
        ),
        ("bloom", [" ?[^(\\s|[.,!?…。，、।۔،])]+"]),
        ("viking", [" ?[^(\\s|[.,!?…。，、।۔،])]+", #"\p{N}"#]),
    ]

    /// One spelling of what files write in several ways: line breaks as they are, letters of both cases.
    static func canonical(_ expression: String) -> String {
        var result = ""
        for scalar in expression.unicodeScalars {
            switch scalar {
            case "\r": result += #"\r"#
            case "\n": result += #"\n"#
            default: result.unicodeScalars.append(scalar)
            }
        }
        let bothCases = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
        result = result.replacingOccurrences(of: bothCases, with: contractions)
        if result + #"|\s+"# == gpt2 { result = gpt2 }
        return result
    }
}
