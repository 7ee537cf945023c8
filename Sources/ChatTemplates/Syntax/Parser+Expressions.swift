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
        var expression = try parseOr()
        while allowsConditional, isKeyword("if") {
            let offset = current.offset
            advance()
            let condition = try parseOr()
            let otherwise = skip(keyword: "else") ? try parseExpression() : nil
            expression = Expression(
                kind: .conditional(condition: condition, then: expression, otherwise: otherwise),
                offset: offset)
        }
        return expression
    }

    private mutating func parseOr() throws(ChatTemplateError) -> Expression {
        let first = try parseAnd()
        guard isKeyword("or") else { return first }
        var operands = [first]
        while skip(keyword: "or") { operands.append(try parseAnd()) }
        return Expression(kind: .or(operands), offset: first.offset)
    }

    private mutating func parseAnd() throws(ChatTemplateError) -> Expression {
        let first = try parseNot()
        guard isKeyword("and") else { return first }
        var operands = [first]
        while skip(keyword: "and") { operands.append(try parseNot()) }
        return Expression(kind: .and(operands), offset: first.offset)
    }

    private mutating func parseNot() throws(ChatTemplateError) -> Expression {
        let offset = current.offset
        var operators: [UnaryOperator] = []
        while skip(keyword: "not") { operators.append(.not) }
        let operand = try parseComparison()
        return operators.isEmpty ? operand : Expression(kind: .unary(operators, operand), offset: offset)
    }

    private mutating func parseComparison() throws(ChatTemplateError) -> Expression {
        let first = try parseArithmetic(.sum)
        var steps: [Expression.ComparisonStep] = []
        while let operation = comparisonOperator {
            let offset = current.offset
            advance()
            if operation == .isNotIn { advance() }
            let operand = try parseArithmetic(.sum)
            steps.append(Expression.ComparisonStep(operation: operation, operand: operand, offset: offset))
        }
        return steps.isEmpty ? first : Expression(kind: .comparison(first, steps), offset: first.offset)
    }

    private var comparisonOperator: ComparisonOperator? {
        switch current.kind {
        case .symbol(let symbol):
            ComparisonOperator(rawValue: symbol.rawValue)
        case .name("in"): .isIn
        case .name("not"): next.kind == .name("in") ? .isNotIn : nil
        default: nil
        }
    }

    /// The levels of left-associative operators; Jinja puts `~` between sums and products, and `**` is
    /// left-associative like the rest.
    private enum Level: Int {
        case sum, concatenation, product, power
    }

    private mutating func parseArithmetic(_ level: Level) throws(ChatTemplateError) -> Expression {
        guard let tighter = Level(rawValue: level.rawValue + 1) else { return try parsePower() }
        let first = try parseArithmetic(tighter)
        if level == .concatenation { return try parseConcatenation(after: first) }
        var steps: [Expression.ArithmeticStep] = []
        while let operation = arithmeticOperator(level) {
            let offset = current.offset
            advance()
            let operand = try parseArithmetic(tighter)
            steps.append(Expression.ArithmeticStep(operation: operation, operand: operand, offset: offset))
        }
        return steps.isEmpty ? first : Expression(kind: .arithmetic(first, steps), offset: first.offset)
    }

    private func arithmeticOperator(_ level: Level) -> ArithmeticOperator? {
        switch (level, current.kind) {
        case (.sum, .symbol(.plus)): .add
        case (.sum, .symbol(.minus)): .subtract
        case (.product, .symbol(.times)): .multiply
        case (.product, .symbol(.divide)): .divide
        case (.product, .symbol(.floorDivide)): .floorDivide
        case (.product, .symbol(.modulo)): .modulo
        case (.power, .symbol(.power)): .power
        default: nil
        }
    }

    private mutating func parseConcatenation(after first: Expression) throws(ChatTemplateError) -> Expression
    {
        guard current.kind == .symbol(.tilde) else { return first }
        var operands = [first]
        while skip(.tilde) { operands.append(try parseArithmetic(.product)) }
        return Expression(kind: .concatenation(operands), offset: first.offset)
    }

    private mutating func parsePower() throws(ChatTemplateError) -> Expression {
        let first = try parseUnary()
        var steps: [Expression.ArithmeticStep] = []
        while let operation = arithmeticOperator(.power) {
            let offset = current.offset
            advance()
            let operand = try parseUnary()
            steps.append(Expression.ArithmeticStep(operation: operation, operand: operand, offset: offset))
        }
        return steps.isEmpty ? first : Expression(kind: .arithmetic(first, steps), offset: first.offset)
    }

    /// Signs bind tighter than filters: `-1 | abs` is `(-1) | abs`.
    private mutating func parseUnary() throws(ChatTemplateError) -> Expression {
        let offset = current.offset
        var operators: [UnaryOperator] = []
        while true {
            if skip(.minus) {
                operators.insert(.minus, at: 0)
            } else if skip(.plus) {
                operators.insert(.plus, at: 0)
            } else {
                break
            }
        }
        var expression = try parsePostfix(after: try parsePrimary())
        if !operators.isEmpty { expression = Expression(kind: .unary(operators, expression), offset: offset) }
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
