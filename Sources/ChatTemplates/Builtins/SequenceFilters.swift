/// Filters of sequences. Where Jinja gives a generator, the result here is a list.
extension Interpreter {
    func applyToSequence(
        _ filter: Filter, _ value: Value, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        switch (filter, value) {
        case (.reverse, .string(let text)):
            try expectNone(arguments, filter)
            return try slice(.string(text), nil, nil, -1)
        default: break
        }
        let items = try elements(of: value)
        switch filter {
        case .list:
            try expectNone(arguments, filter)
            return try makeList(items)
        case .reverse:
            try expectNone(arguments, filter)
            return try makeList(items.reversed())
        case .first: return items.first ?? .undefined("first")
        case .last: return items.last ?? .undefined("last")
        case .join:
            let values = try arguments.bind(["d", "attribute"], of: "join", self)
            let separator = try text(of: values[0] ?? .string(.empty))
            return .string(try join(try pluck(values[1], from: items), with: separator))
        case .sum:
            let values = try arguments.bind(["attribute", "start"], of: "sum", self)
            var total = values[1] ?? .integer(0)
            for item in try pluck(values[0], from: items) {
                try step()
                total = try apply(.add, total, item)
            }
            return total
        case .max, .min: return try extreme(of: items, filter, arguments)
        case .sort: return try sort(items, arguments)
        case .unique: return try unique(items, arguments)
        case .batch: return try batch(items, arguments)
        default: return try slices(items, arguments)
        }
    }

    // MARK: - Keys

    /// The items, or the attribute of each.
    private func pluck(_ attribute: Value?, from items: [Value]) throws(ChatTemplateError) -> [Value] {
        guard let attribute else { return items }
        if case .none = attribute { return items }
        var values: [Value] = []
        for item in items { values.append(try member(attribute, of: item)) }
        return values
    }

    /// `a.b.0` of a value: members by name and items by number. A fallback takes the place of each that is
    /// not there, and the next one is asked of it.
    func member(
        _ path: Value, of value: Value, otherwise fallback: Value? = nil
    ) throws(ChatTemplateError) -> Value {
        try step()
        guard case .string(let text) = path else {
            let found = try item(path, of: value)
            return found.isUndefined ? fallback ?? found : found
        }
        try charge(bytes: text.bytes.count)
        var value = value
        for part in text.split(at: text.ranges(of: ".")) {
            try step()
            value = try item(Int(part.string).map { .integer($0) } ?? .string(part), of: value)
            if value.isUndefined, let fallback { value = fallback }
        }
        return value
    }

    /// Strings in lower case unless case counts.
    func sortKey(_ value: Value, isCaseSensitive: Bool) throws(ChatTemplateError) -> Value {
        guard !isCaseSensitive, case .string(let text) = value else { return value }
        try charge(bytes: text.bytes.count)
        return .string(text.lowercased())
    }

    private func extreme(
        of items: [Value], _ filter: Filter, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["case_sensitive", "attribute"], of: filter.rawValue, self)
        let isCaseSensitive = values[0]?.isTrue ?? false
        guard var best = items.first else { return .undefined("item") }
        var bestKey: Value?
        for (item, plucked) in zip(items, try pluck(values[1], from: items)) {
            try step()
            let key = try sortKey(plucked, isCaseSensitive: isCaseSensitive)
            guard let known = bestKey else {
                bestKey = key
                continue
            }
            if filter == .max ? try isLess(known, key) : try isLess(key, known) {
                (best, bestKey) = (item, key)
            }
        }
        return best
    }

    private func sort(_ items: [Value], _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["reverse", "case_sensitive", "attribute"], of: "sort", self)
        let isCaseSensitive = values[1]?.isTrue ?? false
        var attributes: [Value] = []
        if case .string(let text)? = values[2] {
            try charge(bytes: text.bytes.count)
            attributes = text.split(at: text.ranges(of: ",")).map { .string($0) }
            try charge(parts: attributes.count)
        } else if let attribute = values[2] {
            if case .none = attribute {} else { attributes = [attribute] }
        }
        let ordered = try sorted(items, reverses: values[0]?.isTrue ?? false) {
            (item) throws(ChatTemplateError) in
            if attributes.isEmpty { return try self.sortKey(item, isCaseSensitive: isCaseSensitive) }
            var keys: [Value] = []
            for attribute in attributes {
                keys.append(
                    try self.sortKey(try self.member(attribute, of: item), isCaseSensitive: isCaseSensitive))
            }
            return try self.makeList(keys)
        }
        return try makeList(ordered)
    }

    private func unique(_ items: [Value], _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["case_sensitive", "attribute"], of: "unique", self)
        let isCaseSensitive = values[0]?.isTrue ?? false
        var seen: Set<Key> = []
        var kept: [Value] = []
        for (item, plucked) in zip(items, try pluck(values[1], from: items)) {
            let key = try key(try sortKey(plucked, isCaseSensitive: isCaseSensitive)).key
            if seen.insert(key).inserted { kept.append(item) }
        }
        return try makeList(kept)
    }

    // MARK: - Parts

    private func batch(_ items: [Value], _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["linecount", "fill_with"], required: 1, of: "batch", self)
        let size = try integer(values[0] ?? .none, "linecount")
        guard (1...limits.rangeCount).contains(size) else {
            throw error(.wrongArgument, "batch: the size is 1 to \(limits.rangeCount)")
        }
        var batches: [Value] = []
        for start in Swift.stride(from: 0, to: items.count, by: size) {
            var batch = Array(items[start..<Swift.min(start + size, items.count)])
            if let fill = values[1], batch.count < size {
                if case .none = fill {} else { batch += Array(repeating: fill, count: size - batch.count) }
            }
            batches.append(try makeList(batch))
        }
        return try makeList(batches)
    }

    private func slices(_ items: [Value], _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["slices", "fill_with"], required: 1, of: "slice", self)
        let count = try integer(values[0] ?? .none, "slices")
        guard (1...limits.rangeCount).contains(count) else {
            throw error(.wrongArgument, "slice: the number is 1 to \(limits.rangeCount)")
        }
        let (size, longer) = items.count.quotientAndRemainder(dividingBy: count)
        var slices: [Value] = []
        var start = 0
        for number in 0..<count {
            let end = start + size + (number < longer ? 1 : 0)
            var slice = Array(items[start..<end])
            if let fill = values[1], number >= longer {
                if case .none = fill {} else { slice.append(fill) }
            }
            slices.append(try makeList(slice))
            start = end
        }
        return try makeList(slices)
    }
}
