/// The methods of strings.
extension Interpreter {
    func call(_ method: Method, of text: Text, _ arguments: CallArguments) throws(ChatTemplateError) -> Value
    {
        switch method {
        case .upper, .lower, .casefold, .title, .capitalize, .swapcase:
            try expectNone(arguments, method)
            return .string(changeCase(of: text, method))
        case .isdigit, .isdecimal, .isnumeric, .isalpha, .isalnum, .isspace, .isupper, .islower:
            try expectNone(arguments, method)
            return .boolean(consists(text, of: method))
        case .strip, .lstrip, .rstrip:
            let characters = try optionalString(
                try arguments.bind(["chars"], of: method.rawValue, self)[0],
                "the argument of \(method.rawValue)")
            return .string(text.trimmed(characters, start: method != .rstrip, end: method != .lstrip))
        case .split, .rsplit: return try split(text, fromEnd: method == .rsplit, arguments)
        case .splitlines:
            let keeps = try arguments.bind(["keepends"], of: "splitlines", self)[0]?.isTrue ?? false
            return try makeList(try lines(of: text, keepingEnds: keeps).map { .string($0) })
        case .partition, .rpartition: return try partition(text, fromEnd: method == .rpartition, arguments)
        case .startswith, .endswith: return .boolean(try matchesEdge(of: text, method, arguments))
        case .removeprefix, .removesuffix: return .string(try removeEdge(of: text, method, arguments))
        case .replace: return .string(try replace(in: text, arguments))
        case .find, .rfind, .index, .rindex, .count: return .integer(try search(text, method, arguments))
        case .zfill, .ljust, .rjust, .center: return .string(try pad(text, method, arguments))
        case .format: return .string(try formatBraces(text, arguments))
        case .join:
            let items = try arguments.bind(["iterable"], required: 1, of: "join", self)[0]
            return .string(try join(try elements(of: items ?? .none), with: text, requiresStrings: true))
        default: throw error(.undefinedValue, "string has no method '\(method.rawValue)'")
        }
    }

    private func expectNone(_ arguments: CallArguments, _ method: Method) throws(ChatTemplateError) {
        guard arguments.isEmpty else { throw error(.wrongArgument, "\(method.rawValue) takes no arguments") }
    }

    private func changeCase(of text: Text, _ method: Method) -> Text {
        switch method {
        case .upper: text.uppercased()
        case .title: text.titleByLetters()
        case .capitalize: text.capitalized()
        case .swapcase: text.swappingCase()
        case .casefold: text.caseFolded()
        default: text.lowercased()
        }
    }

    private func consists(_ text: Text, of method: Method) -> Bool {
        if method == .isupper || method == .islower { return text.isCased(method == .isupper) }
        let scalars = text.string.unicodeScalars
        return !scalars.isEmpty
            && scalars.allSatisfy { scalar in
                let isDecimal = scalar.properties.generalCategory == .decimalNumber
                switch method {
                case .isspace: return UTF8Scan.isWhitespace(scalar)
                case .isalpha: return scalar.properties.generalCategory.isLetter
                case .isalnum:
                    return scalar.properties.generalCategory.isLetter || scalar.properties.numericType != nil
                case .isdecimal: return isDecimal
                case .isdigit: return isDecimal || scalar.properties.numericType == .digit
                default: return scalar.properties.numericType != nil
                }
            }
    }

