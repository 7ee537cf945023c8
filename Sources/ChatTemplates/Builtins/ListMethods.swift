/// The methods of lists and tuples.
extension Interpreter {
    func call(
        _ method: Method, of box: ListBox, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        switch method {
        case .append:
            box.items.append(try single(arguments, method))
            return .none
        case .extend:
            let items = try elements(of: try single(arguments, method))
            try charge(values: items.count + box.items.count)
            guard box.items.count + items.count <= limits.steps else {
                throw error(.budgetExceeded, "a list of more than \(limits.steps) items")
            }
            box.items += items
            return .none
        case .insert:
            let values = try arguments.bind(["index", "object"], required: 2, of: "insert", self)
            let index = try integer(values[0] ?? .none, "the index")
            let count = box.items.count
            try charge(values: count)
            let place = max(0, min(count, index < 0 ? max(index, -count - 1) + count : index))
            box.items.insert(values[1] ?? .none, at: place)
            return .none
        case .pop:
            let index = try integer(
                try arguments.bind(["index"], of: "pop", self)[0], "the index", otherwise: -1)
            let place = index < 0 ? index + box.items.count : index
            guard box.items.indices.contains(place) else {
                throw error(.wrongArgument, "pop: no item \(index)")
            }
            try charge(values: box.items.count)
            return box.items.remove(at: place)
        case .remove, .index:
            let value = try single(arguments, method)
            guard let place = try firstPlace(of: value, in: box) else {
                throw error(.wrongArgument, "\(method.rawValue): the value is not in the list")
            }
            if method == .index { return .integer(place) }
            // those behind it move
            try charge(values: box.items.count - place)
            box.items.remove(at: place)
            return .none
        case .count:
            let value = try single(arguments, method)
            var count = 0
            for item in box.items where try areEqual(item, value) { count += 1 }
            try charge(values: box.items.count)
            return .integer(count)
        case .reverse:
            try charge(values: box.items.count)
            box.items.reverse()
            return .none
        case .sort:
            let reverses = try arguments.bind(["reverse"], of: "sort", self)[0]?.isTrue ?? false
            box.items = try sorted(box.items, reverses: reverses) { (value) throws(ChatTemplateError) in value
            }
            return .none
        case .clear:
            box.items = []
            return .none
        default:
            return try makeList(box.items)
        }
    }

    private func single(_ arguments: CallArguments, _ method: Method) throws(ChatTemplateError) -> Value {
        guard let first = arguments.first, arguments.positional.count == 1, arguments.keywords.isEmpty else {
            throw error(.wrongArgument, "\(method.rawValue) takes one argument")
        }
        return first
    }

    private func firstPlace(of value: Value, in box: ListBox) throws(ChatTemplateError) -> Int? {
        for (place, item) in box.items.enumerated() {
            try step()
            if try areEqual(item, value) { return place }
        }
        return nil
    }

    /// The values in the order of their keys, equal ones as they stood.
    func sorted(
        _ values: [Value], reverses: Bool, key: (Value) throws(ChatTemplateError) -> Value
    ) throws(ChatTemplateError) -> [Value] {
        var keyed: [(key: Value, value: Value)] = []
        for value in values { keyed.append((try key(value), value)) }
        let ordered = try sorted(keyed) { (left, right) throws(ChatTemplateError) in
            reverses ? try isLess(right.key, left.key) : try isLess(left.key, right.key)
        }
        return ordered.map(\.value)
    }
}
