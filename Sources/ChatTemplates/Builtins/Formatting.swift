/// `'…' % values` and `'…'.format(…)`.
///
/// Fields of `format` are numbers and names only: attributes and items of them (`{0.__class__}`) are refused,
/// as that is the way out of Python's sandbox.
extension Interpreter {
    /// The value in the form of the specification.
    private func formatted(
        _ value: Value, _ specification: FormatSpecification
    ) throws(ChatTemplateError) -> Text {
        switch specification.type {
        case "s", nil:
            if specification.type == nil, value.number != nil, let digits = specification.digits(of: value) {
                // any wish makes it the number that it is in Python
                if case .boolean = value, specification == FormatSpecification() {
                    return try text(of: value)
                }
                return specification.padded(digits: digits)
            }
            var text = try countedText(of: value)
            if let precision = specification.precision {
                let offsets = text.scalarOffsets
                text = text[0..<offsets[min(precision, offsets.scalarCount)]]
            }
            return specification.padded(text, isNumber: false)
        default:
            guard let digits = specification.digits(of: value) else {
                try requireDefined(value)
                throw error(
                    .wrongType, "\(value.typeName) cannot be formatted as '\(specification.type ?? "s")'")
            }
            return specification.padded(digits: digits)
        }
    }

    // MARK: - %

    func formatPercent(_ format: Text, _ value: Value) throws(ChatTemplateError) -> Text {
        try charge(bytes: format.bytes.count)
        var values = [value]
        if case .list(let box) = value, box.isTuple { values = box.items }
        var isMapping = false
        var used = 0
        var builder = TextBuilder(capacity: format.bytes.count)
        var position = 0
        while position < format.bytes.count {
            try step()
            let percent = format.bytes[position...].firstIndex(of: UInt8(ascii: "%")) ?? format.bytes.count
            builder.append(format, position..<percent)
            guard percent < format.bytes.count else { break }
            var field = try percentField(format, at: percent)
            position = field.end
            if field.specification.type == "%" {
                builder.append(format, percent..<percent + 1)
                continue
            }
            let item: Value
            if let name = field.name {
                guard case .dictionary(let box) = value,
                    let member = box.members[try counted(.string(name))]
                else {
                    throw error(.wrongArgument, "the format needs a dictionary with '\(name.string)'")
                }
                isMapping = true
                item = member
            } else {
                guard used < values.count else { throw error(.wrongArgument, "the format needs more values") }
                item = values[used]
                used += 1
            }
            try append(try percentText(item, &field.specification), to: &builder)
        }
        var needsAll = !isMapping
        switch value {
        case .dictionary, .undefined: needsAll = false
        // what has items by key, as Python sees it, need not be used up
        case .list(let box): needsAll = box.isTuple
        default: break
        }
        guard !needsAll || used == values.count else {
            throw error(.wrongArgument, "the format does not use all values")
        }
        try charge(bytes: builder.count)
        return builder.finished()
    }

    private func percentText(
        _ value: Value, _ specification: inout FormatSpecification
    ) throws(ChatTemplateError) -> Text {
        let isText = ["s", "r", "a"].contains(specification.type)
        if specification.alignment == nil {
            // zeros are for numbers
            if isText { specification.fill = " " }
            specification.alignment = specification.fill == "0" ? "=" : ">"
        }
        try charge(bytes: specification.longestFill)
        switch specification.type {
        case "r", "a":
            var builder = TextBuilder()
            try appendRepresentation(of: value, to: &builder)
            return specification.padded(builder.finished(), isNumber: false)
        case "d", "i", "u":
            if case .float(let number) = value, let whole = Int(exactly: number.rounded(.towardZero)) {
                return try formatted(.integer(whole), specification)
            }
        default: break
        }
        return try formatted(value, specification)
    }

    private struct PercentField {
        var name: Text?
        var specification = FormatSpecification()
        var end = 0
    }

