/// Attributes, items and slices.
extension Interpreter {
    /// `value.name`: a method before a member, as in Jinja.
    func attribute(_ name: Name, of value: Value) throws(ChatTemplateError) -> Value {
        if let method = name.method, method.belongs(to: value) {
            return .function(.method(BoundMethod(value, method)))
        }
        return try member(name.text, of: value)
    }

    /// A member of a dictionary, a namespace or a loop.
    private func member(_ name: Text, of value: Value) throws(ChatTemplateError) -> Value {
        let key = try counted(.string(name))
        switch value {
        case .dictionary(let box), .namespace(let box): return box.members[key] ?? .undefined(name)
        case .loop(let loop): return attribute(name, of: loop)
        case .function(.cycler(let cycler)): return attribute(name, ofCycler: cycler)
        case .macro(let macro) where name == "name": return .string(macro.definition.name.text)
        case .undefined(let missing):
            throw error(.undefinedValue, "'\(missing.string)' is undefined, so it has no '\(name.string)'")
        default: return .undefined(name)
        }
    }

    /// `value[index]`: a member before a method; undefined where there is none.
    func item(_ index: Value, of value: Value) throws(ChatTemplateError) -> Value {
        switch (value, index) {
        case (.undefined, .string(let name)): return try member(name, of: value)
        case (.undefined(let missing), _):
            throw error(.undefinedValue, "'\(missing.string)' is undefined, so it has no items")
        case (.dictionary(let box), _):
            if let key = Key(index), let member = box.members[try counted(key)] { return member }
        case (.list(let box), _):
            if let place = index.wholeNumber {
                guard let place = Self.place(place, count: box.items.count) else {
                    return .undefined("index")
                }
                return box.items[place]
            }
        case (.string(let text), _):
            if let place = index.wholeNumber { return try scalar(place, of: text) }
        default: break
        }
        guard case .string(let name) = index else { return .undefined("item") }
        try step(name.bytes.count / 64)
        if let method = Method(rawValue: name.string), method.belongs(to: value) {
            return .function(.method(BoundMethod(value, method)))
        }
        if case .dictionary = value { return .undefined(name) }
        return try member(name, of: value)
    }

    private func scalar(_ index: Int, of text: Text) throws(ChatTemplateError) -> Value {
        try step(text.bytes.count / 64)
        let offsets = text.scalarOffsets
        guard let place = Self.place(index, count: offsets.scalarCount) else { return .undefined("index") }
        return .string(text[offsets[place]..<offsets[place + 1]])
    }

    /// The place that an index means; negative ones count from the end.
    private static func place(_ index: Int, count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return 0..<count ~= place ? place : nil
    }

    // MARK: - Slices

    func slice(_ value: Value, _ start: Int?, _ stop: Int?, _ stride: Int) throws(ChatTemplateError) -> Value
    {
        guard stride != 0 else { throw error(.wrongArgument, "the step of a slice cannot be 0") }
        switch value {
        case .list(let box):
            let places = Self.places(count: box.items.count, start, stop, stride)
            return try makeList(places.map { box.items[$0] }, isTuple: box.isTuple)
        case .string(let text):
            try charge(bytes: text.bytes.count)
            let offsets = text.scalarOffsets
            let places = Self.places(count: offsets.scalarCount, start, stop, stride)
            if stride == 1 {
                guard let first = places.first else { return .string(.empty) }
                return .string(text[offsets[first]..<offsets[first + places.count]])
            }
            var builder = TextBuilder()
            for place in places { builder.append(text, offsets[place]..<offsets[place + 1]) }
            return .string(builder.finished())
        case .undefined(let missing):
            throw error(.undefinedValue, "'\(missing.string)' is undefined, so it cannot be sliced")
        default: throw error(.wrongType, "cannot slice \(value.typeName)")
        }
    }

    /// The indices of Python's `[start:stop:stride]`, bounds clamped.
    private static func places(count: Int, _ start: Int?, _ stop: Int?, _ stride: Int) -> [Int] {
        // a stride longer than the sequence takes one item, however long it is
        let stride = max(-count - 1, min(count + 1, stride))
        func clamp(_ bound: Int, _ low: Int, _ high: Int) -> Int {
            max(low, min(high, bound < 0 ? max(bound, -count - 1) + count : bound))
        }
        if stride > 0 {
            let first = clamp(start ?? 0, 0, count)
            let end = clamp(stop ?? count, 0, count)
            return Array(Swift.stride(from: first, to: end, by: stride))
        }
        let first = start.map { clamp($0, -1, count - 1) } ?? count - 1
        let end = stop.map { clamp($0, -1, count - 1) } ?? -1
        return Array(Swift.stride(from: first, to: end, by: stride))
    }
}
