/// Equality, order and membership.
extension Interpreter {
    func holds(
        _ operation: ComparisonOperator, _ left: Value, _ right: Value
    ) throws(ChatTemplateError) -> Bool {
        switch operation {
        case .equal: try areEqual(left, right)
        case .notEqual: !(try areEqual(left, right))
        case .isIn: try contains(right, left)
        case .isNotIn: !(try contains(right, left))
        case .less: try isLess(left, right, operation)
        case .greater: try isLess(right, left, operation)
        // not the negation of the other: neither holds for what is not a number
        case .lessOrEqual: try isLess(left, right, operation) ? true : try areEqual(left, right)
        case .greaterOrEqual: try isLess(right, left, operation) ? true : try areEqual(left, right)
        }
    }

    func areEqual(_ left: Value, _ right: Value) throws(ChatTemplateError) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)):
            try step(min(a.bytes.count, b.bytes.count) / 64)
            return a == b
        case (.none, .none), (.undefined, .undefined): return true
        case (.list(let a), .list(let b)): return try areEqual(a, b)
        case (.dictionary(let a), .dictionary(let b)): return try areEqual(a, b)
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.macro(let a), .macro(let b)): return a === b
        case (.loop(let a), .loop(let b)): return a === b
        default:
            if let a = left.wholeNumber, let b = right.wholeNumber { return a == b }
            if let a = left.number, let b = right.number { return a == b }
            return false
        }
    }

    private func areEqual(_ left: ListBox, _ right: ListBox) throws(ChatTemplateError) -> Bool {
        guard left.isTuple == right.isTuple, left.items.count == right.items.count else { return false }
        try enter()
        defer { leave() }
        try step(left.items.count)
        for (a, b) in zip(left.items, right.items) where !(try areEqual(a, b)) { return false }
        return true
    }

    private func areEqual(_ left: DictionaryBox, _ right: DictionaryBox) throws(ChatTemplateError) -> Bool {
        guard left.members.count == right.members.count else { return false }
        try enter()
        defer { leave() }
        try step(left.members.count)
        for (key, a) in left.members.elements {
            guard let b = right.members[try counted(key)], try areEqual(a, b) else { return false }
        }
        return true
    }

    /// Numbers by size, strings by their scalars, lists and tuples by their first difference.
    func isLess(
        _ left: Value, _ right: Value, _ operation: ComparisonOperator = .less
    ) throws(ChatTemplateError) -> Bool {
        switch (left, right) {
        case (.string(let a), .string(let b)):
            try step(min(a.bytes.count, b.bytes.count) / 64)
            // the order of UTF-8 bytes is the order of the scalars
            return a.bytes.lexicographicallyPrecedes(b.bytes)
        case (.list(let a), .list(let b)) where a.isTuple == b.isTuple:
            try enter()
            defer { leave() }
            for (x, y) in zip(a.items, b.items) {
                try step()
                if try areEqual(x, y) { continue }
                return try isLess(x, y, operation)
            }
            return a.items.count < b.items.count
        default:
            if let a = left.wholeNumber, let b = right.wholeNumber { return a < b }
            if let a = left.number, let b = right.number { return a < b }
            try requireDefined(left)
            try requireDefined(right)
            throw error(
                .wrongType, "'\(operation.rawValue)' does not compare \(left.typeName) with \(right.typeName)"
            )
        }
    }

    /// Whether `element` is in `container`: a substring, an item, or a key.
    func contains(_ container: Value, _ element: Value) throws(ChatTemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = element else {
                try requireDefined(element)
                throw error(.wrongType, "'in' looks for a string in a string, not for \(element.typeName)")
            }
            try charge(bytes: text.bytes.count)
            try charge(bytes: part.bytes.count)
            return text.contains(part)
        case .list(let box):
            for item in box.items {
                try step()
                if try areEqual(item, element) { return true }
            }
            return false
        case .dictionary(let box):
            switch element {
            // these can be asked for, but never be found
            case .undefined: return false
            case .list(let box) where box.isTuple: return false
            default: return box.members[try key(element)] != nil
            }
        case .undefined: return false
        default: throw error(.wrongType, "'in' does not look into \(container.typeName)")
        }
    }
}
