/// Text, `{{ … }}` and the tags.
extension Parser {
    /// The statements up to one of the `ends`, whose name is returned and skipped; or up
    /// to the template's end.
    mutating func parseBody(
        until ends: [String]
    ) throws(ChatTemplateError) -> ([Statement], end: (name: String, offset: Int)?) {
        try enter()
        defer { leave() }
        var statements: [Statement] = []
        while true {
            let token = current
            switch token.kind {
            case .text(let bytes):
                advance()
                statements.append(
                    Statement(kind: .text(Text(bytes: bytes, origin: .template)), offset: token.offset))
            case .outputStart:
                advance()
                let value = try parseTuple()
                try expect(.outputEnd)
                statements.append(Statement(kind: .output(value), offset: token.offset))
            case .blockStart:
                advance()
                let name = try expectName()
                if ends.contains(name) { return (statements, (name, token.offset)) }
                let kind = try parseTag(name, at: token.offset)
                statements.append(Statement(kind: kind, offset: token.offset))
            default:
                if ends.isEmpty { return (statements, nil) }
                throw unexpected(expecting: ends.map { "'{% \($0) %}'" }.joined(separator: " or "))
            }
        }
    }

    /// The rest of a tag after its name, and its body if it has one.
    private mutating func parseTag(
        _ name: String, at offset: Int
    ) throws(ChatTemplateError) -> Statement.Kind {
        switch name {
        case "if": return try inTag(name, offset) { parser throws(ChatTemplateError) in try parser.parseIf() }
        case "for":
            return try inTag(name, offset) { parser throws(ChatTemplateError) in try parser.parseFor() }
        case "set":
            return try inTag(name, offset) { parser throws(ChatTemplateError) in try parser.parseSet() }
        case "macro":
            return try inTag(name, offset) { parser throws(ChatTemplateError) in try parser.parseMacro() }
        case "call":
            return try inTag(name, offset) { parser throws(ChatTemplateError) in try parser.parseCall() }
        case "filter":
            return try inTag(name, offset) { parser throws(ChatTemplateError) in try parser.parseFilterBlock()
            }
        case "with":
            return try inTag(name, offset) { parser throws(ChatTemplateError) in try parser.parseWith() }
        case "generation":
            return try inTag(name, offset) { parser throws(ChatTemplateError) in
                .generation(try parser.parseSection(until: "endgeneration"))
            }
        case "break", "continue":
            guard loopDepth > 0 else { throw error("'{% \(name) %}' outside a loop", at: offset) }
            try expect(.blockEnd)
            return name == "break" ? .breakLoop : .continueLoop
        case "include", "import", "from", "extends", "block":
            throw error("'{% \(name) %}' is refused: a chat template stands alone", .refusedTag, at: offset)
        case "else", "elif": throw unexpectedTag(name, at: offset)
        default:
            if name.hasPrefix("end") { throw unexpectedTag(name, at: offset) }
            throw error("unknown tag '\(name)'", .unknownTag, at: offset)
        }
    }

    private mutating func inTag(
        _ name: String, _ offset: Int,
        _ parse: (inout Parser) throws(ChatTemplateError) -> Statement.Kind
    ) throws(ChatTemplateError) -> Statement.Kind {
        openTags.append((name, offset))
        defer { openTags.removeLast() }
        return try parse(&self)
    }

    /// The end of the opening tag, the body, and the closing tag.
    mutating func parseSection(until end: String) throws(ChatTemplateError) -> [Statement] {
        try endOfTag()
        let (body, _) = try parseBody(until: [end])
        try expect(.blockEnd)
        return body
    }

    /// The end of an opening tag; Jinja allows a colon before it.
    private mutating func endOfTag() throws(ChatTemplateError) {
        _ = skip(.colon)
        try expect(.blockEnd)
    }

    // MARK: - Branches and loops

    private mutating func parseIf() throws(ChatTemplateError) -> Statement.Kind {
        var branches: [Statement.Branch] = []
        while true {
            let condition = try parseTuple(allowsConditional: false)
            try endOfTag()
            let (body, end) = try parseBody(until: ["elif", "else", "endif"])
            branches.append(Statement.Branch(condition: condition, body: body))
            if end?.name == "elif" { continue }
            guard end?.name == "else" else {
                try expect(.blockEnd)
                return .branches(branches, otherwise: [])
            }
            return .branches(branches, otherwise: try parseSection(until: "endif"))
        }
    }

    private mutating func parseFor() throws(ChatTemplateError) -> Statement.Kind {
        let start = current.offset
        let target = try parseTarget()
        if target.assigns(NameTable.loop) { throw error("'loop' is the loop's own variable", at: start) }
        try expect(keyword: "in")
        let iterable = try parseTuple(allowsConditional: false)
        let filter = skip(keyword: "if") ? try parseExpression() : nil
        if isKeyword("recursive") {
            throw error(
                "recursive loops are not part of this Jinja; use a macro that calls itself", .refusedTag)
        }
        try endOfTag()
        loopDepth += 1
        let (body, end) = try parseBody(until: ["else", "endfor"])
        loopDepth -= 1
        var otherwise: [Statement] = []
        if end?.name == "else" {
            otherwise = try parseSection(until: "endfor")
        } else {
            try expect(.blockEnd)
        }
        return .loop(
            Statement.Loop(
                target: target, iterable: iterable, filter: filter, body: body, otherwise: otherwise))
    }

