/// An operator between two operands, while parsing.
enum InfixOperator: Equatable {
    case or
    case and
    case comparison(ComparisonOperator)
    case arithmetic(ArithmeticOperator)
    case concatenation

    /// How tightly operators bind, from the loosest on. Jinja puts `~` between sums and products.
    enum Level: Int, Comparable {
        case or, and, not, comparison, sum, concatenation, product, power, unary

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// The next level; every operator is left-associative, `**` too.
        var tighter: Level { Level(rawValue: rawValue + 1) ?? .unary }
    }

    var level: Level {
        switch self {
        case .or: .or
        case .and: .and
        case .comparison: .comparison
        case .arithmetic(.add), .arithmetic(.subtract): .sum
        case .concatenation: .concatenation
        case .arithmetic(.power): .power
        case .arithmetic: .product
        }
    }

    /// An operator with what stands right of it.
    struct Link {
        let infix: InfixOperator
        let operand: Expression
        let offset: Int
    }
}

extension InfixOperator.Level {
    /// The chain of operators of this level.
    func kind(_ first: Expression, _ links: [InfixOperator.Link]) -> Expression.Kind {
        switch self {
        case .or: .or([first] + links.map(\.operand))
        case .and: .and([first] + links.map(\.operand))
        case .concatenation: .concatenation([first] + links.map(\.operand))
        case .comparison: .comparison(first, links.compactMap(\.comparison))
        default: .arithmetic(first, links.compactMap(\.arithmetic))
        }
    }
}

extension InfixOperator.Link {
    fileprivate var comparison: Expression.ComparisonStep? {
        guard case .comparison(let operation) = infix else { return nil }
        return Expression.ComparisonStep(operation: operation, operand: operand, offset: offset)
    }

    fileprivate var arithmetic: Expression.ArithmeticStep? {
        guard case .arithmetic(let operation) = infix else { return nil }
        return Expression.ArithmeticStep(operation: operation, operand: operand, offset: offset)
    }
}
