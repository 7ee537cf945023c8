/// An expression of a template, and the byte of the source that an error about it points at.
///
/// Chains of one precedence (`a + b - c`, `a.b[0] | f`) are one node with a list, not a ladder of nodes: a
/// long concatenation nests no deeper than a short one.
struct Expression: Sendable {
    let kind: Kind
    let offset: Int

    indirect enum Kind: Sendable {
        case literal(Literal)
        case name(Name)
        case list([Expression])
        case tuple([Expression])
        case dictionary([Pair])
        /// The operators in the order in which they apply: innermost first.
        case unary([UnaryOperator], Expression)
        /// Left to right, all of one precedence.
        case arithmetic(Expression, [ArithmeticStep])
        /// `a ~ b ~ c`
        case concatenation([Expression])
        /// `a < b <= c`: every neighbouring pair must hold.
        case comparison(Expression, [ComparisonStep])
        case and([Expression])
        case or([Expression])
        /// `then if condition else otherwise`
        case conditional(condition: Expression, then: Expression, otherwise: Expression?)
        case postfix(Expression, [Postfix])
    }

    struct Pair: Sendable {
        let key: Expression
        let value: Expression
    }

    struct ArithmeticStep: Sendable {
        let operation: ArithmeticOperator
        let operand: Expression
        let offset: Int
    }

    struct ComparisonStep: Sendable {
        let operation: ComparisonOperator
        let operand: Expression
        let offset: Int
    }
}

/// A name in a template: its number in the template's name table, and its text.
struct Name: Sendable {
    let id: Int
    let text: Text
    /// The method of strings, lists or dictionaries that has this name.
    let method: Method?
}

enum Literal: Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(Text)
}

enum UnaryOperator: String, Sendable {
    case not
    case minus = "-"
    case plus = "+"
}

enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

/// What may follow a value, left to right.
struct Postfix: Sendable {
    let kind: Kind
    let offset: Int

    indirect enum Kind: Sendable {
        /// `.name`
        case attribute(Name)
        /// `[index]`
        case item(Expression)
        /// `[start:stop:step]`
        case slice(Expression?, Expression?, Expression?)
        /// `(…)`
        case call(Arguments)
        /// `.name(…)`
        case method(Name, Arguments)
        /// `| name(…)`
        case filter(Filter, Arguments)
        /// `is name(…)`, `is not name(…)`
        case test(ValueTest, Arguments, isNegated: Bool)
    }
}

/// The arguments of a call, a filter or a test.
struct Arguments: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: Name, value: Expression)] = []
    /// `*list`
    var spreadPositional: Expression?
    /// `**dictionary`
    var spreadKeywords: Expression?

    static let none = Arguments()

    var isEmpty: Bool {
        positional.isEmpty && keywords.isEmpty && spreadPositional == nil && spreadKeywords == nil
    }
}
