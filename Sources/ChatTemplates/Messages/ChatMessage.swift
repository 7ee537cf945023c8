/// One message of a conversation, with what templates read of it.
public struct ChatMessage: Sendable, Equatable {
    /// Who speaks.
    public var role: ChatRole
    /// The text; not read where there are `parts`.
    public var content: String
    /// The content as a list, for templates that iterate over it; empty for plain text.
    public var parts: [ContentPart]
    /// The speaker's name, or the tool whose result this is.
    public var name: String?
    /// What the assistant thought before it spoke; templates read it as `reasoning_content`.
    public var reasoningContent: String?
    /// The tools that the assistant called.
    public var toolCalls: [ToolCall]
    /// The call whose result this is.
    public var toolCallID: String?
    /// Further fields that a template reads, for example `thinking` or `tool_plan`. They
    /// do not replace the others.
    public var fields: [String: TemplateValue]

    /// A message.
    public init(
        role: ChatRole, content: String, name: String? = nil, reasoningContent: String? = nil,
        toolCalls: [ToolCall] = [], toolCallID: String? = nil, fields: [String: TemplateValue] = [:]
    ) {
        self.role = role
        self.content = content
        self.parts = []
        self.name = name
        self.reasoningContent = reasoningContent
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.fields = fields
    }

    /// A message whose content is a list; `content` is its text parts joined.
    public init(role: ChatRole, parts: [ContentPart]) {
        self.init(role: role, content: parts.compactMap(\.text).joined())
        self.parts = parts
    }
}

/// A piece of a message's content.
public struct ContentPart: Sendable, Equatable, Codable {
    /// `text`, or the name of another medium.
    public var type: String
    /// The text, if it is one.
    public var text: String?

    /// A piece of content.
    public init(type: String, text: String? = nil) {
        self.type = type
        self.text = text
    }

    /// A piece of text.
    public static func text(_ text: String) -> ContentPart {
        ContentPart(type: "text", text: text)
    }

    var templateValue: TemplateValue {
        guard let text else { return ["type": .string(type)] }
        return ["type": .string(type), "text": .string(text)]
    }
}

extension ChatMessage {
    /// The fields that templates see, in the order in which the OpenAI interface lists them.
    var templateMembers: [TemplateValue.Member] {
        var members: [TemplateValue.Member] = [
            .init(name: "role", value: .string(role.rawValue)),
            .init(
                name: "content",
                value: parts.isEmpty ? .string(content) : .array(parts.map(\.templateValue))),
        ]
        func add(_ name: String, _ value: TemplateValue?) {
            if let value { members.append(.init(name: name, value: value)) }
        }
        add("name", name.map { .string($0) })
        add("reasoning_content", reasoningContent.map { .string($0) })
        add("tool_calls", toolCalls.isEmpty ? nil : .array(toolCalls.map(\.templateValue)))
        add("tool_call_id", toolCallID.map { .string($0) })
        let taken = Set(members.map(\.name))
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !taken.contains(name) {
            add(name, value)
        }
        return members
    }
}
