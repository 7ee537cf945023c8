/// A call of a tool that the assistant made.
public struct ToolCall: Sendable, Equatable {
    /// The call's own name, that the result refers to.
    public var id: String?
    /// The tool's name.
    public var name: String
    /// The arguments, as a rule an object.
    public var arguments: TemplateValue

    /// A call of a tool.
    public init(id: String? = nil, name: String, arguments: TemplateValue) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    /// What templates read: `id`, `type` and `function` with `name` and `arguments`.
    var templateValue: TemplateValue {
        var members: [TemplateValue.Member] = []
        if let id { members.append(.init(name: "id", value: .string(id))) }
        members.append(.init(name: "type", value: "function"))
        members.append(.init(name: "function", value: ["name": .string(name), "arguments": arguments]))
        return .object(members)
    }
}

extension ToolCall: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, type, function
    }

    private enum FunctionKeys: String, CodingKey {
        case name, arguments
    }

    /// Reads the form of the OpenAI interface. Arguments that are a JSON text of an object become the object,
    /// which is what templates expect, with the order of its members.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let function = try container.nestedContainer(keyedBy: FunctionKeys.self, forKey: .function)
        id = try container.decodeIfPresent(String.self, forKey: .id)
        name = try function.decode(String.self, forKey: .name)
        let given = try function.decodeIfPresent(TemplateValue.self, forKey: .arguments) ?? .object([])
        arguments = given
        if case .string(let text) = given, let parsed = try? TemplateValue(json: text), case .object = parsed
        {
            arguments = parsed
        }
    }

    /// Writes the form of the OpenAI interface, with the arguments as a value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(id, forKey: .id)
        try container.encode("function", forKey: .type)
        var function = container.nestedContainer(keyedBy: FunctionKeys.self, forKey: .function)
        try function.encode(name, forKey: .name)
        try function.encode(arguments, forKey: .arguments)
    }
}
