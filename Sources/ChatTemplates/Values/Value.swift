/// What an expression evaluates to, with Python's semantics.
enum Value {
    /// A name or attribute that is not there, and what it was asked as.
    case undefined(Text)
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(Text)
    /// A list or a tuple.
    case list(ListBox)
    case dictionary(DictionaryBox)
    /// `namespace(…)`: the one value whose attributes can be assigned.
    case namespace(DictionaryBox)
    case macro(MacroBox)
    case function(Function)
    /// The `loop` of a `for` body.
    case loop(LoopState)
}

/// A list or tuple; templates share it by reference, as in Python.
final class ListBox {
    var items: [Value]
    let isTuple: Bool

    init(_ items: [Value], isTuple: Bool = false) {
        self.items = items
        self.isTuple = isTuple
    }
}

/// A dictionary in order of insertion; templates share it by reference.
final class DictionaryBox {
    var members: Members

    init(_ members: Members = Members()) {
        self.members = members
    }
}

/// A macro and the variables that it sees: those of the scope in which it was defined.
final class MacroBox {
    let definition: MacroDefinition
    let scope: Scopes.Reference

    init(_ definition: MacroDefinition, scope: Scopes.Reference) {
        self.definition = definition
        self.scope = scope
    }
}

/// The turn of a `for` loop or of a `cycler`; of a `joiner`, whose only item is what it puts
/// between, whether it was called.
final class LoopState {
    var items: [Value]
    var index = 0
    /// What `loop.changed(…)` saw last.
    var lastChanged: [Value]?

    init(_ items: [Value]) {
        self.items = items
    }
}

/// What a template can call, beside macros.
enum Function {
    case global(GlobalFunction)
    case loopCycle(LoopState)
    case loopChanged(LoopState)
    /// What `joiner(…)` gives: nothing when it is called first, then what stands between.
    case joiner(LoopState)
    /// What `cycler(…)` gives, which cannot be called itself.
    case cycler(LoopState)
    case cyclerNext(LoopState)
    case cyclerReset(LoopState)
    /// A method that was taken as a value instead of being called on the spot.
    case method(BoundMethod)
}

/// The functions that every template has.
enum GlobalFunction: String, Sendable, CaseIterable {
    case range, dict, namespace, joiner, cycler
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
}

/// A method and the value that it belongs to.
final class BoundMethod {
    let receiver: Value
    let method: Method

    init(_ receiver: Value, _ method: Method) {
        self.receiver = receiver
        self.method = method
    }
}

extension Value {
    init(_ literal: Literal) {
        switch literal {
        case .none: self = .none
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .float(let value): self = .float(value)
        case .string(let value): self = .string(value)
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { return true }
        return false
    }

    /// Python's truth: empty, zero and absent are false.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .boolean(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let box): !box.items.isEmpty
        case .dictionary(let box): !box.members.isEmpty
        case .namespace, .macro, .function, .loop: true
        }
    }

    /// The type's name for error messages.
    var typeName: String {
        switch self {
        case .undefined: "undefined"
        case .none: "none"
        case .boolean: "boolean"
        case .integer: "integer"
        case .float: "float"
        case .string: "string"
        case .list(let box): box.isTuple ? "tuple" : "list"
        case .dictionary: "dictionary"
        case .namespace: "namespace"
        case .macro: "macro"
        case .function: "function"
        case .loop: "loop"
        }
    }
}
