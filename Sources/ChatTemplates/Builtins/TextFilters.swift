/// Filters of texts.
extension Interpreter {
    func applyTextual(
        _ filter: Filter, _ text: Text, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        switch filter {
        case .lower: return .string(try withoutArguments(text.lowercased(), filter, arguments))
        case .upper: return .string(try withoutArguments(text.uppercased(), filter, arguments))
        case .title: return .string(try withoutArguments(text.titleByWords(), filter, arguments))
        case .capitalize: return .string(try withoutArguments(text.capitalized(), filter, arguments))
        case .wordcount:
            try expectNone(arguments, filter)
            return .integer(wordCount(text))
        case .e, .escape, .forceescape:
            try expectNone(arguments, filter)
            return .string(escapeHTML(text))
        case .trim:
            let characters = try optionalString(
                try arguments.bind(["chars"], of: "trim", self)[0], "the argument of trim")
            return .string(text.trimmed(characters))
        case .center:
            let width = try arguments.bind(["width"], of: "center", self)[0] ?? .integer(80)
            return try call(.center, of: text, CallArguments(positional: [width]))
        case .replace: return .string(try replace(text, arguments))
        case .format:
            guard arguments.keywords.isEmpty else {
                let members = try evaluatedMembers(arguments.keywords)
                return .string(try formatPercent(text, members))
            }
            return .string(try formatPercent(text, try makeList(arguments.positional, isTuple: true)))
        case .indent: return .string(try indent(text, arguments))
        default: return .string(try truncate(text, arguments))
        }
    }

    private func withoutArguments(
        _ text: Text, _ filter: Filter, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Text {
        try expectNone(arguments, filter)
        return text
    }

    private func evaluatedMembers(_ keywords: [(name: Text, value: Value)]) throws(ChatTemplateError) -> Value
    {
        try call(.function(.global(.dict)), CallArguments(keywords: keywords))
    }

    private func replace(_ text: Text, _ arguments: CallArguments) throws(ChatTemplateError) -> Text {
        let values = try arguments.bind(["old", "new", "count"], required: 2, of: "replace", self)
        var limit = -1
        if let count = values[2], count.wholeNumber != nil { limit = try integer(count, "count") }
        return try replace(
            try countedText(of: values[0] ?? .none), with: try countedText(of: values[1] ?? .none), in: text,
            limit: limit)
    }

    /// Words of letters, digits and underscores.
    private func wordCount(_ text: Text) -> Int {
        var count = 0
        var isInside = false
        text.forEachScalar { scalar, _ in
            let belongs =
                scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if belongs, !isInside { count += 1 }
            isInside = belongs
        }
        return count
    }

    private func escapeHTML(_ text: Text) -> Text {
        var builder = TextBuilder(capacity: text.bytes.count)
        text.forEachScalar { scalar, isInput in
            switch scalar {
            case "&": builder.append(template: "&amp;", isInput: isInput)
            case "<": builder.append(template: "&lt;", isInput: isInput)
            case ">": builder.append(template: "&gt;", isInput: isInput)
            case "'": builder.append(template: "&#39;", isInput: isInput)
            case "\"": builder.append(template: "&#34;", isInput: isInput)
            default: builder.append(scalar, isInput: isInput)
            }
        }
        return builder.finished()
    }

    private func indent(_ text: Text, _ arguments: CallArguments) throws(ChatTemplateError) -> Text {
        let values = try arguments.bind(["width", "first", "blank"], of: "indent", self)
        let indentation: Text
        if case .string(let given)? = values[0] {
            indentation = given
        } else {
            let width = try integer(values[0], "the width", otherwise: 4)
            try charge(bytes: Swift.max(0, width))
            indentation = Text(String(repeating: " ", count: Swift.max(0, width)))
        }
        let indentsFirst = values[1]?.isTrue ?? false
        let indentsBlank = values[2]?.isTrue ?? false
        var builder = TextBuilder(capacity: text.bytes.count)
        // the line end makes a last, empty line count
        let lines = try lines(of: text.appending("\n"))
        for (index, line) in lines.enumerated() {
            if index > 0 { builder.append(template: "\n") }
            let isIndented = index == 0 ? indentsFirst : indentsBlank || !line.isEmpty
            if isIndented { builder.append(indentation) }
            try charge(bytes: line.bytes.count + indentation.bytes.count)
            guard builder.count + line.bytes.count <= limits.textBytes else {
                throw error(.budgetExceeded, "a text grows over \(limits.textBytes) bytes")
            }
            builder.append(line)
        }
        return builder.finished()
    }

    private func truncate(_ text: Text, _ arguments: CallArguments) throws(ChatTemplateError) -> Text {
        let values = try arguments.bind(["length", "killwords", "end", "leeway"], of: "truncate", self)
        let length = try integer(values[0], "the length", otherwise: 255)
        let end = try optionalString(values[2], "the end") ?? "..."
        let leeway = try integer(values[3], "the leeway", otherwise: 5)
        let kept = length.subtractingReportingOverflow(end.scalarCount).partialValue
        guard length >= 0, kept >= 0, leeway >= 0 else {
            throw error(.wrongArgument, "truncate: the length does not hold the end")
        }
        let offsets = text.scalarOffsets
        let (limit, overflows) = length.addingReportingOverflow(leeway)
        if overflows || offsets.scalarCount <= limit { return text }
        let cut = text[0..<offsets[Swift.min(kept, offsets.scalarCount)]]
        if values[1]?.isTrue ?? false { return cut.appending(end) }
        return cut.split(at: cut.rangesFromEnd(of: " ", limit: 1))[0].appending(end)
    }
}
