/// Kinds of text that steering can leave alone.
public enum TextRegion: String, Sendable, Codable, CaseIterable {
    /// Between lines of three or more backticks or tildes.
    case code
    /// An object or a list that begins a line.
    case json
    /// What is said to a tool: `<tool_call>`, `<function_call>`, `[TOOL_CALLS]`, `<|python_tag|>`.
    case toolCall
    /// What is thought before the answer: `<think>`, `<thinking>`.
    case thinking
}