    // MARK: - Assignments

    private mutating func parseSet() throws(ChatTemplateError) -> Statement.Kind {
        let target = try parseTarget(allowsAttributes: true)
        if skip(.assign) {
            let value = try parseTuple()
            try expect(.blockEnd)
            return .assignment(target, value)
        }
        var filters: [Postfix] = []
        while current.kind == .symbol(.pipe) { filters.append(try parseFilter()) }
        return .capture(target, filters: filters, body: try parseSection(until: "endset"))
    }

    private mutating func parseWith() throws(ChatTemplateError) -> Statement.Kind {
        var bindings: [Statement.Binding] = []
        while current.kind != .blockEnd, current.kind != .symbol(.colon) {
            if !bindings.isEmpty { try expect(.comma) }
            let target = try parseTarget()
            try expect(.assign)
            bindings.append(Statement.Binding(target: target, value: try parseExpression()))
        }
        return .with(bindings, body: try parseSection(until: "endwith"))
    }

    /// A name, `namespace.attribute`, or several of them with commas, with or without parentheses.
    private mutating func parseTarget(allowsAttributes: Bool = false) throws(ChatTemplateError) -> Target {
        var targets = [try parseSingleTarget(allowsAttributes)]
        var isTuple = false
        while skip(.comma) {
            isTuple = true
            if isKeyword("in") || current.kind == .symbol(.assign)
                || current.kind == .symbol(.closeParenthesis)
            {
                break
            }
            targets.append(try parseSingleTarget(allowsAttributes))
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func parseSingleTarget(_ allowsAttributes: Bool) throws(ChatTemplateError) -> Target {
        try enter()
        defer { leave() }
        if skip(.openParenthesis) {
            let target = try parseTarget(allowsAttributes: allowsAttributes)
            try expect(.closeParenthesis)
            return target
        }
        let offset = current.offset
        let name = try expectName()
        guard !Self.reservedWords.contains(name), !Self.constants.contains(name) else {
            throw error("cannot assign to '\(name)'", at: offset)
        }
        guard allowsAttributes, skip(.dot) else { return .name(names.intern(name)) }
        return .attribute(of: names.intern(name), names.intern(try expectName()))
    }

    // MARK: - Macros and filters

    private mutating func parseMacro() throws(ChatTemplateError) -> Statement.Kind {
        let name = names.intern(try expectName())
        try expect(.openParenthesis)
        return .macro(try parseMacroRest(name, until: "endmacro"))
    }

    private mutating func parseCall() throws(ChatTemplateError) -> Statement.Kind {
        // the signature belongs to the body that the macro calls back
        var parameters: [MacroDefinition.Parameter] = []
        if skip(.openParenthesis) { parameters = try parseParameters() }
        let call = try parseExpression()
        guard case .postfix(_, let steps) = call.kind, let last = steps.last, last.kind.isCall else {
            throw error("'{% call %}' needs a call of a macro", at: call.offset)
        }
        let caller = try parseMacroBody(names.intern("caller"), parameters, until: "endcall")
        return .callBlock(call, caller: caller)
    }

    private mutating func parseMacroRest(
        _ name: Name, until end: String
    ) throws(ChatTemplateError) -> MacroDefinition {
        try parseMacroBody(name, try parseParameters(), until: end)
    }

    private mutating func parseMacroBody(
        _ name: Name, _ parameters: [MacroDefinition.Parameter], until end: String
    ) throws(ChatTemplateError) -> MacroDefinition {
        let before = readings
        let outerLoops = loopDepth
        loopDepth = 0
        defer { loopDepth = outerLoops }
        let body = try parseSection(until: end)
        func isRead(_ number: Int) -> Bool { readings[number] > before[number] }
        return MacroDefinition(
            name: name, parameters: parameters, body: body,
            readsVariableArguments: isRead(NameTable.varargs),
            readsKeywordArguments: isRead(NameTable.kwargs), readsCaller: isRead(NameTable.caller))
    }

    private mutating func parseParameters() throws(ChatTemplateError) -> [MacroDefinition.Parameter] {
        var parameters: [MacroDefinition.Parameter] = []
        while !skip(.closeParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let offset = current.offset
            let name = names.intern(try expectName())
            let fallback = skip(.assign) ? try parseExpression() : nil
            if fallback == nil, parameters.last?.fallback != nil {
                throw error("a parameter without a default follows one with a default", at: offset)
            }
            parameters.append(MacroDefinition.Parameter(name: name, fallback: fallback))
        }
        return parameters
    }

    private mutating func parseFilterBlock() throws(ChatTemplateError) -> Statement.Kind {
        var filters = [try parseFilterName()]
        while current.kind == .symbol(.pipe) { filters.append(try parseFilter()) }
        return .filterBlock(filters, body: try parseSection(until: "endfilter"))
    }
}

extension Postfix.Kind {
    fileprivate var isCall: Bool {
        switch self {
        case .call, .method: true
        default: false
        }
    }
}
