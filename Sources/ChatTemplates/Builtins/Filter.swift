/// The filters after `|`.
enum Filter: String, Sendable, CaseIterable {
    case abs, attr, batch, capitalize, center, count, d, `default`, dictsort, e, escape, first, float,
        forceescape
    case format, indent, int, items, join, last, length, list, lower, map, max, min, reject, rejectattr,
        replace
    case reverse, round, safe, select, selectattr, slice, sort, string, sum, title, tojson, trim, truncate,
        unique
    case upper, wordcount
    /// Not in Jinja2, but in the templates of DeepSeek and in the renderers that run them.
    case fromJSON = "from_json"
}

extension Interpreter {
    func apply(
        _ filter: Filter, to value: Value, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        switch filter {
        case .default, .d: return try fallback(of: value, arguments)
        case .tojson: return try tojson(value, arguments)
        case .fromJSON:
            try expectNone(arguments, filter)
            return try fromJSON(try string(value, "what from_json reads"))
        case .string, .safe:
            try expectNone(arguments, filter)
            return .string(try text(of: value))
        case .length, .count:
            try expectNone(arguments, filter)
            return .integer(try length(of: value))
        case .abs, .int, .float, .round: return try applyNumeric(filter, value, arguments)
        case .capitalize, .center, .e, .escape, .forceescape, .format, .indent, .lower, .replace, .title,
            .trim,
            .truncate, .upper, .wordcount:
            // these two do not make a text of what is none
            let needsText = filter == .indent || filter == .truncate
            let text = try needsText ? string(value, "what \(filter.rawValue) takes") : countedText(of: value)
            return try applyTextual(filter, text, arguments)
        case .attr, .dictsort, .items: return try applyToMembers(filter, value, arguments)
        case .map, .select, .reject, .selectattr, .rejectattr:
            return try applyToEach(filter, value, arguments)
        case .batch, .first, .join, .last, .list, .max, .min, .reverse, .slice, .sort, .sum, .unique:
            return try applyToSequence(filter, value, arguments)
        }
    }

    func expectNone(_ arguments: CallArguments, _ filter: Filter) throws(ChatTemplateError) {
        guard arguments.isEmpty else {
            throw error(.wrongArgument, "the filter '\(filter.rawValue)' takes no arguments")
        }
    }

    private func fallback(of value: Value, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["default_value", "boolean"], of: "default", self)
        let replacesFalse = values[1]?.isTrue ?? false
        guard value.isUndefined || (replacesFalse && !value.isTrue) else { return value }
        return values[0] ?? .string(.empty)
    }

    private func tojson(_ value: Value, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        if arguments.isEmpty { return .string(try json(value, JSONStyle())) }
        let values = try arguments.bind(
            ["ensure_ascii", "indent", "separators", "sort_keys"], of: "tojson", self)
        var style = JSONStyle()
        style.escapesNonASCII = values[0]?.isTrue ?? false
        style.sortsKeys = values[3]?.isTrue ?? false
        switch values[1] {
        case nil, .some(.none): break
        case .some(.string(let indent)): style.indent = indent
        case .some(let width):
            let count = try integer(width, "the indent")
            try charge(bytes: Swift.max(0, count))
            style.indent = Text(String(repeating: " ", count: Swift.max(0, count)))
        }
        if style.indent != nil { style.itemSeparator = "," }
        if let separators = values[2] {
            if case .none = separators { return .string(try json(value, style)) }
            let pair = try elements(of: separators)
            guard pair.count == 2 else { throw error(.wrongArgument, "tojson: two separators are expected") }
            style.itemSeparator = try string(pair[0], "a separator")
            style.keySeparator = try string(pair[1], "a separator")
        }
        return .string(try json(value, style))
    }

    private func fromJSON(_ text: Text) throws(ChatTemplateError) -> Value {
        do {
            return try self.value(
                try TemplateValue(json: text.string), origin: text.touchesInput ? .input : .template)
        } catch {
            throw self.error(error.kind, error.explanation)
        }
    }

    private func length(of value: Value) throws(ChatTemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text):
            try step(text.bytes.count / 64)
            return text.scalarCount
        case .list(let box): return box.items.count
        case .dictionary(let box): return box.members.count
        case .loop(let loop): return loop.items.count
        default: throw error(.wrongType, "\(value.typeName) has no length")
        }
    }
}
