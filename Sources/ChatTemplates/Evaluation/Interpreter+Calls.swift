/// Calls of functions and macros.
extension Interpreter {
    func evaluate(_ arguments: Arguments) throws(ChatTemplateError) -> CallArguments {
        if arguments.isEmpty { return .none }
        var values = CallArguments(positional: try evaluate(all: arguments.positional))
        for (name, expression) in arguments.keywords {
            // looked up or entered wherever they go
            try step(name.text.bytes.count / 64)
            values.keywords.append((name.text, try evaluate(expression)))
        }
        if let spread = arguments.spreadPositional {
            values.positional += try elements(of: try evaluate(spread))
            try charge(values: values.positional.count)
        }
        if let spread = arguments.spreadKeywords {
            let value = try evaluate(spread)
            guard case .dictionary(let box) = value else {
                throw error(.wrongType, "'**' needs a dictionary, not \(value.typeName)")
            }
            try charge(values: box.members.count)
            for (key, value) in box.members.elements {
                guard case .string(let name) = key else {
                    throw error(.wrongType, "the keys after '**' are names")
                }
                // compared with the parameters
                try step(key.searchSteps)
                values.keywords.append((name, value))
            }
        }
        return values
    }

    func call(_ value: Value, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        switch value {
        case .macro(let macro): return try call(macro, arguments)
        case .function(let function): return try call(function, arguments)
        case .undefined(let name):
            throw error(.undefinedValue, "'\(name.string)' is undefined and cannot be called")
        default: throw error(.wrongType, "cannot call \(value.typeName)")
        }
    }

    private func call(_ function: Function, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        switch function {
        case .global(.range): return try range(arguments)
        case .global(.dict): return try makeDictionary(try members(arguments))
        case .global(.namespace): return .namespace(try makeDictionaryBox(try members(arguments)))
        case .global(.raiseException):
            throw error(.raisedByTemplate, try text(of: arguments.first ?? .string(.empty)).string)
        case .global(.strftimeNow): return try strftimeNow(arguments)
        case .loopCycle(let loop):
            guard !arguments.positional.isEmpty else {
                throw error(.wrongArgument, "loop.cycle needs values")
            }
            return arguments.positional[loop.index % arguments.positional.count]
        case .loopChanged(let loop):
            defer { loop.lastChanged = arguments.positional }
            guard let last = loop.lastChanged, last.count == arguments.positional.count else {
                return .boolean(true)
            }
            for (old, new) in zip(last, arguments.positional) where !(try areEqual(old, new)) {
                return .boolean(true)
            }
            return .boolean(false)
        case .global(.joiner):
            let separator = try arguments.bind(["sep"], of: "joiner", self)[0] ?? .string(", ")
            return .function(.joiner(makeLoop([separator])))
        case .global(.cycler):
            guard !arguments.positional.isEmpty, arguments.keywords.isEmpty else {
                throw error(.wrongArgument, "cycler needs values")
            }
            try charge(values: arguments.positional.count)
            return .function(.cycler(makeLoop(arguments.positional)))
        case .joiner(let joiner):
            defer { joiner.index = 1 }
            return joiner.index == 0 ? .string(.empty) : joiner.items[0]
        case .cycler: throw error(.wrongType, "cannot call a cycler; call its next()")
        case .cyclerNext(let cycler):
            defer { cycler.index = (cycler.index + 1) % cycler.items.count }
            return cycler.items[cycler.index]
        case .cyclerReset(let cycler):
            cycler.index = 0
            return .none
        case .method(let bound): return try call(bound.method, of: bound.receiver, arguments)
        }
    }

    private func range(_ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = arguments.positional
        guard (1...3).contains(values.count), arguments.keywords.isEmpty else {
            throw error(.wrongArgument, "range takes one to three numbers")
        }
        var numbers: [Int] = []
        for value in values { numbers.append(try integer(value, "a bound of range")) }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let stop = numbers.count == 1 ? numbers[0] : numbers[1]
        let stride = numbers.count == 3 ? numbers[2] : 1
        guard stride != 0 else { throw error(.wrongArgument, "the step of range cannot be 0") }
        guard stride > 0 ? start < stop : start > stop else { return try makeList([]) }
        // the magnitudes cannot overflow: both bounds have 64 bits
        let distance = start < stop ? stop.magnitude(above: start) : start.magnitude(above: stop)
        let count = (distance - 1) / stride.magnitude + 1
        guard count <= limits.rangeCount else {
            throw error(.budgetExceeded, "a range of more than \(limits.rangeCount) numbers")
        }
        return try makeList((0..<Int(count)).map { .integer(start &+ $0 &* stride) })
    }