    private func split(
        _ text: Text, fromEnd: Bool, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["sep", "maxsplit"], of: "split", self)
        let separator = try optionalString(values[0], "the separator")
        let given = try integer(values[1], "maxsplit", otherwise: -1)
        let limit = given < 0 ? Int.max : given
        let parts: [Text]
        if let separator {
            guard !separator.isEmpty else { throw error(.wrongArgument, "the separator of split is empty") }
            parts = text.split(
                at: fromEnd
                    ? text.rangesFromEnd(of: separator, limit: limit)
                    : text.ranges(of: separator, limit: limit))
        } else {
            parts = fromEnd && limit < .max ? text.wordsFromEnd(limit: limit) : text.words(limit: limit)
        }
        try charge(parts: parts.count)
        return try makeList(parts.map { .string($0) })
    }

    func lines(of text: Text, keepingEnds: Bool = false) throws(ChatTemplateError) -> [Text] {
        let lines = text.lines(keepingEnds: keepingEnds)
        try charge(parts: lines.count)
        return lines
    }

    /// Counts that many texts, each with memory of its own.
    func charge(parts count: Int) throws(ChatTemplateError) {
        try charge(values: count * 8)
    }

    private func partition(
        _ text: Text, fromEnd: Bool, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        let separator = try string(
            try arguments.bind(["sep"], required: 1, of: "partition", self)[0] ?? .none, "the separator")
        guard !separator.isEmpty else { throw error(.wrongArgument, "the separator of partition is empty") }
        let parts: [Text]
        let ranges =
            fromEnd ? text.rangesFromEnd(of: separator, limit: 1) : text.ranges(of: separator, limit: 1)
        if let range = ranges.first {
            parts = [text[0..<range.lowerBound], text[range], text[range.upperBound..<text.bytes.count]]
        } else {
            parts = fromEnd ? [.empty, .empty, text] : [text, .empty, .empty]
        }
        return try makeList(parts.map { .string($0) }, isTuple: true)
    }

    /// `startswith` and `endswith`: one string, or a tuple of which one must match; then a start and an end.
    private func matchesEdge(
        of text: Text, _ method: Method, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Bool {
        let values = arguments.positional
        guard let first = values.first, values.count <= 3, arguments.keywords.isEmpty else {
            throw error(
                .wrongArgument,
                "\(method.rawValue) takes one string or one tuple of strings, and a start and an end")
        }
        var text = text
        if values.count > 1 {
            let end = values.count > 2 ? values[2] : nil
            guard let part = try part(of: text, from: values[1], to: end) else { return false }
            text = text[part.bytes]
        }
        var candidates = [first]
        if case .list(let box) = first, box.isTuple { candidates = box.items }
        for candidate in candidates {
            try step()
            let edge = try string(candidate, "the argument of \(method.rawValue)")
            if method == .startswith ? text.hasPrefix(edge) : text.hasSuffix(edge) { return true }
        }
        return false
    }

    private func removeEdge(
        of text: Text, _ method: Method, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Text {
        let edge = try string(
            try arguments.bind(["edge"], required: 1, of: method.rawValue, self)[0] ?? .none,
            "the argument of \(method.rawValue)")
        let count = text.bytes.count
        if method == .removeprefix { return text.hasPrefix(edge) ? text[edge.bytes.count..<count] : text }
        return text.hasSuffix(edge) ? text[0..<count - edge.bytes.count] : text
    }

    private func replace(in text: Text, _ arguments: CallArguments) throws(ChatTemplateError) -> Text {
        let values = try arguments.bind(["old", "new", "count"], required: 2, of: "replace", self)
        let old = try string(values[0] ?? .none, "what is replaced")
        let new = try string(values[1] ?? .none, "the replacement")
        return try replace(old, with: new, in: text, limit: try integer(values[2], "count", otherwise: -1))
    }

    func replace(_ old: Text, with new: Text, in text: Text, limit: Int) throws(ChatTemplateError) -> Text {
        let ranges = text.ranges(of: old, limit: limit < 0 ? .max : limit)
        if ranges.isEmpty { return text }
        // no overflow: both factors are bounded by the text limit
        try charge(bytes: text.bytes.count + ranges.count * max(0, new.bytes.count - old.bytes.count))
        return text.replacing(ranges, with: new)
    }

    /// `find` and its relatives, in scalars.
    private func search(
        _ text: Text, _ method: Method, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Int {
        let values = try arguments.bind(["sub", "start", "end"], required: 1, of: method.rawValue, self)
        let part = try string(values[0] ?? .none, "what is looked for")
        try charge(bytes: text.bytes.count)
        let searched = try self.part(of: text, from: values[1], to: values[2])
        let section = searched.map { text[$0.bytes] }
        if method == .count { return section?.ranges(of: part).count ?? 0 }
        let isFromEnd = method == .rfind || method == .rindex
        let ranges =
            isFromEnd ? section?.rangesFromEnd(of: part, limit: 1) : section?.ranges(of: part, limit: 1)
        guard let searched, let section, let range = ranges?.first else {
            if method == .find || method == .rfind { return -1 }
            throw error(.wrongArgument, "\(method.rawValue): the substring is not there")
        }
        return searched.start + section[0..<range.lowerBound].scalarCount
    }

    /// The bytes from one scalar up to another, and the first one's number; `nil` where the start lies behind
    /// the end, so that not even the empty text is found there.
    private func part(
        of text: Text, from start: Value?, to end: Value?
    ) throws(ChatTemplateError) -> (bytes: Range<Int>, start: Int)? {
        let offsets = text.scalarOffsets
        let count = offsets.scalarCount
        func bound(_ value: Value?, _ what: String, otherwise: Int) throws(ChatTemplateError) -> Int {
            guard let value else { return otherwise }
            if case .none = value { return otherwise }
            let bound = try integer(value, what)
            return bound < 0 ? max(0, bound + count) : bound
        }
        let first = try bound(start, "start", otherwise: 0)
        let last = min(count, try bound(end, "end", otherwise: count))
        guard first <= last else { return nil }
        return (offsets[first]..<offsets[last], first)
    }

    private func pad(
        _ text: Text, _ method: Method, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Text {
        let values = try arguments.bind(["width", "fillchar"], required: 1, of: method.rawValue, self)
        let width = Swift.max(0, try integer(values[0] ?? .none, "the width"))
        let fill = try optionalString(values[1], "the fill character") ?? " "
        guard fill.scalarCount == 1 else { throw error(.wrongArgument, "the fill is one character") }
        let missing = max(0, width - text.scalarCount)
        guard missing <= limits.textBytes else {
            throw error(.budgetExceeded, "a text grows over \(limits.textBytes) bytes")
        }
        try charge(bytes: text.bytes.count + missing * fill.bytes.count)
        var builder = TextBuilder()
        let left: Int
        switch method {
        case .ljust: left = 0
        // Python puts the odd one left where the width is odd
        case .center: left = missing / 2 + (missing & width & 1)
        default: left = missing
        }
        var rest = text
        if method == .zfill, let sign = text.bytes.first,
            sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
        {
            builder.append(text, 0..<1)
            rest = text[1..<text.bytes.count]
        }
        for _ in 0..<left { builder.append(method == .zfill ? "0" : fill) }
        builder.append(rest)
        for _ in 0..<missing - left { builder.append(fill) }
        return builder.finished()
    }

    func join(
        _ items: [Value], with separator: Text, requiresStrings: Bool = false
    ) throws(ChatTemplateError) -> Text {
        var builder = TextBuilder()
        for (index, item) in items.enumerated() {
            try step()
            if index > 0 { builder.append(separator) }
            let text = requiresStrings ? try string(item, "an item of join") : try countedText(of: item)
            guard builder.count + text.bytes.count <= limits.textBytes else {
                throw error(.budgetExceeded, "a text grows over \(limits.textBytes) bytes")
            }
            try charge(bytes: separator.bytes.count)
            builder.append(text)
        }
        return builder.finished()
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isLetter: Bool {
        switch self {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
