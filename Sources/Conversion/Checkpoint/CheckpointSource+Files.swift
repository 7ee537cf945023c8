import Safetensors

extension CheckpointSource {
    /// The paths of the tensors' files and of all that may stand beside them; some of those may not be there.
    public var files: [String] {
        folder.files.map(\.path)
            + [
                "config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
                "special_tokens_map.json",
                "generation_config.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
                "model.safetensors.index.json",
            ].map { "\(path)/\($0)" }
    }
}
