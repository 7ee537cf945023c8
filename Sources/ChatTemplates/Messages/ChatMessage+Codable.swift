extension ChatMessage: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case role, content, name
        case reasoningContent = "reasoning_content"
        case toolCalls = "tool_calls"
        case toolCallID = "tool_call_id"
    }

    /// Reads a message of the OpenAI interface: content is a text, a list of parts, or null; fields that have
    /// no property here are kept in `fields`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let role = try container.decode(ChatRole.self, forKey: .role)
        if let parts = try? container.decode([ContentPart].self, forKey: .content) {
            self.init(role: role, parts: parts)
        } else {
            self.init(role: role, content: try container.decodeIfPresent(String.self, forKey: .content) ?? "")
        }
        name = try container.decodeIfPresent(String.self, forKey: .name)
        reasoningContent = try container.decodeIfPresent(String.self, forKey: .reasoningContent)
        toolCalls = try container.decodeIfPresent([ToolCall].self, forKey: .toolCalls) ?? []
        toolCallID = try container.decodeIfPresent(String.self, forKey: .toolCallID)
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        let all = try decoder.container(keyedBy: TemplateValue.AnyKey.self)
        for key in all.allKeys where !known.contains(key.stringValue) {
            fields[key.stringValue] = try all.decode(TemplateValue.self, forKey: key)
        }
    }

    /// Writes a message of the OpenAI interface.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(role, forKey: .role)
        if parts.isEmpty {
            try container.encode(content, forKey: .content)
        } else {
            try container.encode(parts, forKey: .content)
        }
        try container.encodeIfPresent(name, forKey: .name)
        try container.encodeIfPresent(reasoningContent, forKey: .reasoningContent)
        if !toolCalls.isEmpty { try container.encode(toolCalls, forKey: .toolCalls) }
        try container.encodeIfPresent(toolCallID, forKey: .toolCallID)
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        var all = encoder.container(keyedBy: TemplateValue.AnyKey.self)
        for (name, value) in fields where !known.contains(name) {
            try all.encode(value, forKey: TemplateValue.AnyKey(name))
        }
    }
}