    /// The members of `dict(…)` and `namespace(…)`: a dictionary or pairs, then names.
    private func members(_ arguments: CallArguments) throws(ChatTemplateError) -> Members {
        guard arguments.positional.count <= 1 else {
            throw error(.wrongArgument, "expected at most one dictionary and names")
        }
        var members = Members()
        if let first = arguments.first { members = try self.members(first) }
        for (name, value) in arguments.keywords { members[try counted(.string(name))] = value }
        return members
    }

    /// A dictionary's members, or those that a list of pairs means.
    func members(_ value: Value) throws(ChatTemplateError) -> Members {
        if case .dictionary(let box) = value {
            try charge(values: box.members.count)
            try step(box.members.rehashingSteps)
            return box.members
        }
        var members = Members()
        for pair in try elements(of: value) {
            let items = try elements(of: pair)
            guard items.count == 2 else { throw error(.wrongType, "expected pairs of a key and a value") }
            members[try key(items[0])] = items[1]
        }
        return members
    }

    private func strftimeNow(_ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let format = try arguments.bind(["format"], required: 1, of: "strftime_now", self)[0]
        guard case .string(let text)? = format else { throw error(.wrongType, "strftime_now needs a format") }
        let time = self.time ?? CalendarTime.now()
        try charge(bytes: text.bytes.count * 32)
        return .string(time.formatted(text))
    }

    // MARK: - Macros

    private func call(_ macro: MacroBox, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        try enter()
        defer { leave() }
        scopes.open(in: macro.scope)
        defer { scopes.close() }
        try bind(macro.definition, arguments)
        // the parser lets no macro leave a loop that it stands in
        return .string(try capture(macro.definition.body).text)
    }

    private func bind(_ macro: MacroDefinition, _ arguments: CallArguments) throws(ChatTemplateError) {
        var keywords = arguments.keywords
        for (index, parameter) in macro.parameters.enumerated() {
            try step(scopes.searchSteps + keywords.count * (1 + parameter.name.text.bytes.count / 64))
            let value: Value
            let keyword = keywords.firstIndex { $0.name == parameter.name.text }
            if index < arguments.positional.count {
                guard keyword == nil else {
                    throw error(.wrongArgument, "'\(parameter.name.text.string)' is given twice")
                }
                value = arguments.positional[index]
            } else if let keyword {
                value = keywords.remove(at: keyword).value
            } else if let fallback = parameter.fallback {
                value = try evaluate(fallback)
            } else {
                value = .undefined(parameter.name.text)
            }
            scopes.set(parameter.name.id, value)
        }
        try bindRest(of: arguments.positional.dropFirst(macro.parameters.count), keywords, macro)
    }

    /// What no parameter took: `caller`, `varargs` and `kwargs`, if the macro reads them.
    private func bindRest(
        of positional: ArraySlice<Value>, _ keywords: [(name: Text, value: Value)], _ macro: MacroDefinition
    ) throws(ChatTemplateError) {
        var keywords = keywords
        let caller = keywords.firstIndex { $0.name == "caller" }.map { keywords.remove(at: $0).value }
        let name = macro.name.text.string
        if macro.readsCaller {
            scopes.set(NameTable.caller, caller ?? .undefined("caller"))
        } else if caller != nil {
            throw error(.wrongArgument, "the macro '\(name)' does not call its caller")
        }
        if macro.readsVariableArguments {
            scopes.set(NameTable.varargs, try makeList(Array(positional), isTuple: true))
        } else if !positional.isEmpty {
            throw error(
                .wrongArgument, "the macro '\(name)' takes at most \(macro.parameters.count) arguments")
        }
        if macro.readsKeywordArguments {
            var members = Members()
            for (name, value) in keywords { members[try counted(.string(name))] = value }
            scopes.set(NameTable.kwargs, try makeDictionary(members))
        } else if let first = keywords.first {
            throw error(.wrongArgument, "the macro '\(name)' has no parameter '\(first.name.string)'")
        }
    }
}

extension Int {
    /// The distance down to a smaller number.
    fileprivate func magnitude(above lower: Int) -> UInt { UInt(bitPattern: self) &- UInt(bitPattern: lower) }
}
