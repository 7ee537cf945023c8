/// The methods of dictionaries.
extension Interpreter {
    func call(
        _ method: Method, of box: DictionaryBox, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        switch method {
        case .items: return try pairs(of: box)
        case .keys: return try makeList(box.members.keys.map(\.value))
        case .values: return try makeList(Array(box.members.values))
        case .get:
            let values = try arguments.bind(["key", "default"], required: 1, of: "get", self)
            return box.members[try key(values[0] ?? .none)] ?? values[1] ?? .none
        case .setdefault:
            let values = try arguments.bind(["key", "default"], required: 1, of: "setdefault", self)
            let key = try key(values[0] ?? .none)
            if let member = box.members[key] { return member }
            let fallback = values[1] ?? .none
            box.members[key] = fallback
            return fallback
        case .pop:
            let values = try arguments.bind(["key", "default"], required: 1, of: "pop", self)
            try charge(values: box.members.count)
            try step(box.members.rehashingSteps)
            if let member = box.members.removeValue(for: try key(values[0] ?? .none)) { return member }
            if let fallback = values[1] { return fallback }
            throw error(.wrongArgument, "pop: the key is not in the dictionary")
        case .popitem:
            guard !box.members.isEmpty else {
                throw error(.wrongArgument, "popitem: the dictionary is empty")
            }
            let last = box.members.removeLast()
            // looked up once more, to empty its place in the table
            try step(last.key.searchSteps)
            return try makeList([last.key.value, last.value], isTuple: true)
        case .update:
            if let first = arguments.first {
                for (key, value) in try members(first).elements { box.members[try counted(key)] = value }
            }
            for (name, value) in arguments.keywords { box.members[try counted(.string(name))] = value }
            return .none
        case .clear:
            box.members = Members()
            return .none
        default:
            return try makeDictionary(box.members)
        }
    }

    /// The members as a list of tuples.
    func pairs(of box: DictionaryBox) throws(ChatTemplateError) -> Value {
        var pairs: [Value] = []
        pairs.reserveCapacity(box.members.count)
        for member in box.members.elements {
            pairs.append(try makeList([member.key.value, member.value], isTuple: true))
        }
        return try makeList(pairs)
    }
}
