import Foundation

/// Signs and arithmetic, as Python has them, but integers have 64 bits.
extension Interpreter {
    func apply(_ operation: UnaryOperator, to value: Value) throws(ChatTemplateError) -> Value {
        switch operation {
        case .not: return .boolean(!value.isTrue)
        case .plus:
            if let whole = value.wholeNumber { return .integer(whole) }
            if case .float = value { return value }
        case .minus:
            if let whole = value.wholeNumber {
                let (negated, overflows) = 0.subtractingReportingOverflow(whole)
                guard !overflows else { throw overflow() }
                return .integer(negated)
            }
            if case .float(let number) = value { return .float(-number) }
        }
        try requireDefined(value)
        throw error(.wrongType, "'\(operation.rawValue)' does not apply to \(value.typeName)")
    }

    func apply(
        _ operation: ArithmeticOperator, _ left: Value, _ right: Value
    ) throws(ChatTemplateError) -> Value {
        if case .string(let text) = left {
            switch (operation, right) {
            case (.add, .string(let other)):
                try charge(bytes: text.bytes.count + other.bytes.count)
                return .string(text.appending(other))
            case (.modulo, _): return .string(try formatPercent(text, right))
            case (.multiply, _): if let count = right.wholeNumber { return try repeated(left, count) }
            default: break
            }
        }
        if let a = left.wholeNumber, let b = right.wholeNumber {
            return try integerArithmetic(operation, a, b)
        }
        if let a = left.number, let b = right.number { return .float(try floatArithmetic(operation, a, b)) }
        switch (operation, left, right) {
        case (.add, .list(let a), .list(let b)) where a.isTuple == b.isTuple:
            return try makeList(a.items + b.items, isTuple: a.isTuple)
        case (.multiply, .list, _): if let count = right.wholeNumber { return try repeated(left, count) }
        case (.multiply, _, .list), (.multiply, _, .string):
            if let count = left.wholeNumber { return try repeated(right, count) }
        default: break
        }
        try requireDefined(left)
        try requireDefined(right)
        throw error(
            .wrongType, "'\(operation.rawValue)' does not apply to \(left.typeName) and \(right.typeName)")
    }

    func requireDefined(_ value: Value) throws(ChatTemplateError) {
        if case .undefined(let name) = value { throw error(.undefinedValue, "'\(name.string)' is undefined") }
    }

    private func overflow() -> ChatTemplateError {
        error(.wrongArgument, "the integer does not fit 64 bits")
    }

    private func repeated(_ value: Value, _ count: Int) throws(ChatTemplateError) -> Value {
        let count = max(0, count)
        switch value {
        case .string(let text):
            let (total, overflows) = text.bytes.count.multipliedReportingOverflow(by: count)
            try charge(bytes: overflows ? Int.max : total)
            if text.isEmpty { return value }
            var builder = TextBuilder(capacity: total)
            for _ in 0..<count { builder.append(text) }
            return .string(builder.finished())
        case .list(let box):
            let (total, overflows) = box.items.count.multipliedReportingOverflow(by: count)
            guard !overflows, total <= limits.rangeCount else {
                throw error(.budgetExceeded, "a list of more than \(limits.rangeCount) items")
            }
            return try makeList(
                total == 0 ? [] : Array(repeatElement(box.items, count: count).joined()), isTuple: box.isTuple
            )
        default: return value
        }
    }

    private func integerArithmetic(
        _ operation: ArithmeticOperator, _ left: Int, _ right: Int
    ) throws(ChatTemplateError) -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw error(.wrongArgument, "division by zero") }
            return .float(Double(left) / Double(right))
        case .floorDivide:
            guard right != 0 else { throw error(.wrongArgument, "division by zero") }
            result = left.dividedReportingOverflow(by: right)
            // Swift rounds towards zero, Python downwards
            if !result.overflow, left % right != 0, (left < 0) != (right < 0) {
                return .integer(result.partialValue - 1)
            }
        case .modulo:
            guard right != 0 else { throw error(.wrongArgument, "division by zero") }
            result = left.remainderReportingOverflow(dividingBy: right)
            if !result.overflow, result.partialValue != 0, (result.partialValue < 0) != (right < 0) {
                return .integer(result.partialValue + right)
            }
        case .power:
            if right < 0 { return .float(try floatArithmetic(.power, Double(left), Double(right))) }
            return .integer(try power(left, right))
        }
        guard !result.overflow else { throw overflow() }
        return .integer(result.partialValue)
    }

    /// At most 63 turns: beyond that every other base overflows.
    private func power(_ base: Int, _ exponent: Int) throws(ChatTemplateError) -> Int {
        if base == 0 || base == 1 || exponent == 0 { return exponent == 0 ? 1 : base }
        if base == -1 { return exponent.isMultiple(of: 2) ? 1 : -1 }
        guard exponent < 64 else { throw overflow() }
        var result = 1
        for _ in 0..<exponent {
            let (product, overflows) = result.multipliedReportingOverflow(by: base)
            guard !overflows else { throw overflow() }
            result = product
        }
        return result
    }

    private func floatArithmetic(
        _ operation: ArithmeticOperator, _ left: Double, _ right: Double
    ) throws(ChatTemplateError) -> Double {
        switch operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .power:
            guard left != 0 || right >= 0 else { throw error(.wrongArgument, "zero to a negative power") }
            return Foundation.pow(left, right)
        case .divide, .floorDivide, .modulo:
            guard right != 0 else { throw error(.wrongArgument, "division by zero") }
            if operation == .divide { return left / right }
            let remainder = left.truncatingRemainder(dividingBy: right)
            var modulo = remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder
            // a remainder of zero has the divisor's sign
            if modulo == 0 { modulo = right < 0 ? -0.0 : 0 }
            return operation == .modulo ? modulo : ((left - modulo) / right).rounded()
        }
    }
}
