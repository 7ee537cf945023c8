/// The pre-tokenisers by the names that llama.cpp gives them in `tokenizer.ggml.pre`.
///
/// The expressions are those of the makers' `tokenizer.json`, or llama.cpp's lists where it has no one maker.
extension PreTokenizer {
    static let catalogue: [String: @Sendable () -> PreTokenizer] = {
        var catalogue: [String: @Sendable () -> PreTokenizer] = [:]
        for (names, make) in families {
            for name in names { catalogue[name] = make }
        }
        return catalogue
    }()

    private static let families: [([String], @Sendable () -> PreTokenizer)] = [
        (
            [
                "gpt-2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0",
                "mellum", "modern-bert", "jais", "exaone4", "trillion", "granite-docling",
            ], { PreTokenizer(GPT2Words()) }
        ),
        // The makers' GPT-NeoX tokenizer composes.
        (["gpt-neox", "mpt", "olmo"], { PreTokenizer(GPT2Words()).with(composes: true) }),
        (
            [
                "smollm", "starcoder", "refact", "codeshell", "exaone", "minerva-7b", "mellum2",
            ], { PreTokenizer(numbers(limit: 1), GPT2Words()) }
        ),
        (["command-r"], { PreTokenizer(numbers(limit: 1), GPT2Words()).with(composes: true) }),
        (
            [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
                "jina-v5-nano",
            ], { PreTokenizer(Llama3Words()).with(ignoresMerges: true, addsBeginning: true) }
        ),
        (["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"], { PreTokenizer(Llama3Words()) }),
        (["qwen2", "megrez"], { PreTokenizer(Llama3Words(digits: 1)).with(composes: true) }),
        (
            [
                "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "hunyuan", "solar-open", "grok-2",
                "bailingmoe", "bailingmoe2", "llada-moe",
            ], { PreTokenizer(Llama3Words(digits: 1)) }
        ),
        (
            ["qwen35"],
            { PreTokenizer(Llama3Words(digits: 1, wordsHaveMarks: true)).with(composes: true) }
        ),
        (["seed-coder"], { PreTokenizer(Llama3Words(digits: 1, punctuationTakesNewlines: false)) }),
        (["ufakzeka"], { PreTokenizer(Llama3Words(digits: 1, hasContractions: false)) }),
        (
            ["minicpm5"],
            {
                PreTokenizer(numbers(limit: 3), Llama3Words(digits: .max)).with(ignoresMerges: true)
            }
        ),
        (["laguna"], { PreTokenizer(Lines(), Llama3Words(digits: 1)) }),
        (
            ["deepseek-llm"],
            {
                PreTokenizer(
                    Runs(set: ScalarSet(characters: "\r\n"), limit: 1),
                    Runs(set: casedLetters, takesWhitespace: true),
                    Runs(set: deepSeekPunctuation, takesWhitespace: true),
                    TrailingWhitespace(), Runs(set: deepSeekEastAsian), numbers())
            }
        ),
        (
            ["deepseek-coder"],
            {
                PreTokenizer(
                    Runs(set: ScalarSet(characters: "\r\n"), limit: 1),
                    Runs(set: ScalarSet(.letters), takesWhitespace: true),
                    Runs(set: ScalarSet(.punctuation), takesWhitespace: true),
                    Runs(set: deepSeekEastAsian), numbers(limit: 1))
            }
        ),
        (
            ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
            { PreTokenizer(numbers(limit: 3), Runs(set: eastAsian), DeepSeekWords()) }
        ),
        (
            ["tekken"],
            {
                PreTokenizer(CasedWords(digits: 1, hasContractions: false))
                    .with(ignoresMerges: true, addsBeginning: true)
            }
        ),
        (["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], { PreTokenizer(CasedWords()) }),
        (["granite-embed-multi-97m"], { PreTokenizer(CasedWords()).with(ignoresMerges: true) }),
        (
            ["falcon"],
            { PreTokenizer(Runs(set: signs("$+<=>^~|`")), GPT2Words(), ThreeDigits()) }
        ),
        (
            ["default"],
            { PreTokenizer(Runs(set: signs("$+<=>^~|")), GPT2Words(), numbers(), ThreeDigits()) }
        ),
        (["poro-chat", "bloom", "gpt3-finnish"], { PreTokenizer(Runs(set: bloomWord, takesSpace: true)) }),
        (["kimi-k2"], { PreTokenizer(KimiWords()) }),
        (["superbpe"], { PreTokenizer(numbers(), ThousandsCuts()) }),
        (["exaone-moe"], { PreTokenizer(ExaoneWords()) }),
        (["jais-2"], { PreTokenizer(Llama3Words(), HalvedWhitespace()) }),
        (["tiny_aya", "cohere2moe"], { PreTokenizer(GroupedDigits(), CasedWords()) }),
        (["afmoe"], { PreTokenizer(GroupedDigits(), Runs(set: asian), DeepSeekWords()) }),
        (
            ["spark2_5"],
            {
                PreTokenizer(
                    numbers(limit: 3), Runs(set: eastAsian), DeepSeekWords(joinsNewlines: false),
                    numbers(limit: 1))
            }
        ),
        (
            ["youtu"],
            {
                PreTokenizer(RunsOfEither(sets: youtuSets), CasedWords(digits: 1))
                    .with(ignoresMerges: true)
            }
        ),
        (
            ["chameleon"],
            {
                PreTokenizer(
                    ChameleonMarks.sentinel, ChameleonMarks.image, Indentation(), numbers(limit: 1),
                    Runs(set: signs("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), limit: 1), GPT2Words()
                ).with(addsBeginning: true)
            }
        ),
        (["viking"], { PreTokenizer(Runs(set: bloomWord, takesSpace: true), numbers(limit: 1)) }),
    ]

    private static func numbers(limit: Int = .max) -> Runs {
        Runs(set: ScalarSet(.numbers), limit: limit)
    }

    private static func signs(_ characters: String) -> ScalarSet {
        ScalarSet(.punctuation, characters: characters)
    }

    /// `[^(\s|.,!?…。，、।۔،)]`.
    private static let bloomWord = ScalarSet(.whitespace, characters: "(|.,!?…。，、।۔،)", isInverted: true)

    /// `[一-龥぀-ゟ゠-ヿ]`.
    private static let eastAsian = ScalarSet(ranges: [0x4E00...0x9FA5, 0x3040...0x30FF])

    /// Scripts that are written without spaces, and Hangul, by their blocks.
    private static let asian = ScalarSet(ranges: [
        0xE40...0xE7F, 0xE80...0xEFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x2F00...0x2FDF,
        0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA9E0...0xA9FF, 0xAA60...0xAA7F, 0xAC00...0xD7AF,
        0xF900...0xFAFF, 0xFF65...0xFF9F,
    ])

    /// `[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+`.
    private static let youtuSets = [
        ScalarSet(ranges: [0x3131...0x318E, 0xAC00...0xD7A3]),
        ScalarSet(characters: "！…“”‘’—：；，", ranges: [0x3001...0x303F, 0xFE30...0xFE4F]),
        ScalarSet(ranges: [0x3105...0x312F]),
        eastAsian,
    ]

    /// `[一-龥ࠀ-一가-퟿]`: the second range is U+0800-U+4E00, as DeepSeek's file has it.
    private static let deepSeekEastAsian = ScalarSet(ranges: [0x800...0x9FA5, 0xAC00...0xD7FF])

    /// `[!-/:-~！-／：-～‘-‟　-。]`.
    private static let deepSeekPunctuation = ScalarSet(ranges: [
        0x21...0x2F, 0x3A...0x7E, 0x2018...0x201F, 0x3000...0x3002, 0xFF01...0xFF0F, 0xFF1A...0xFF5E,
    ])

    /// The letters with case, as DeepSeek's file lists them.
    // swift-format-ignore
    private static let casedLetters = ScalarSet(ranges: [
        0x41...0x5A, 0x61...0x7A, 0xB5...0xB5, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x1BA, 0x1BC...0x1BF,
        0x1C4...0x293, 0x295...0x2AF, 0x370...0x373, 0x376...0x376, 0x377...0x377, 0x37B...0x37D,
        0x37F...0x37F, 0x386...0x386, 0x388...0x38A, 0x38C...0x38C, 0x38E...0x3A1, 0x3A3...0x3F5,
        0x3F7...0x481, 0x48A...0x52F, 0x531...0x556, 0x10A0...0x10C5, 0x13A0...0x13F5, 0x13F8...0x13FD,
        0x1C90...0x1CBA, 0x1CBD...0x1CBF, 0x1D00...0x1D2B, 0x1D6B...0x1D77, 0x1D79...0x1D9A,
        0x1E00...0x1F15, 0x1F18...0x1F1D, 0x1F20...0x1F45, 0x1F48...0x1F4D, 0x1F50...0x1F57,
        0x1F59...0x1F59, 0x1F5B...0x1F5B, 0x1F5D...0x1F5D, 0x1F5F...0x1F7D, 0x1F80...0x1FB4,
        0x1FB6...0x1FBC, 0x1FBE...0x1FBE, 0x1FC2...0x1FC4, 0x1FC6...0x1FCC, 0x1FD0...0x1FD3,
        0x1FD6...0x1FDB, 0x1FE0...0x1FEC, 0x1FF2...0x1FF4, 0x1FF6...0x1FFC, 0x2102...0x2102,
        0x2107...0x2107, 0x210A...0x2113, 0x2115...0x2115, 0x2119...0x211D, 0x2124...0x2124,
        0x2126...0x2126, 0x2128...0x2128, 0x212A...0x212D, 0x212F...0x2134, 0x2139...0x2139,
        0x213C...0x213F, 0x2145...0x2149, 0x214E...0x214E, 0x2183...0x2183, 0x2184...0x2184,
        0x2C00...0x2C7B, 0x2C7E...0x2CE4, 0x2CEB...0x2CEE, 0x2CF2...0x2CF2, 0x2CF3...0x2CF3,
        0xA640...0xA66D, 0xA680...0xA69B, 0xA722...0xA76F, 0xA771...0xA787, 0xA78B...0xA78E,
        0xAB70...0xABBF, 0xFB00...0xFB06, 0xFB13...0xFB17, 0xFF21...0xFF3A, 0xFF41...0xFF5A,
        0x10400...0x1044F, 0x104B0...0x104D3, 0x104D8...0x104FB, 0x10C80...0x10CB2, 0x10CC0...0x10CF2,
        0x118A0...0x118DF, 0x1E900...0x1E943,
    ])
}
