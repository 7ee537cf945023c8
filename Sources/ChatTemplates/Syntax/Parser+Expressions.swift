/// Expressions, from the loosest operator to the tightest.
extension Parser {
    /// Names that operators and conditions are made of; no variable can have one.
    static let reservedWords: Set<String> = ["and", "or", "not", "in", "is", "if", "else", "elif"]
    /// Names of constants, in Jinja's and in Python's spelling.
    static let constants: Set<String> = ["true", "True", "false", "False", "none", "None"]

    /// An expression, or a tuple if commas follow.
    mutating func parseTuple(
        allowsConditional: Bool = true, isParenthesised: Bool = false
    ) throws(ChatTemplateError) -> Expression {
        let offset = current.offset
        var items: [Expression] = []
        var isTuple = false
        while true {
            if isTupleEnd {
                if items.isEmpty, !isParenthesised { throw unexpected(expecting: "an expression") }
                isTuple = isTuple || items.isEmpty
                break
            }
            items.append(try parseExpression(allowsConditional: allowsConditional))
            guard skip(.comma) else { break }
            isTuple = true
        }
        return isTuple ? Expression(kind: .tuple(items), offset: offset) : items[0]
    }

    private var isTupleEnd: Bool {
        switch current.kind {
        case .outputEnd, .blockEnd, .symbol(.closeParenthesis), .end: true
        default: isKeyword("in") || isKeyword("recursive")
        }
    }

    mutating func parseExpression(allowsConditional: Bool = true) throws(ChatTemplateError) -> Expression {
        try enter()
        defer { leave() }
        var expression = try parseOperators(from: .or)
        while allowsConditional, isKeyword("if") {
            let offset = current.offset
            advance()
            let condition = try parseOperators(from: .or)
            let otherwise = skip(keyword: "else") ? try parseExpression() : nil
            expression = Expression(
                kind: .conditional(condition: condition, then: expression, otherwise: otherwise),
                offset: offset)
        }
        return expression
    }

    /// Operands joined by operators that bind as tightly as `level` or tighter, by precedence climbing: only
    /// as many calls deep as there are operators, which a small stack needs.
    private mutating func parseOperators(
        from level: InfixOperator.Level
    ) throws(ChatTemplateError) -> Expression {
        var left = try level <= .not && isKeyword("not") ? parseNot() : parseUnary()
        while let infix = infixOperator, infix.level >= level {
            left = try parseChain(after: left, infix.level)
        }
        return left
    }

    /// The operators of one level that follow each other, with their right operands.
    private mutating func parseChain(
        after first: Expression, _ level: InfixOperator.Level
    ) throws(ChatTemplateError) -> Expression {
        var links: [InfixOperator.Link] = []
        while let infix = infixOperator, infix.level == level {
            let offset = current.offset
            advance()
            if infix == .comparison(.isNotIn) { advance() }
            let operand = try parseOperators(from: level.tighter)
            links.append(InfixOperator.Link(infix: infix, operand: operand, offset: offset))
        }
        return Expression(kind: level.kind(first, links), offset: first.offset)
    }

    private mutating func parseNot() throws(ChatTemplateError) -> Expression {
        let offset = current.offset
        var operators: [UnaryOperator] = []
        while skip(keyword: "not") { operators.append(.not) }
        let operand = try parseOperators(from: .comparison)
        return Expression(kind: .unary(operators, operand), offset: offset)
    }

    private var infixOperator: InfixOperator? {
        switch current.kind {
        case .symbol(.tilde): .concatenation
        case .symbol(let symbol):
            if let operation = ArithmeticOperator(rawValue: symbol.rawValue) {
                .arithmetic(operation)
            } else {
                ComparisonOperator(rawValue: symbol.rawValue).map { .comparison($0) }
            }
        case .name("or"): .or
        case .name("and"): .and
        case .name("in"): .comparison(.isIn)
        case .name("not"): next.kind == .name("in") ? .comparison(.isNotIn) : nil
        default: nil
        }
    }

    /// Signs bind tighter than filters: `-1 | abs` is `(-1) | abs`.
    private mutating func parseUnary() throws(ChatTemplateError) -> Expression {
        let offset = current.offset
        var operators: [UnaryOperator] = []
        while true {
            if skip(.minus) {
                operators.append(.minus)
            } else if skip(.plus) {
                operators.append(.plus)
            } else {
                break
            }
        }
        var expression = try parsePostfix(after: try parsePrimary())
        if !operators.isEmpty {
            expression = Expression(kind: .unary(operators.reversed(), expression), offset: offset)
        }
        return try parseFilters(after: expression)
    }

    // MARK: - Operands

    mutating func parsePrimary() throws(ChatTemplateError) -> Expression {
        let token = current
        switch token.kind {
        case .name(let name):
            guard !Self.reservedWords.contains(name) else { throw unexpected(expecting: "an expression") }
            advance()
            return Expression(kind: nameOrConstant(name), offset: token.offset)
        case .string(var bytes):
            advance()
            // neighbouring literals are one string, as in Python
            while case .string(let more) = current.kind {
                bytes += more
                advance()
            }
            return Expression(
                kind: .literal(.string(Text(bytes: bytes, origin: .template))), offset: token.offset)
        case .integer(let value):
            advance()
            return Expression(kind: .literal(.integer(value)), offset: token.offset)
        case .float(let value):
            advance()
            return Expression(kind: .literal(.float(value)), offset: token.offset)
        case .symbol(.openParenthesis):
            advance()
            let inner = try parseTuple(isParenthesised: true)
            try expect(.closeParenthesis)
            return inner
        case .symbol(.openBracket): return try parseList()
        case .symbol(.openBrace): return try parseDictionary()
        default: throw unexpected(expecting: "an expression")
        }
    }

    private mutating func nameOrConstant(_ name: String) -> Expression.Kind {
        switch name {
        case "true", "True": return .literal(.boolean(true))
        case "false", "False": return .literal(.boolean(false))
        case "none", "None": return .literal(.none)
        default:
            let name = names.intern(name)
            if name.id < readings.count { readings[name.id] += 1 }
            return .name(name)
        }
    }

    private mutating func parseList() throws(ChatTemplateError) -> Expression {
        let offset = current.offset
        advance()
        var items: [Expression] = []
        while !skip(.closeBracket) {
            if !items.isEmpty {
                try expect(.comma)
                if skip(.closeBracket) { break }
            }
            items.append(try parseExpression())
        }
        return Expression(kind: .list(items), offset: offset)
    }

    private mutating func parseDictionary() throws(ChatTemplateError) -> Expression {
        let offset = current.offset
        advance()
        var pairs: [Expression.Pair] = []
        while !skip(.closeBrace) {
            if !pairs.isEmpty {
                try expect(.comma)
                if skip(.closeBrace) { break }
            }
            let key = try parseExpression()
            try expect(.colon)
            pairs.append(Expression.Pair(key: key, value: try parseExpression()))
        }
        return Expression(kind: .dictionary(pairs), offset: offset)
    }
}
