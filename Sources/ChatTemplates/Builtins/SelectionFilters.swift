/// `map`, `select` and their relatives, and the filters of dictionaries.
extension Interpreter {
    func applyToEach(
        _ filter: Filter, _ value: Value, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        // what is false has nothing to select from, even where it cannot be iterated, as `none`
        let items = value.isTrue ? try elements(of: value) : []
        if filter == .map { return try makeList(try map(items, arguments)) }
        let readsAttribute = filter == .selectattr || filter == .rejectattr
        let keepsMatching = filter == .select || filter == .selectattr
        var rest = arguments
        var attribute: Value?
        if readsAttribute {
            guard let first = arguments.first else {
                throw error(.wrongArgument, "\(filter.rawValue) needs an attribute")
            }
            attribute = first
            rest.positional.removeFirst()
        }
        var test: ValueTest?
        if let first = rest.first {
            let name = try string(first, "the name of a test").string
            test = ValueTest(rawValue: name)
            if test == nil { throw error(.unknownTest, "unknown test '\(name)'") }
            rest.positional.removeFirst()
        }
        var kept: [Value] = []
        for item in items {
            try step()
            var tested = item
            if let attribute { tested = try member(attribute, of: item) }
            var matches = tested.isTrue
            if let test { matches = try holds(test, tested, rest) }
            if matches == keepsMatching { kept.append(item) }
        }
        return try makeList(kept)
    }

    /// The attribute of each item, or what a filter makes of it.
    private func map(_ items: [Value], _ arguments: CallArguments) throws(ChatTemplateError) -> [Value] {
        var results: [Value] = []
        if arguments.positional.isEmpty, arguments.keywords.contains(where: { $0.name == "attribute" }) {
            let values = try arguments.bind(["attribute", "default"], required: 1, of: "map", self)
            var fallback = values[1]
            // as in Jinja, `none` is no default
            if case .some(.none) = fallback { fallback = nil }
            for item in items {
                results.append(try member(values[0] ?? .none, of: item, otherwise: fallback))
            }
            return results
        }
        guard let first = arguments.first else {
            throw error(.wrongArgument, "map needs a filter or an attribute")
        }
        let name = try string(first, "the name of a filter").string
        guard let filter = Filter(rawValue: name) else {
            throw error(.unknownFilter, "unknown filter '\(name)'")
        }
        let rest = CallArguments(
            positional: Array(arguments.positional.dropFirst()), keywords: arguments.keywords)
        // a filter can name this one again, deeper each time
        try enter()
        defer { leave() }
        for item in items {
            try step()
            results.append(try apply(filter, to: item, rest))
        }
        return results
    }

    func applyToMembers(
        _ filter: Filter, _ value: Value, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        switch filter {
        case .attr:
            let name = try string(
                try arguments.bind(["name"], required: 1, of: "attr", self)[0] ?? .none, "the name")
            // only attributes, never the members of a dictionary
            if case .dictionary = value { return .undefined(name) }
            return try item(.string(name), of: value)
        case .items:
            try expectNone(arguments, filter)
            if value.isUndefined { return try makeList([]) }
            guard case .dictionary(let box) = value else {
                throw error(.wrongType, "items needs a dictionary, not \(value.typeName)")
            }
            return try pairs(of: box)
        default: return try dictsort(value, arguments)
        }
    }

    private func dictsort(_ value: Value, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        guard case .dictionary(let box) = value else {
            throw error(.wrongType, "dictsort needs a dictionary, not \(value.typeName)")
        }
        let values = try arguments.bind(["case_sensitive", "by", "reverse"], of: "dictsort", self)
        let isCaseSensitive = values[0]?.isTrue ?? false
        let by = try optionalString(values[1], "by") ?? "key"
        guard by == "key" || by == "value" else {
            throw error(.wrongArgument, "dictsort: by is 'key' or 'value'")
        }
        let pairs = try elements(of: try pairs(of: box))
        let ordered = try sorted(pairs, reverses: values[2]?.isTrue ?? false) {
            (pair) throws(ChatTemplateError) in
            let key = try self.item(.integer(by == "key" ? 0 : 1), of: pair)
            return try self.sortKey(key, isCaseSensitive: isCaseSensitive)
        }
        return try makeList(ordered)
    }
}
