/// Expressions.
extension Interpreter {
    func evaluate(_ expression: Expression) throws(ChatTemplateError) -> Value {
        offset = expression.offset
        try step()
        switch expression.kind {
        case .literal(let literal): return Value(literal)
        case .name(let name): return try value(of: name)
        default: return try evaluateCompound(expression)
        }
    }

    private func value(of name: Name) throws(ChatTemplateError) -> Value {
        try step(scopes.searchSteps)
        return scopes[name.id] ?? .undefined(name.text)
    }

    private func evaluateCompound(_ expression: Expression) throws(ChatTemplateError) -> Value {
        try enter()
        defer { leave() }
        switch expression.kind {
        case .literal(let literal): return Value(literal)
        case .name(let name): return try value(of: name)
        case .list(let items): return try makeList(try evaluate(all: items))
        case .tuple(let items): return try makeList(try evaluate(all: items), isTuple: true)
        case .dictionary(let pairs): return try evaluateDictionary(pairs)
        case .unary(let operators, let operand): return try evaluateUnary(operators, operand)
        case .arithmetic(let first, let steps): return try evaluateArithmetic(first, steps)
        case .concatenation(let operands): return try evaluateConcatenation(operands)
        case .comparison(let first, let steps): return try evaluateComparison(first, steps)
        case .and(let operands): return try evaluateLogic(operands, stopsAt: false)
        case .or(let operands): return try evaluateLogic(operands, stopsAt: true)
        case .conditional(let condition, let then, let otherwise):
            return try evaluateConditional(condition, then, otherwise)
        case .postfix(let base, let steps): return try apply(steps, to: try evaluate(base))
        }
    }

    func evaluate(all expressions: [Expression]) throws(ChatTemplateError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private func evaluateDictionary(_ pairs: [Expression.Pair]) throws(ChatTemplateError) -> Value {
        var members = Members()
        for pair in pairs {
            let key = try self.key(try evaluate(pair.key))
            members[key] = try evaluate(pair.value)
        }
        return try makeDictionary(members)
    }

    private func evaluateConditional(
        _ condition: Expression, _ then: Expression, _ otherwise: Expression?
    ) throws(ChatTemplateError) -> Value {
        if try evaluate(condition).isTrue { return try evaluate(then) }
        guard let otherwise else { return .undefined("else") }
        return try evaluate(otherwise)
    }

    private func evaluateUnary(
        _ operators: [UnaryOperator], _ operand: Expression
    ) throws(ChatTemplateError) -> Value {
        try step(operators.count)
        var value = try evaluate(operand)
        for operation in operators { value = try apply(operation, to: value) }
        return value
    }

    private func evaluateArithmetic(
        _ first: Expression, _ steps: [Expression.ArithmeticStep]
    ) throws(ChatTemplateError) -> Value {
        var value = try evaluate(first)
        for step in steps {
            let operand = try evaluate(step.operand)
            offset = step.offset
            value = try apply(step.operation, value, operand)
        }
        return value
    }

    private func evaluateConcatenation(_ operands: [Expression]) throws(ChatTemplateError) -> Value {
        var builder = TextBuilder()
        for operand in operands {
            let text = try text(of: try evaluate(operand))
            try charge(bytes: builder.count + text.bytes.count)
            builder.append(text)
        }
        return .string(builder.finished())
    }

    private func evaluateComparison(
        _ first: Expression, _ steps: [Expression.ComparisonStep]
    ) throws(ChatTemplateError) -> Value {
        var left = try evaluate(first)
        for step in steps {
            let right = try evaluate(step.operand)
            offset = step.offset
            guard try holds(step.operation, left, right) else { return .boolean(false) }
            left = right
        }
        return .boolean(true)
    }

    /// `and` and `or` give one of their operands, not a boolean.
    private func evaluateLogic(_ operands: [Expression], stopsAt end: Bool) throws(ChatTemplateError) -> Value
    {
        var value = Value.none
        for operand in operands {
            value = try evaluate(operand)
            if value.isTrue == end { return value }
        }
        return value
    }

    // MARK: - Postfix steps

    func apply(_ steps: [Postfix], to base: Value) throws(ChatTemplateError) -> Value {
        var value = base
        for step in steps { value = try apply(step, to: value) }
        return value
    }

    private func apply(_ step: Postfix, to value: Value) throws(ChatTemplateError) -> Value {
        offset = step.offset
        try self.step()
        switch step.kind {
        case .attribute(let name): return try attribute(name, of: value)
        case .item(let index): return try applyItem(index, to: value, at: step.offset)
        case .slice(let start, let stop, let stride):
            return try applySlice(start, stop, stride, to: value, at: step.offset)
        case .call(let arguments): return try applyCall(arguments, to: value, at: step.offset)
        case .method(let name, let arguments):
            return try applyMethod(name, arguments, to: value, at: step.offset)
        case .filter(let filter, let arguments):
            return try apply(filter, arguments, to: value, at: step.offset)
        case .test(let test, let arguments, let isNegated):
            return .boolean(try holds(test, arguments, for: value, at: step.offset) != isNegated)
        }
    }

    private func applyCall(
        _ arguments: Arguments, to value: Value, at start: Int
    ) throws(ChatTemplateError) -> Value {
        let values = try evaluate(arguments)
        offset = start
        return try call(value, values)
    }

    private func apply(
        _ filter: Filter, _ arguments: Arguments, to value: Value, at start: Int
    ) throws(ChatTemplateError) -> Value {
        let values = try evaluate(arguments)
        offset = start
        return try apply(filter, to: value, values)
    }

    private func holds(
        _ test: ValueTest, _ arguments: Arguments, for value: Value, at start: Int
    ) throws(ChatTemplateError) -> Bool {
        let values = try evaluate(arguments)
        offset = start
        return try holds(test, value, values)
    }

    private func applyItem(
        _ index: Expression, to value: Value, at start: Int
    ) throws(ChatTemplateError) -> Value {
        let index = try evaluate(index)
        offset = start
        return try item(index, of: value)
    }

    private func applySlice(
        _ start: Expression?, _ stop: Expression?, _ stride: Expression?, to value: Value, at position: Int
    ) throws(ChatTemplateError) -> Value {
        let start = try evaluateBound(start)
        let stop = try evaluateBound(stop)
        let stride = try evaluateBound(stride)
        offset = position
        return try slice(value, start, stop, stride ?? 1)
    }

    private func evaluateBound(_ expression: Expression?) throws(ChatTemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .none = value { return nil }
        offset = expression.offset
        return try integer(value, "a slice bound")
    }

    private func applyMethod(
        _ name: Name, _ arguments: Arguments, to value: Value, at start: Int
    ) throws(ChatTemplateError) -> Value {
        let values = try evaluate(arguments)
        offset = start
        if let method = name.method, method.belongs(to: value) { return try call(method, of: value, values) }
        let function = try attribute(name, of: value)
        if function.isUndefined {
            throw error(.undefinedValue, "\(value.typeName) has no method '\(name.text.string)'")
        }
        return try call(function, values)
    }
}
