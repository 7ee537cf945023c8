/// Statements.
extension Interpreter {
    func execute(_ body: [Statement]) throws(ChatTemplateError) -> Flow {
        try enter()
        defer { leave() }
        for statement in body {
            let flow = try execute(statement)
            if flow != .normal { return flow }
        }
        return .normal
    }

    private func execute(_ statement: Statement) throws(ChatTemplateError) -> Flow {
        offset = statement.offset
        try step()
        switch statement.kind {
        case .text(let text): try write(text)
        case .output(let expression): try executeOutput(expression)
        case .branches(let branches, let otherwise): return try executeBranches(branches, otherwise)
        case .loop(let loop): return try execute(loop)
        case .assignment(let target, let value):
            try assign(try evaluate(value), to: target, at: statement.offset)
        case .capture(let target, let filters, let body):
            return try executeCapture(target, filters, body, at: statement.offset)
        case .macro(let macro): try define(macro)
        case .callBlock(let call, let caller): try executeCall(call, caller)
        case .filterBlock(let filters, let body): return try executeFilter(filters, body)
        case .with(let bindings, let body): return try executeWith(bindings, body)
        case .generation(let body): return try executeScoped(body)
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .normal
    }

    private func executeOutput(_ expression: Expression) throws(ChatTemplateError) {
        let value = try evaluate(expression)
        if case .string(let text) = value { return try write(text) }
        try write(try text(of: value))
    }

    private func executeBranches(
        _ branches: [Statement.Branch], _ otherwise: [Statement]
    ) throws(ChatTemplateError) -> Flow {
        for branch in branches where try evaluate(branch.condition).isTrue { return try execute(branch.body) }
        return otherwise.isEmpty ? .normal : try execute(otherwise)
    }

    func executeScoped(_ body: [Statement]) throws(ChatTemplateError) -> Flow {
        scopes.open()
        defer { scopes.close() }
        return try execute(body)
    }

    private func executeWith(
        _ bindings: [Statement.Binding], _ body: [Statement]
    ) throws(ChatTemplateError) -> Flow {
        // all values are those of the scope outside
        var values: [Value] = []
        for binding in bindings { values.append(try evaluate(binding.value)) }
        scopes.open()
        defer { scopes.close() }
        for (binding, value) in zip(bindings, values) { try assign(value, to: binding.target, at: offset) }
        return try execute(body)
    }

    /// What statements write. One that leaves the loop around them loses it, as in Jinja.
    private func captureScoped(_ body: [Statement]) throws(ChatTemplateError) -> (text: Text, flow: Flow) {
        scopes.open()
        defer { scopes.close() }
        return try capture(body)
    }

    private func executeCapture(
        _ target: Target, _ filters: [Postfix], _ body: [Statement], at start: Int
    ) throws(ChatTemplateError) -> Flow {
        let (text, flow) = try captureScoped(body)
        guard flow == .normal else { return flow }
        try assign(try apply(filters, to: .string(text)), to: target, at: start)
        return .normal
    }

    private func executeFilter(_ filters: [Postfix], _ body: [Statement]) throws(ChatTemplateError) -> Flow {
        let (text, flow) = try captureScoped(body)
        guard flow == .normal else { return flow }
        try write(try self.text(of: try apply(filters, to: .string(text))))
        return .normal
    }

    // MARK: - Assignment

    func assign(_ value: Value, to target: Target, at start: Int) throws(ChatTemplateError) {
        switch target {
        case .name(let name):
            try step(scopes.searchSteps)
            scopes.set(name.id, value)
        case .attribute(let owner, let name):
            offset = start
            try step(scopes.searchSteps)
            guard case .namespace(let box)? = scopes[owner.id] else {
                throw error(
                    .wrongType,
                    "cannot set '\(owner.text.string).\(name.text.string)': only a namespace has attributes")
            }
            box.members[try counted(.string(name.text))] = value
        case .tuple(let targets):
            offset = start
            let items = try elements(of: value)
            guard items.count == targets.count else {
                throw error(.wrongType, "expected \(targets.count) values to unpack, found \(items.count)")
            }
            for (target, item) in zip(targets, items) { try assign(item, to: target, at: start) }
        }
    }

    // MARK: - Macros

    private func define(_ macro: MacroDefinition) throws(ChatTemplateError) {
        try step(scopes.searchSteps)
        scopes.set(macro.name.id, .macro(MacroBox(macro, scope: scopes.current)))
    }

    /// Calls the macro with the block's body as its `caller`.
    private func executeCall(_ call: Expression, _ caller: MacroDefinition) throws(ChatTemplateError) {
        guard case .postfix(let base, var steps) = call.kind, let last = steps.popLast() else { return }
        let box = Value.macro(MacroBox(caller, scope: scopes.current))
        let value = try evaluate(
            steps.isEmpty ? base : Expression(kind: .postfix(base, steps), offset: call.offset))
        let result: Value
        switch last.kind {
        case .call(let arguments):
            let values = try evaluate(arguments).adding("caller", box)
            offset = last.offset
            result = try self.call(value, values)
        case .method(let name, let arguments):
            let values = try evaluate(arguments).adding("caller", box)
            offset = last.offset
            result = try self.call(try attribute(name, of: value), values)
        default: return
        }
        try write(try text(of: result))
    }
}
