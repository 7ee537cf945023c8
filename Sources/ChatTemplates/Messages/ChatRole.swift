/// Who speaks in a message.
public struct ChatRole: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, Codable,
    CustomStringConvertible
{
    /// The name that the template sees.
    public let rawValue: String

    /// A role of any name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// A role of any name.
    public init(_ name: String) {
        self.init(rawValue: name)
    }

    /// A role of any name.
    public init(stringLiteral value: String) {
        self.init(rawValue: value)
    }

    /// The instructions before the conversation.
    public static let system: ChatRole = "system"
    /// The person.
    public static let user: ChatRole = "user"
    /// The model.
    public static let assistant: ChatRole = "assistant"
    /// The result of a tool.
    public static let tool: ChatRole = "tool"
    /// The instructions, as some models call them.
    public static let developer: ChatRole = "developer"

    /// The name.
    public var description: String { rawValue }

    /// Words of the protocol rather than of a person: a template may build special tokens from them, as in
    /// `'<|' + message.role + '|>'`. Any other name is input.
    static let protocolNames: Set<String> = [
        "system", "user", "assistant", "tool", "developer", "function", "ipython", "model", "observation",
        "environment", "human", "gpt", "bot", "context", "document", "tool_call", "tool_response",
    ]

    var isProtocolName: Bool { Self.protocolNames.contains(rawValue) }
}
