import Conversion
import Foundation
import GGUF
import Generation
import Terms
import Testing
import Tokenizers
import _TestSupport

/// Tokenizer files of checkpoints, read through the keys of GGUF, against the ids of their makers' libraries.
@Suite struct CheckpointTokenizerTests {
    struct Expected: Decodable {
        let rows: Int
        let texts: [String]
        let ids: [[Int]]
    }

    static let names = [
        "llama3", "qwen2", "gpt2", "smollm", "ranked", "ranked-first", "pairs", "pairs-json", "unigram",
        "unigram-json",
    ]

    /// A model with a fixture's tokenizer: everything in it is zero but its sizes.
    private func checkpoint(
        _ name: String, changing: (String, (String) -> String)? = nil
    ) throws -> (TinyCheckpoint, Expected) {
        let expected = try fixture("conversion/tokenizers/\(name)/expected.json", as: Expected.self)
        var checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        checkpoint.configuration["vocab_size"] = expected.rows
        for index in checkpoint.tensors.indices
        where checkpoint.tensors[index].shape.first == TinyCheckpoint.vocabulary {
            checkpoint.tensors[index].shape[0] = expected.rows
        }
        try checkpoint.write()
        let folder = fixturePath("conversion/tokenizers/\(name)")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file != "expected.json"
        {
            var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
            if let (changed, change) = changing, changed == file {
                bytes = Array(change(String(decoding: bytes, as: UTF8.self)).utf8)
            }
            try checkpoint.folder.write(bytes, to: file)
        }
        return (checkpoint, expected)
    }

    @Test(arguments: names) func everyTextHasTheMakersTokens(name: String) throws {
        let (checkpoint, expected) = try checkpoint(name)
        // Through a written file, so that what GGUF has no key for survives too.
        let path = checkpoint.folder.file("out.gguf")
        _ = try CheckpointConversion(try checkpoint.open(), as: .f16).write(to: path)
        for model in [try LanguageModel(try checkpoint.open()), try LanguageModel(path: path)] {
            #expect(model.tokenizer.vocabularySize == expected.rows)
            // SentencePiece itself knows no special tokens in a text.
            let special: SpecialTokens = name == "pairs" || name == "unigram" ? .asText : .parsed
            for (text, ids) in zip(expected.texts, expected.ids) {
                let found = model.tokenizer.encode(text, special: special).map(\.index)
                #expect(found == ids, "\(name): \(text.debugDescription)")
            }
        }
    }