    /// `%[(name)][flags][width][.precision]type`
    private func percentField(_ format: Text, at percent: Int) throws(ChatTemplateError) -> PercentField {
        var field = PercentField()
        var position = percent + 1
        if position < format.bytes.count, format.bytes[position] == UInt8(ascii: "("),
            let close = format.bytes[position...].firstIndex(of: UInt8(ascii: ")"))
        {
            field.name = format[position + 1..<close]
            position = close + 1
        }
        // flags, width, precision and type are ASCII; 24 bytes hold any that is accepted
        var scalars = format.bytes[position...].prefix(24).map { Unicode.Scalar($0) }[...]
        let available = scalars.count
        while let flag = scalars.first, ["-", "+", " ", "0", "#"].contains(flag) {
            scalars.removeFirst()
            switch flag {
            case "-": (field.specification.fill, field.specification.alignment) = (" ", "<")
            case "0": if field.specification.alignment == nil { field.specification.fill = "0" }
            case "#": field.specification.isAlternate = true
            default: field.specification.sign = flag
            }
        }
        let width = FormatSpecification.number(&scalars)
        var precision: Int?? = .some(nil)
        if scalars.first == "." {
            scalars.removeFirst()
            precision = FormatSpecification.number(&scalars)
        }
        guard let width, let precision, let type = scalars.popFirst(),
            "sridufFeEgxXo%a".unicodeScalars.contains(type)
        else {
            throw error(
                .wrongArgument, "not a format: '\(format[percent..<format.bytes.count].string.prefix(20))'")
        }
        field.specification.width = width
        field.specification.precision = precision
        field.specification.type = type
        field.end = position + available - scalars.count
        field.specification.isInput = format[percent..<field.end].touchesInput
        return field
    }

    // MARK: - {}

    func formatBraces(_ format: Text, _ arguments: CallArguments) throws(ChatTemplateError) -> Text {
        let names = try firstOfEachName(arguments.keywords)
        var builder = TextBuilder(capacity: format.bytes.count)
        var position = 0
        var automatic = 0
        let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
        while position < format.bytes.count {
            try step()
            let byte = format.bytes[position]
            guard byte == open || byte == close else {
                let end =
                    format.bytes[position...].firstIndex { $0 == open || $0 == close } ?? format.bytes.count
                builder.append(format, position..<end)
                position = end
                continue
            }
            if position + 1 < format.bytes.count, format.bytes[position + 1] == byte {
                builder.append(format, position..<position + 1)
                position += 2
                continue
            }
            guard byte == open, let end = format.bytes[position...].firstIndex(of: close) else {
                throw error(.wrongArgument, "format: a single '\(Unicode.Scalar(byte))'")
            }
            let field = format[position + 1..<end]
            try append(try braceField(field, arguments.positional, names, &automatic), to: &builder)
            position = end + 1
        }
        try charge(bytes: builder.count)
        return builder.finished()
    }

    /// The arguments by their names, of which a format may ask for each many times.
    private func firstOfEachName(
        _ keywords: [(name: Text, value: Value)]
    ) throws(ChatTemplateError) -> Members {
        var names = Members()
        try charge(values: keywords.count)
        for (name, value) in keywords {
            let key = try counted(.string(name))
            if names[key] == nil { names[key] = value }
        }
        return names
    }

    /// Appends a field; what it took to make it is counted with its value.
    private func append(_ text: Text, to builder: inout TextBuilder) throws(ChatTemplateError) {
        guard builder.count + text.bytes.count <= limits.textBytes else {
            throw error(.budgetExceeded, "a text grows over \(limits.textBytes) bytes")
        }
        builder.append(text)
    }

    /// `[number or name][!r or !s][:specification]`
    private func braceField(
        _ field: Text, _ positional: [Value], _ names: Members, _ automatic: inout Int
    ) throws(ChatTemplateError) -> Text {
        let nameAndForm = field.split(at: field.ranges(of: ":", limit: 1))
        let nameAndConversion = nameAndForm[0].split(at: nameAndForm[0].ranges(of: "!", limit: 1))
        let name = nameAndConversion[0]
        let specification =
            nameAndForm.count > 1 ? FormatSpecification(nameAndForm[1]) : FormatSpecification()
        guard let specification else {
            throw error(.wrongArgument, "format: not a format: '\(field.string)'")
        }
        var value: Value
        if name.isEmpty || name.string.allSatisfy({ $0.isASCII && $0.isNumber }) {
            let index = name.isEmpty ? automatic : Int(name.string) ?? Int.max
            automatic += 1
            guard index < positional.count else {
                throw error(.wrongArgument, "format: no value \(index)")
            }
            value = positional[index]
        } else if let named = names[try counted(.string(name))] {
            value = named
        } else {
            throw error(.wrongArgument, "format: no value '\(name.string)'; attributes and items are refused")
        }
        if nameAndConversion.count > 1, nameAndConversion[1] == "r" {
            var builder = TextBuilder()
            try appendRepresentation(of: value, to: &builder)
            value = .string(builder.finished())
        } else if nameAndConversion.count > 1, nameAndConversion[1] == "s" {
            value = .string(try countedText(of: value))
        }
        try charge(bytes: specification.longestFill)
        return try formatted(value, specification)
    }
}
