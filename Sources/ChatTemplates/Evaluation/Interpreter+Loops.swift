/// `for`.
extension Interpreter {
    /// Runs a loop; what its `else` ends with is about the loop outside.
    func execute(_ loop: Statement.Loop) throws(ChatTemplateError) -> Flow {
        let start = offset
        let iterable = try evaluate(loop.iterable)
        offset = loop.iterable.offset
        var items = try elements(of: iterable)
        if let filter = loop.filter { items = try select(items, loop.target, filter) }
        let state = makeLoop(items)
        var isFinished = false
        for index in items.indices {
            state.index = index
            let flow = try executeTurn(loop, state, items[index], at: start)
            if flow == .breakLoop { break }
            if flow == .normal { isFinished = true }
        }
        // as in Jinja, `else` also follows where no turn came to its end
        return isFinished || loop.otherwise.isEmpty ? .normal : try executeScoped(loop.otherwise)
    }

    private func executeTurn(
        _ loop: Statement.Loop, _ state: LoopState, _ item: Value, at start: Int
    ) throws(ChatTemplateError) -> Flow {
        try step()
        scopes.open()
        defer { scopes.close() }
        scopes.set(NameTable.loop, .loop(state))
        try assign(item, to: loop.target, at: start)
        return try execute(loop.body)
    }

    /// The items for which the loop's own `if` holds; `loop` counts only these.
    private func select(
        _ items: [Value], _ target: Target, _ condition: Expression
    ) throws(ChatTemplateError) -> [Value] {
        var selected: [Value] = []
        for item in items {
            try step()
            scopes.open()
            defer { scopes.close() }
            try assign(item, to: target, at: condition.offset)
            if try evaluate(condition).isTrue { selected.append(item) }
        }
        return selected
    }

    /// What a loop over the value sees: items, keys, or scalars.
    func elements(of value: Value) throws(ChatTemplateError) -> [Value] {
        switch value {
        case .undefined: return []
        case .list(let box):
            // a loop keeps them, so that a change of the list copies them
            try charge(values: box.items.count)
            return box.items
        case .dictionary(let box):
            try charge(values: box.members.count)
            return box.members.keys.map(\.value)
        case .string(let text):
            try step(text.bytes.count)
            return text.scalars().map { .string($0) }
        default: throw error(.wrongType, "cannot iterate over \(value.typeName)")
        }
    }

    /// `loop.index` and its relatives.
    func attribute(_ name: Text, of loop: LoopState) -> Value {
        let index = loop.index
        let count = loop.items.count
        switch name.string {
        case "index": return .integer(index + 1)
        case "index0": return .integer(index)
        case "revindex": return .integer(count - index)
        case "revindex0": return .integer(count - index - 1)
        case "first": return .boolean(index == 0)
        case "last": return .boolean(index == count - 1)
        case "length": return .integer(count)
        // the depth of recursive loops, which are refused
        case "depth": return .integer(1)
        case "depth0": return .integer(0)
        case "previtem": return index > 0 ? loop.items[index - 1] : .undefined(name)
        case "nextitem": return index + 1 < count ? loop.items[index + 1] : .undefined(name)
        case "cycle": return .function(.loopCycle(loop))
        case "changed": return .function(.loopChanged(loop))
        default: return .undefined(name)
        }
    }

    /// What a `cycler` gives next and gave last.
    func attribute(_ name: Text, ofCycler cycler: LoopState) -> Value {
        switch name.string {
        case "next": return .function(.cyclerNext(cycler))
        case "reset": return .function(.cyclerReset(cycler))
        case "current": return cycler.items[cycler.index]
        default: return .undefined(name)
        }
    }
}
