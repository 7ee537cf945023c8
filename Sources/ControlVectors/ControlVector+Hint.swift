extension ControlVector {
    /// The architecture that the hint means, as GGUF names it; nil where nobody says.
    var hintedArchitecture: String? { modelHint.map { Self.architectures[$0] ?? $0 } }

    /// The architectures that transformers calls by another name: repeng's hint is its `model_type`.
    /// What is not here has one name.
    private static let architectures = [
        "mistral": "llama", "mixtral": "llama", "qwen2_moe": "qwen2moe", "qwen3_moe": "qwen3moe",
        "gemma3_text": "gemma3", "phi": "phi2",
    ]
}
