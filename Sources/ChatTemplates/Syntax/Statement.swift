/// A statement of a template, and the byte of the source at which it starts.
struct Statement: Sendable {
    let kind: Kind
    let offset: Int

    indirect enum Kind: Sendable {
        case text(Text)
        /// `{{ … }}`
        case output(Expression)
        /// `{% if %} … {% elif %} … {% else %} …`
        case branches([Branch], otherwise: [Statement])
        case loop(Loop)
        /// `{% set target = value %}`
        case assignment(Target, Expression)
        /// `{% set target | filter %} … {% endset %}`
        case capture(Target, filters: [Postfix], body: [Statement])
        case macro(MacroDefinition)
        /// `{% call(parameters) macro(…) %} … {% endcall %}`
        case callBlock(Expression, caller: MacroDefinition)
        /// `{% filter name %} … {% endfilter %}`
        case filterBlock([Postfix], body: [Statement])
        /// `{% with a = 1, b = 2 %} … {% endwith %}`
        case with([Binding], body: [Statement])
        /// `{% generation %} … {% endgeneration %}`: marks what the assistant said; here
        /// its text is all that counts.
        case generation([Statement])
        case breakLoop
        case continueLoop
    }

    struct Branch: Sendable {
        let condition: Expression
        let body: [Statement]
    }

    struct Loop: Sendable {
        let target: Target
        let iterable: Expression
        /// `{% for x in xs if filter %}`
        let filter: Expression?
        let body: [Statement]
        let otherwise: [Statement]
    }

    struct Binding: Sendable {
        let target: Target
        let value: Expression
    }
}

/// What an assignment or a loop assigns to.
indirect enum Target: Sendable {
    case name(Name)
    /// `namespace.attribute`
    case attribute(of: Name, Name)
    case tuple([Target])

    /// Whether the name of that number gets a value.
    func assigns(_ number: Int) -> Bool {
        switch self {
        case .name(let name): name.id == number
        case .attribute: false
        case .tuple(let targets): targets.contains { $0.assigns(number) }
        }
    }
}

/// A macro, or the body of a call block.
struct MacroDefinition: Sendable {
    let name: Name
    let parameters: [Parameter]
    let body: [Statement]
    /// Whether the body reads `varargs`, `kwargs` and `caller`, so that calls may pass what fills them.
    let readsVariableArguments: Bool
    let readsKeywordArguments: Bool
    let readsCaller: Bool

    struct Parameter: Sendable {
        let name: Name
        let fallback: Expression?
    }
}
