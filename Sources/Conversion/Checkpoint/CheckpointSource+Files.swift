import Foundation
import Safetensors

extension CheckpointSource {
    /// The paths of all that stands in the folder, and of what would be read if it did.
    public var files: [String] {
        let read = [
            "config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
            "special_tokens_map.json",
            "generation_config.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
            "model.safetensors.index.json",
        ]
        let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return folder.files.map(\.path) + Set(read + found).sorted().map { "\(path)/\($0)" }
    }
}
