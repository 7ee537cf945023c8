/// `tojson` as the chat templates' reference renderer has it: Python's `json.dumps` with the order of the
/// keys kept, nothing escaped for HTML, and non-ASCII as it is.
extension Interpreter {
    struct JSONStyle {
        var escapesNonASCII = false
        /// What one level of indentation is; `nil` for one line.
        var indent: Text?
        var itemSeparator: Text = ", "
        var keySeparator: Text = ": "
        var sortsKeys = false
    }

    func json(_ value: Value, _ style: JSONStyle) throws(ChatTemplateError) -> Text {
        var builder = TextBuilder()
        try appendJSON(of: value, style, level: 0, to: &builder)
        // keys and separators are counted here only
        try charge(bytes: builder.count)
        return builder.finished()
    }

    private func appendJSON(
        of value: Value, _ style: JSONStyle, level: Int, to builder: inout TextBuilder
    ) throws(ChatTemplateError) {
        try step()
        switch value {
        case .none: builder.append(template: "null")
        case .boolean(let value): builder.append(template: value ? "true" : "false")
        case .integer(let value): builder.append(template: String(value))
        case .float(let value): builder.append(template: Self.json(of: value))
        case .string(let text):
            text.appendJSON(to: &builder, escapesNonASCII: style.escapesNonASCII)
            try charge(bytes: text.bytes.count)
        case .list(let box):
            try appendJSON("[", "]", box.items, style, level, &builder) {
                (item, builder) throws(ChatTemplateError) in
                try appendJSON(of: item, style, level: level + 1, to: &builder)
            }
        case .dictionary(let box):
            try appendJSON("{", "}", try members(of: box, style), style, level, &builder) {
                (member, builder) throws(ChatTemplateError) in
                try key(member.key, style).appendJSON(to: &builder, escapesNonASCII: style.escapesNonASCII)
                builder.append(style.keySeparator)
                try appendJSON(of: member.value, style, level: level + 1, to: &builder)
            }
        case .undefined, .namespace, .macro, .function, .loop:
            try requireDefined(value)
            throw error(.wrongType, "\(value.typeName) has no JSON form")
        }
        guard builder.count <= limits.textBytes else {
            throw error(.budgetExceeded, "a text grows over \(limits.textBytes) bytes")
        }
    }

    private func appendJSON<Item>(
        _ opening: String, _ closing: String, _ items: [Item], _ style: JSONStyle, _ level: Int,
        _ builder: inout TextBuilder,
        _ append: (Item, inout TextBuilder) throws(ChatTemplateError) -> Void
    ) throws(ChatTemplateError) {
        try enter()
        defer { leave() }
        builder.append(template: opening)
        for (index, item) in items.enumerated() {
            if index > 0 { builder.append(style.itemSeparator) }
            try appendLineBreak(style, level + 1, to: &builder)
            try append(item, &builder)
        }
        if !items.isEmpty { try appendLineBreak(style, level, to: &builder) }
        builder.append(template: closing)
    }

    private func appendLineBreak(
        _ style: JSONStyle, _ level: Int, to builder: inout TextBuilder
    ) throws(ChatTemplateError) {
        guard let indent = style.indent else { return }
        try charge(bytes: builder.count / 64 + indent.bytes.count * level)
        builder.append(template: "\n")
        for _ in 0..<level { builder.append(indent) }
    }

    private func members(
        of box: DictionaryBox, _ style: JSONStyle
    ) throws(ChatTemplateError) -> [(key: Key, value: Value)] {
        let members = box.members.elements.map { (key: $0.key, value: $0.value) }
        guard style.sortsKeys else { return members }
        return try sorted(members) { (left, right) throws(ChatTemplateError) in
            try isLess(left.key.value, right.key.value)
        }
    }

    private func key(_ key: Key, _ style: JSONStyle) throws(ChatTemplateError) -> Text {
        switch key {
        case .string(let text): text
        case .none: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): Text(String(value))
        case .float(let value): Text(Self.json(of: value))
        }
    }

    private static func json(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return pythonText(of: value)
    }
}

extension Text {
    /// The text as a JSON string.
    func appendJSON(to builder: inout TextBuilder, escapesNonASCII: Bool) {
        builder.append(template: "\"")
        forEachScalar { scalar, isInput in
            switch scalar {
            case "\"": builder.append(template: "\\\"", isInput: isInput)
            case "\\": builder.append(template: "\\\\", isInput: isInput)
            case "\n": builder.append(template: "\\n", isInput: isInput)
            case "\r": builder.append(template: "\\r", isInput: isInput)
            case "\t": builder.append(template: "\\t", isInput: isInput)
            case "\u{8}": builder.append(template: "\\b", isInput: isInput)
            case "\u{C}": builder.append(template: "\\f", isInput: isInput)
            case _ where scalar.value < 0x20 || (escapesNonASCII && scalar.value > 0x7E):
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    let zeros = String(repeating: "0", count: 4 - digits.count)
                    builder.append(template: "\\u" + zeros + digits, isInput: isInput)
                }
            default: builder.append(scalar, isInput: isInput)
            }
        }
        builder.append(template: "\"")
    }
}