    @Test func specialTokensComeFromTheFilesBeside() throws {
        let llama = try LanguageModel(try checkpoint("llama3").0.open()).tokenizer
        #expect(llama.beginningOfSequence.map(llama.piece) == "<|begin_of_text|>")
        #expect(llama.endOfSequence.map(llama.piece) == "<|eot_id|>")
        #expect(llama.addsBeginningOfSequence)
        // The list of generation_config.json, one of which no one would know by its text.
        #expect(
            Set(["<|end_of_text|>", "<|eot_id|>", "<|python_tag|>"].compactMap { llama.token(for: $0) })
                .isSubset(of: llama.endOfGeneration))
        let qwen = try LanguageModel(try checkpoint("qwen2").0.open()).tokenizer
        #expect(qwen.beginningOfSequence == nil && !qwen.addsBeginningOfSequence)
        #expect(qwen.padding.map(qwen.piece) == "<|endoftext|>")
        #expect(qwen.type(of: TokenID(Int32(qwen.vocabularySize - 1))) == .unused)
        let pairs = try LanguageModel(try checkpoint("pairs").0.open()).tokenizer
        #expect(pairs.beginningOfSequence.map(pairs.piece) == "<s>" && pairs.addsBeginningOfSequence)
    }

    /// As a slow tokenizer leaves it that was saved beside `tokenizer.json`. What both have is the file's.
    @Test func aTokenThatOnlyTheConfigurationHasIsAdded() throws {
        let (checkpoint, expected) = try checkpoint(
            "smollm",
            changing: (
                "tokenizer.json",
                { text in
                    changed(text) { file in
                        let added = file["added_tokens"] as? [[String: Any]] ?? []
                        file["added_tokens"] = Array(added.dropLast())
                    }
                }
            ))
        let text = "<|im_start|>x<|im_end|>"
        let ids = expected.ids[try #require(expected.texts.firstIndex(of: text))]
        #expect(ids.last == 362)
        for (last, isAdded) in [("362", true), ("361", false)] {
            let decoder = """
                {"added_tokens_decoder": {"360": {"content": "<other>", "special": true},
                "\(last)": {"content": "<|im_end|>", "special": true}}}
                """
            try checkpoint.folder.write(Array(decoder.utf8), to: "tokenizer_config.json")
            let tokenizer = try LanguageModel(try checkpoint.open()).tokenizer
            let found = tokenizer.encode(text, special: .parsed).map(\.index)
            #expect((found == ids) == isAdded, "\(found)")
            #expect(tokenizer.token(for: "<other>") == nil)
        }
    }

    /// `tokenizer.json` with some of it changed.
    private func changed(_ text: String, _ change: (inout [String: Any]) -> Void) -> String {
        var file = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
        change(&file)
        let data = try? JSONSerialization.data(withJSONObject: file)
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    /// Readers of GGUF take numbers of their own where a key is missing: 1 and 2 with SentencePiece, and 11
    /// where a byte-level vocabulary has a control token there.
    @Test(arguments: ["smollm", "ranked"]) func textsWithoutEndsStayWithoutThem(name: String) throws {
        let (checkpoint, _) = try checkpoint(
            name,
            changing: (
                "tokenizer.json",
                { text in
                    changed(text) { file in
                        file["post_processor"] = NSNull()
                        guard name == "smollm", var added = file["added_tokens"] as? [[String: Any]] else {
                            return
                        }
                        (added[0]["id"], added[0]["content"]) = (11, ",")
                        file["added_tokens"] = added
                    }
                }
            ))
        for file in ["tokenizer_config.json", "special_tokens_map.json"] {
            try checkpoint.folder.write(Array("{}".utf8), to: file)
        }
        let path = checkpoint.folder.file("out.gguf")
        _ = try CheckpointConversion(try checkpoint.open(), as: .f16).write(to: path)
        for model in [try LanguageModel(try checkpoint.open()), try LanguageModel(path: path)] {
            #expect(model.tokenizer.beginningOfSequence == nil && model.tokenizer.endOfSequence == nil)
            #expect(!model.tokenizer.addsBeginningOfSequence)
            #expect(name == "ranked" || model.tokenizer.type(of: 11) == .control)
        }
    }

    @Test func whereNothingWouldBeGuessedNothingIsDenied() throws {
        let (checkpoint, _) = try checkpoint("smollm")
        for file in ["tokenizer_config.json", "special_tokens_map.json"] {
            try checkpoint.folder.write(Array("{}".utf8), to: file)
        }
        let metadata = try checkpoint.open().metadata
        #expect(metadata["tokenizer.ggml.bos_token_id"] == nil)
        #expect(metadata["tiller.tokenizer.strips_right"] == nil)
    }

    /// Other programs go by `add_eos_token`: they would write the named end where the
    /// tokenizer writes another token.
    @Test func theEndBehindATextCountsOnlyIfItIsTheOneThatIsNamed() throws {
        for (end, expected) in [("<|eot_id|>", true), ("<|end_of_text|>", false)] {
            let (checkpoint, _) = try checkpoint(
                "llama3",
                changing: (
                    "tokenizer.json",
                    { text in
                        changed(text) { file in
                            file["post_processor"] = [
                                "type": "TemplateProcessing", "pair": [Any](),
                                "single": [
                                    ["Sequence": ["id": "A", "type_id": 0]],
                                    ["SpecialToken": ["id": end, "type_id": 0]],
                                ],
                                "special_tokens": [end: ["id": end, "ids": [1], "tokens": [end]]],
                            ]
                        }
                    }
                ))
            let metadata = try checkpoint.open().metadata
            #expect(metadata["tokenizer.ggml.add_eos_token"] == .bool(expected), "\(end)")
        }
    }

    @Test func aFolderNamedLikePhi3KeepsTheSpacesOfItsTokenizer() throws {
        let (checkpoint, _) = try checkpoint("pairs-json")
        let links = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: links.file("Phi-3-tiny"), withDestinationPath: checkpoint.folder.path)
        let plain = try LanguageModel(try checkpoint.open())
        let named = try LanguageModel(try CheckpointSource(path: links.file("Phi-3-tiny")))
        let text = "a<|im_end|>  b"
        #expect(try named.file.metadata.string("general.name") == "Phi-3-tiny")
        #expect(
            named.tokenizer.encode(text, special: .parsed) == plain.tokenizer.encode(text, special: .parsed))
    }

    @Test func endsOfTheConfigurationCountOnlyWhereGenerationHasNone() throws {
        for (generation, expected) in [("{\"eos_token_id\": [2]}", Set([2])), ("{}", [3])] {
            var (checkpoint, _) = try checkpoint(
                "llama3", changing: ("generation_config.json", { _ in generation }))
            checkpoint.configuration["eos_token_id"] = [3]
            try checkpoint.writeConfiguration()
            let llama = try LanguageModel(try checkpoint.open()).tokenizer
            let ends = Set(llama.endOfGeneration.map { $0.index }).intersection([2, 3])
            #expect(ends == expected)
        }
    }

    @Test func theTemplateFileWinsAndNamedOnesAreKept() throws {
        let qwen = try checkpoint("qwen2").0.open().metadata
        #expect(try qwen.string("tokenizer.chat_template").hasPrefix("{% for m in messages %}<|im_start|>"))
        let smollm = try checkpoint("smollm").0.open().metadata
        #expect(try smollm.string("tokenizer.chat_template") == "{{ messages[0].content }}")
        #expect(try smollm.string("tokenizer.chat_template.tool_use") == "{{ tools }}")
        #expect(try smollm.stringArray("tokenizer.chat_templates") == ["tool_use"])
    }

    @Test(arguments: [
        ("\"type\":\"NFC\"", "\"type\":\"Lowercase\"", "normalizer"),
        ("\"individual_digits\":true", "\"individual_digits\":false", "pre_tokenizer"),
        ("\"add_prefix_space\":false", "\"add_prefix_space\":true", "pre_tokenizer"),
        ("\"type\":\"BPE\"", "\"type\":\"WordPiece\"", "model.type"),
        ("\"single_word\":false", "\"single_word\":true", "added_tokens"),
        (
            "\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":null",
            "\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":\"##\"",
            "model.continuing_subword_prefix"
        ),
    ])
    func whatIsNotSupportedIsRefusedByItsName(old: String, new: String, field: String) throws {
        let name = old.contains("NFC") ? "qwen2" : "smollm"
        let change: (String, (String) -> String) = (
            "tokenizer.json", { $0.replacingOccurrences(of: old, with: new) }
        )
        let changed = try checkpoint(name, changing: change).0
        let error = #expect(throws: ConversionError.self) { try changed.open() }
        #expect(error?.kind == .unsupportedTokenizer && error?.field == field)
    }

    @Test func anUnknownExpressionIsRefused() throws {
        let changed = try checkpoint(
            "llama3", changing: ("tokenizer.json", { $0.replacingOccurrences(of: "{1,3}", with: "{1,4}") })
        ).0
        let error = #expect(throws: ConversionError.self) { try changed.open() }
        #expect(error?.kind == .unsupportedTokenizer && error?.field == "pre_tokenizer")
    }

    @Test func aFolderWithoutATokenizerIsAModelThatKnowsNoText() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write()
        let source = try checkpoint.open()
        #expect(!source.hasTokenizer)
        #expect(try source.metadata.string("tokenizer.ggml.model") == "none")
    }

    @Test(arguments: ["pairs", "unigram", "llama3"])
    func aTokenizerCutAnywhereIsRefusedOrWhole(name: String) throws {
        let (checkpoint, _) = try checkpoint(name)
        let file = name == "llama3" ? "tokenizer.json" : "tokenizer.model"
        let bytes = try #require(checkpoint.folder.read(file))
        let whole = try checkpoint.open().metadata
        // Wherever it is cut, and at each border of a field: every piece of SentencePiece begins with
        // one newline and its length.
        let borders =
            name == "llama3" ? [] : bytes.indices.filter { bytes[$0] == 0x0A || bytes[$0] & 7 == 2 }
        for count in Set(stride(from: 0, to: bytes.count, by: 61)).union(borders) {
            try checkpoint.folder.write(bytes.prefix(count), to: file)
            do {
                #expect(try checkpoint.open().metadata == whole, "\(count) bytes")
            } catch is ConversionError {}
        }
        // And every byte near the beginning changed.
        for index in 0..<200 {
            var changed = bytes
            changed[index] ^= 0xFF
            try checkpoint.folder.write(changed, to: file)
            do { _ = try checkpoint.open() } catch is ConversionError {}
        }
    }
}
