/// What follows an operand: attributes, subscripts, calls, filters and tests.
extension Parser {
    /// `.name`, `[…]` and `(…)` after an operand.
    mutating func parsePostfix(after base: Expression) throws(ChatTemplateError) -> Expression {
        var steps: [Postfix] = []
        while true {
            let offset = current.offset
            if skip(.dot) {
                steps.append(Postfix(kind: try parseAttribute(), offset: offset))
            } else if skip(.openBracket) {
                steps.append(Postfix(kind: try parseSubscript(), offset: offset))
            } else if current.kind == .symbol(.openParenthesis) {
                try appendCall(to: &steps, at: offset)
            } else {
                return Self.extend(base, with: steps)
            }
        }
    }

    /// `| filter` and `is test` after an operand, and calls of what they give.
    mutating func parseFilters(after base: Expression) throws(ChatTemplateError) -> Expression {
        var steps: [Postfix] = []
        while true {
            if current.kind == .symbol(.pipe) {
                steps.append(try parseFilter())
            } else if isKeyword("is") {
                steps.append(try parseTest())
            } else if current.kind == .symbol(.openParenthesis) {
                steps.append(Postfix(kind: .call(try parseArguments()), offset: current.offset))
            } else {
                return Self.extend(base, with: steps)
            }
        }
    }

    private static func extend(_ base: Expression, with steps: [Postfix]) -> Expression {
        if steps.isEmpty { return base }
        guard case .postfix(let inner, let earlier) = base.kind else {
            return Expression(kind: .postfix(base, steps), offset: base.offset)
        }
        return Expression(kind: .postfix(inner, earlier + steps), offset: base.offset)
    }

    /// A call of an attribute is one step, so that methods need no bound value.
    private mutating func appendCall(to steps: inout [Postfix], at offset: Int) throws(ChatTemplateError) {
        let arguments = try parseArguments()
        if let last = steps.last, case .attribute(let name) = last.kind {
            steps[steps.count - 1] = Postfix(kind: .method(name, arguments), offset: last.offset)
        } else {
            steps.append(Postfix(kind: .call(arguments), offset: offset))
        }
    }

    private mutating func parseAttribute() throws(ChatTemplateError) -> Postfix.Kind {
        let token = current
        switch token.kind {
        case .name(let name):
            advance()
            return .attribute(names.intern(name))
        case .integer(let index):
            advance()
            return .item(Expression(kind: .literal(.integer(index)), offset: token.offset))
        default: throw unexpected(expecting: "a name or a number")
        }
    }

    private mutating func parseSubscript() throws(ChatTemplateError) -> Postfix.Kind {
        let offset = current.offset
        var start: Expression?
        if current.kind != .symbol(.colon) {
            let index = try parseExpression()
            if skip(.closeBracket) { return .item(index) }
            if current.kind == .symbol(.comma) {
                throw error("a subscript takes one index or one slice", at: offset)
            }
            start = index
        }
        try expect(.colon)
        let stop = try parseSliceBound()
        let step = skip(.colon) ? try parseSliceBound() : nil
        try expect(.closeBracket)
        return .slice(start, stop, step)
    }

    private mutating func parseSliceBound() throws(ChatTemplateError) -> Expression? {
        switch current.kind {
        case .symbol(.colon), .symbol(.closeBracket): return nil
        default: return try parseExpression()
        }
    }

    /// `(a, b, name=c, *list, **dictionary)`
    mutating func parseArguments() throws(ChatTemplateError) -> Arguments {
        try expect(.openParenthesis)
        var arguments = Arguments()
        var isFirst = true
        while !skip(.closeParenthesis) {
            if !isFirst {
                try expect(.comma)
                if skip(.closeParenthesis) { break }
            }
            isFirst = false
            try parseArgument(into: &arguments)
        }
        return arguments
    }

    private mutating func parseArgument(into arguments: inout Arguments) throws(ChatTemplateError) {
        let offset = current.offset
        let isOrdered: Bool
        if skip(.times) {
            isOrdered = arguments.spreadPositional == nil && arguments.spreadKeywords == nil
            arguments.spreadPositional = try parseExpression()
        } else if skip(.power) {
            isOrdered = arguments.spreadKeywords == nil
            arguments.spreadKeywords = try parseExpression()
        } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
            isOrdered = arguments.spreadKeywords == nil
            position += 2
            arguments.keywords.append((names.intern(name), try parseExpression()))
        } else {
            isOrdered =
                arguments.keywords.isEmpty && arguments.spreadPositional == nil
                && arguments.spreadKeywords == nil
            arguments.positional.append(try parseExpression())
        }
        guard isOrdered else { throw error("arguments by position come first, then by name", at: offset) }
    }

    // MARK: - Filters and tests

    /// `| name(…)`
    mutating func parseFilter() throws(ChatTemplateError) -> Postfix {
        try expect(.pipe)
        return try parseFilterName()
    }

    mutating func parseFilterName() throws(ChatTemplateError) -> Postfix {
        let offset = current.offset
        let name = try expectName()
        guard let filter = Filter(rawValue: name) else {
            throw error("unknown filter '\(name)'", .unknownFilter, at: offset)
        }
        let arguments = current.kind == .symbol(.openParenthesis) ? try parseArguments() : .none
        return Postfix(kind: .filter(filter, arguments), offset: offset)
    }

    /// `is name`, `is not name`, `is name(…)`, `is name operand`
    private mutating func parseTest() throws(ChatTemplateError) -> Postfix {
        try expect(keyword: "is")
        let isNegated = skip(keyword: "not")
        let offset = current.offset
        let name = try expectName()
        guard let test = ValueTest(rawValue: name) else {
            throw error("unknown test '\(name)'", .unknownTest, at: offset)
        }
        var arguments = Arguments.none
        if current.kind == .symbol(.openParenthesis) {
            arguments = try parseArguments()
        } else if startsTestOperand {
            if isKeyword("is") { throw error("tests cannot be chained with 'is'") }
            arguments.positional = [try parsePostfix(after: try parsePrimary())]
        }
        return Postfix(kind: .test(test, arguments, isNegated: isNegated), offset: offset)
    }

    private var startsTestOperand: Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and", "if", "not", "in"].contains(name)
        case .string, .integer, .float, .symbol(.openBracket), .symbol(.openBrace): true
        default: false
        }
    }
}
