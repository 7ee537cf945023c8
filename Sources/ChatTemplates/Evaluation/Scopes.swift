/// The variables of a rendering: one stack of slots, cut into scopes.
///
/// A scope sees its own slots and those of the scope that it was opened in; a macro's scope sees those of the
/// scope in which the macro was defined. Names are numbers, so a look-up compares integers.
struct Scopes {
    private struct Slot {
        let name: Int
        var value: Value
    }

    private struct Scope {
        let start: Int
        /// The scope that is searched after this one; -1 for none.
        let outer: Int
        let serial: Int
    }

    /// A scope that may be gone by the time it is asked for.
    struct Reference {
        fileprivate let index: Int
        fileprivate let serial: Int
    }

    private var slots: [Slot] = []
    private var scopes: [Scope] = []
    private var nextSerial = 0
    /// What the caller of the rendering and this module define, by the number of the name.
    private var globals: [Value?]

    init(nameCount: Int) {
        globals = Array(repeating: nil, count: nameCount)
        open()
    }

    mutating func define(global name: Int, _ value: Value) {
        globals[name] = value
    }

    /// Opens a scope inside the current one.
    mutating func open() {
        open(outer: scopes.count - 1)
    }

    /// Opens a scope inside another one that is still open; inside the outermost if it is not.
    mutating func open(in reference: Reference) {
        let isOpen = reference.index < scopes.count && scopes[reference.index].serial == reference.serial
        open(outer: isOpen ? reference.index : 0)
    }

    private mutating func open(outer: Int) {
        scopes.append(Scope(start: slots.count, outer: outer, serial: nextSerial))
        nextSerial += 1
    }

    mutating func close() {
        slots.removeSubrange(scopes.removeLast().start...)
    }

    /// What a look-up may cost, in steps: one, and one more for every 64 slots.
    var searchSteps: Int { 1 + slots.count / 64 }

    /// The current scope.
    var current: Reference { Reference(index: scopes.count - 1, serial: scopes[scopes.count - 1].serial) }

    subscript(name: Int) -> Value? {
        var index = scopes.count - 1
        var end = slots.count
        while index >= 0 {
            let scope = scopes[index]
            var slot = end - 1
            while slot >= scope.start {
                if slots[slot].name == name { return slots[slot].value }
                slot -= 1
            }
            if scope.outer >= 0 { end = scopes[scope.outer + 1].start }
            index = scope.outer
        }
        return globals[name]
    }

    /// Sets a variable of the current scope; one of the same name outside stays as it is.
    mutating func set(_ name: Int, _ value: Value) {
        let start = scopes[scopes.count - 1].start
        for index in start..<slots.count where slots[index].name == name {
            slots[index].value = value
            return
        }
        slots.append(Slot(name: name, value: value))
    }
}
