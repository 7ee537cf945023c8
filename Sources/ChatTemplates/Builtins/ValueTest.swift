/// The tests after `is`.
enum ValueTest: String, Sendable, CaseIterable {
    case defined, undefined, none, boolean, string, mapping, sequence, iterable, callable, number, integer,
        float
    case `true`, `false`, odd, even, lower, upper, escaped, filter, test, sameas, divisibleby
    case `in`, eq, equalto, ne, gt, greaterthan, ge, lt, lessthan, le
    case equalSign = "=="
    case notEqualSign = "!="
    case greaterSign = ">"
    case greaterOrEqualSign = ">="
    case lessSign = "<"
    case lessOrEqualSign = "<="
}

extension Interpreter {
    func holds(
        _ test: ValueTest, _ value: Value, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Bool {
        if let operation = test.comparison {
            return try holds(operation, value, try operand(test, arguments))
        }
        switch test {
        case .sameas: return try isSame(value, try operand(test, arguments))
        case .divisibleby: return try leaves(0, of: value, dividedBy: try operand(test, arguments))
        default:
            guard arguments.isEmpty else {
                throw error(.wrongArgument, "the test '\(test.rawValue)' takes no arguments")
            }
        }
        switch test {
        case .odd: return try leaves(1, of: value, dividedBy: .integer(2))
        case .even: return try leaves(0, of: value, dividedBy: .integer(2))
        case .lower, .upper:
            return try countedText(of: value).isCased(test == .upper)
        case .filter: return Filter(rawValue: try countedText(of: value).string) != nil
        case .test: return ValueTest(rawValue: try countedText(of: value).string) != nil
        default: return value.isOfType(test)
        }
    }

    /// Whether `value % divisor` is the rest, in whatever way `%` takes the value.
    private func leaves(
        _ rest: Int, of value: Value, dividedBy divisor: Value
    ) throws(ChatTemplateError) -> Bool {
        try areEqual(try apply(.modulo, value, divisor), .integer(rest))
    }

    private func operand(_ test: ValueTest, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        guard let first = arguments.first, arguments.positional.count == 1, arguments.keywords.isEmpty else {
            throw error(.wrongArgument, "the test '\(test.rawValue)' takes one argument")
        }
        return first
    }

    /// Python's `is`: containers by identity, everything else by type and value.
    private func isSame(_ left: Value, _ right: Value) throws(ChatTemplateError) -> Bool {
        switch (left, right) {
        case (.list(let a), .list(let b)): a === b
        case (.dictionary(let a), .dictionary(let b)): a === b
        case (.boolean, .boolean), (.integer, .integer), (.float, .float), (.string, .string), (.none, .none),
            (.namespace, .namespace), (.macro, .macro), (.loop, .loop):
            try areEqual(left, right)
        default: false
        }
    }
}

extension ValueTest {
    fileprivate var comparison: ComparisonOperator? {
        switch self {
        case .eq, .equalto, .equalSign: .equal
        case .ne, .notEqualSign: .notEqual
        case .gt, .greaterthan, .greaterSign: .greater
        case .ge, .greaterOrEqualSign: .greaterOrEqual
        case .lt, .lessthan, .lessSign: .less
        case .le, .lessOrEqualSign: .lessOrEqual
        case .in: .isIn
        default: nil
        }
    }
}

extension Value {
    fileprivate func isOfType(_ test: ValueTest) -> Bool {
        switch (test, self) {
        case (.defined, _): !isUndefined
        case (.undefined, .undefined), (.none, .none), (.boolean, .boolean), (.string, .string),
            (.mapping, .dictionary), (.integer, .integer), (.float, .float):
            true
        case (.true, .boolean(let value)): value
        case (.false, .boolean(let value)): !value
        case (.number, .integer), (.number, .float), (.number, .boolean): true
        // an undefined value has a length and iterates, as nothing
        case (.sequence, .string), (.sequence, .list), (.sequence, .dictionary), (.sequence, .undefined): true
        case (.iterable, .string), (.iterable, .list), (.iterable, .dictionary), (.iterable, .undefined),
            (.iterable, .loop):
            true
        case (.callable, .macro), (.callable, .function), (.callable, .undefined): true
        default: false
        }
    }
}
