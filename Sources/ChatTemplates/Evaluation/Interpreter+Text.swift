/// Values as text: Python's `str` and `repr`.
extension Interpreter {
    /// What `{{ value }}` prints.
    func text(of value: Value) throws(ChatTemplateError) -> Text {
        switch value {
        case .string(let text): return text
        case .undefined: return .empty
        case .none: return "None"
        case .boolean(let value): return value ? "True" : "False"
        case .integer(let value): return Text(String(value))
        case .float(let value): return Text(pythonText(of: value))
        default:
            var builder = TextBuilder()
            try appendRepresentation(of: value, to: &builder)
            return builder.finished()
        }
    }

    /// The value as an item of a printed list.
    func appendRepresentation(of value: Value, to builder: inout TextBuilder) throws(ChatTemplateError) {
        try step()
        switch value {
        case .string(let text):
            text.appendQuoted(to: &builder)
            try charge(bytes: builder.count)
        case .undefined: builder.append(template: "Undefined")
        case .none, .boolean, .integer, .float: builder.append(try text(of: value))
        case .list(let box): try append(box, to: &builder)
        case .dictionary(let box): try append(box, to: &builder)
        case .namespace(let box):
            builder.append(template: "<Namespace ")
            try append(box, to: &builder)
            builder.append(template: ">")
        case .macro(let macro):
            builder.append(template: "<Macro ")
            macro.definition.name.text.appendQuoted(to: &builder)
            builder.append(template: ">")
        case .function: builder.append(template: "<function>")
        case .loop(let loop): builder.append(template: "<LoopContext \(loop.index + 1)/\(loop.items.count)>")
        }
    }

    private func append(_ box: ListBox, to builder: inout TextBuilder) throws(ChatTemplateError) {
        try enter()
        defer { leave() }
        builder.append(template: box.isTuple ? "(" : "[")
        for (index, item) in box.items.enumerated() {
            if index > 0 { builder.append(template: ", ") }
            try appendRepresentation(of: item, to: &builder)
        }
        if box.isTuple, box.items.count == 1 { builder.append(template: ",") }
        builder.append(template: box.isTuple ? ")" : "]")
    }

    private func append(_ box: DictionaryBox, to builder: inout TextBuilder) throws(ChatTemplateError) {
        try enter()
        defer { leave() }
        builder.append(template: "{")
        for (index, member) in box.members.elements.enumerated() {
            if index > 0 { builder.append(template: ", ") }
            try appendRepresentation(of: member.key.value, to: &builder)
            builder.append(template: ": ")
            try appendRepresentation(of: member.value, to: &builder)
        }
        builder.append(template: "}")
    }
}

extension Text {
    /// Python's `repr` of a string: single quotes unless only double quotes need no escape.
    func appendQuoted(to builder: inout TextBuilder) {
        let single = UInt8(ascii: "'")
        let quote =
            bytes.contains(single) && !bytes.contains(UInt8(ascii: "\"")) ? UInt8(ascii: "\"") : single
        builder.append(quote)
        forEachScalar { scalar, isInput in
            switch scalar {
            case "\\": builder.append(template: "\\\\", isInput: isInput)
            case "\n": builder.append(template: "\\n", isInput: isInput)
            case "\r": builder.append(template: "\\r", isInput: isInput)
            case "\t": builder.append(template: "\\t", isInput: isInput)
            case _ where scalar.value == UInt32(quote):
                builder.append(template: "\\" + String(scalar), isInput: isInput)
            case _ where !Self.isPrintable(scalar):
                builder.append(template: Self.escape(scalar), isInput: isInput)
            default: builder.append(scalar, isInput: isInput)
            }
        }
        builder.append(quote)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
