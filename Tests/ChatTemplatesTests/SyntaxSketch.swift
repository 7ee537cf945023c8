@testable import ChatTemplates

/// Syntax trees as S-expressions.
enum SyntaxSketch {
    static func of(_ source: String) throws -> String {
        of(try SyntaxTree(try TemplateSource(source)).statements)
    }

    static func of(_ statements: [Statement]) -> String {
        statements.map(of).joined(separator: " ")
    }

    static func of(_ statement: Statement) -> String {
        switch statement.kind {
        case .text(let text): "'\(text.string)'"
        case .output(let value): "(out \(of(value)))"
        case .branches(let branches, let otherwise):
            "(if " + branches.map { "(\(of($0.condition)) \(of($0.body)))" }.joined(separator: " ")
                + (otherwise.isEmpty ? "" : " else \(of(otherwise))") + ")"
        case .loop(let loop):
            "(for \(of(loop.target)) in \(of(loop.iterable))" + (loop.filter.map { " if \(of($0))" } ?? "")
                + " \(of(loop.body))" + (loop.otherwise.isEmpty ? "" : " else \(of(loop.otherwise))") + ")"
        case .assignment(let target, let value): "(set \(of(target)) \(of(value)))"
        case .capture(let target, let filters, let body): "(set \(of(target))\(of(filters)) [\(of(body))])"
        case .macro(let macro): of(macro)
        case .callBlock(let call, let caller): "(call \(of(call)) \(of(caller)))"
        case .filterBlock(let filters, let body): "(filter\(of(filters)) [\(of(body))])"
        case .with(let bindings, let body):
            "(with " + bindings.map { "\(of($0.target))=\(of($0.value))" }.joined(separator: " ")
                + " [\(of(body))])"
        case .generation(let body): "(generation \(of(body)))"
        case .breakLoop: "break"
        case .continueLoop: "continue"
        }
    }

    static func of(_ macro: MacroDefinition) -> String {
        let parameters = macro.parameters.map {
            $0.name.text.string + ($0.fallback.map { "=\(of($0))" } ?? "")
        }
        return "(macro \(macro.name.text.string)(\(parameters.joined(separator: " "))) \(of(macro.body)))"
    }

    static func of(_ target: Target) -> String {
        switch target {
        case .name(let name): name.text.string
        case .attribute(let owner, let name): "\(owner.text.string).\(name.text.string)"
        case .tuple(let targets): "(" + targets.map(of).joined(separator: " ") + ")"
        }
    }

    static func of(_ expression: Expression) -> String {
        switch expression.kind {
        case .literal(let literal): of(literal)
        case .name(let name): name.text.string
        case .list(let items): "[" + items.map(of).joined(separator: " ") + "]"
        case .tuple(let items): "(tuple " + items.map(of).joined(separator: " ") + ")"
        case .dictionary(let pairs):
            "{" + pairs.map { "\(of($0.key)):\(of($0.value))" }.joined(separator: " ") + "}"
        case .unary(let operators, let operand): "(\(operators.map(\.rawValue).joined()) \(of(operand)))"
        case .arithmetic(let first, let steps):
            "(\(of(first))" + steps.map { " \($0.operation.rawValue) \(of($0.operand))" }.joined() + ")"
        case .concatenation(let operands): "(~ " + operands.map(of).joined(separator: " ") + ")"
        case .comparison(let first, let steps):
            "(\(of(first))" + steps.map { " \($0.operation.rawValue) \(of($0.operand))" }.joined() + ")"
        case .and(let operands): "(and " + operands.map(of).joined(separator: " ") + ")"
        case .or(let operands): "(or " + operands.map(of).joined(separator: " ") + ")"
        case .conditional(let condition, let then, let otherwise):
            "(\(of(condition)) ? \(of(then)) : \(otherwise.map(of) ?? ""))"
        case .postfix(let base, let steps): of(base) + of(steps)
        }
    }

    static func of(_ literal: Literal) -> String {
        switch literal {
        case .none: "none"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let text): "'\(text.string)'"
        }
    }

    static func of(_ steps: [Postfix]) -> String {
        steps.map { step in
            switch step.kind {
            case .attribute(let name): ".\(name.text.string)"
            case .item(let index): "[\(of(index))]"
            case .slice(let start, let stop, let stride):
                "[\(start.map(of) ?? ""):\(stop.map(of) ?? ""):\(stride.map(of) ?? "")]"
            case .call(let arguments): of(arguments)
            case .method(let name, let arguments): ".\(name.text.string)\(of(arguments))"
            case .filter(let filter, let arguments):
                "|\(filter.rawValue)\(arguments.isEmpty ? "" : of(arguments))"
            case .test(let test, let arguments, let isNegated):
                " is \(isNegated ? "not " : "")\(test.rawValue)\(arguments.isEmpty ? "" : of(arguments))"
            }
        }.joined()
    }

    static func of(_ arguments: Arguments) -> String {
        var parts = arguments.positional.map(of)
        parts += arguments.keywords.map { "\($0.name.text.string)=\(of($0.value))" }
        if let spread = arguments.spreadPositional { parts.append("*\(of(spread))") }
        if let spread = arguments.spreadKeywords { parts.append("**\(of(spread))") }
        return "(" + parts.joined(separator: " ") + ")"
    }
}
