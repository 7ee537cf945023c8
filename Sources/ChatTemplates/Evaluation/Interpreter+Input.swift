/// What comes from outside as values: every text in it is input, unless it is said to be the template's.
extension Interpreter {
    func value(
        _ value: TemplateValue, origin: Text.Origin = .input
    ) throws(ChatTemplateError) -> Value {
        switch value {
        case .null: return .none
        case .boolean(let value): return .boolean(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .float(value)
        case .string(let text): return .string(Text(bytes: Array(text.utf8), origin: origin))
        case .array(let items):
            try enter()
            defer { leave() }
            var values: [Value] = []
            values.reserveCapacity(items.count)
            for item in items { values.append(try self.value(item, origin: origin)) }
            return try makeList(values)
        case .object(let members):
            try enter()
            defer { leave() }
            return try makeDictionary(try self.members(members, origin))
        }
    }

    private func members(
        _ members: [TemplateValue.Member], _ origin: Text.Origin
    ) throws(ChatTemplateError) -> Members {
        var values = Members()
        values.reserveCapacity(members.count)
        for member in members {
            let name = Text(bytes: Array(member.name.utf8), origin: origin)
            values[try counted(.string(name))] = try value(member.value, origin: origin)
        }
        return values
    }

    /// A message; the names of its fields are ours, and so is a role that is a word of the protocol.
    func value(_ message: ChatMessage) throws(ChatTemplateError) -> Value {
        var values = Members()
        for member in message.templateMembers {
            let isKnown = message.fields[member.name] == nil
            let name = isKnown ? Text(member.name) : Text(input: member.name)
            values[try counted(.string(name))] = try value(member.value)
        }
        if message.role.isProtocolName {
            values[try counted("role")] = .string(Text(message.role.rawValue))
        }
        return try makeDictionary(values)
    }
}
