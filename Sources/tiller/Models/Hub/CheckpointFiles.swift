import Foundation
import Safetensors

/// Which files of a repository make a checkpoint that can be opened.
enum CheckpointFiles {
    /// The index of weights in several files.
    static let index = SafetensorsFolder.indexName

    /// What a checkpoint has beside its weights: configuration, tokenizer, chat template, terms of use.
    private static let companions: Set<String> = [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "chat_template.jinja",
        "chat_template.json", "spiece.model", "sentencepiece.bpe.model", "README.md", index,
    ]

    /// The small files of a repository that are wanted, the index of the weights among them.
    static func companions(among files: [String]) -> [String] {
        files.filter { file in
            companions.contains(file)
                || ["LICENSE", "LICENCE", "NOTICE", "USE_POLICY"].contains {
                    file.hasPrefix($0) && !file.contains("/")
                }
        }
    }

    /// The file of weights where there is no index. Nothing else can be opened: neither shards without one
    /// nor adapters nor Mistral's own form of its weights.
    static let single = SafetensorsFolder.singleName

    /// The files of weights that an index names; nil where the index is broken or names a
    /// file outside of the folder.
    static func weights(inIndex bytes: Data) -> [String]? {
        struct Index: Decodable {
            var weightMap: [String: String]
            enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
        }
        guard let index = try? JSONDecoder().decode(Index.self, from: bytes) else { return nil }
        let files = Set(index.weightMap.values)
        guard !files.isEmpty, files.allSatisfy({ HubReference.isHarmless($0) && !$0.contains("/") }) else {
            return nil
        }
        return files.sorted()
    }
}
