import OrderedCollections

/// The members of a dictionary in order of insertion.
///
/// To hash a key, or to compare it, takes as long as it is. So the table is asked by counted
/// keys alone, which only `Interpreter.counted` makes: what looks a key up without its cost
/// being counted does not compile.
struct Members {
    private var table: OrderedDictionary<Key, Value> = [:]

    /// A key whose look-up has been counted.
    struct CountedKey {
        let key: Key

        fileprivate init(_ key: Key) { self.key = key }
    }

    var count: Int { table.count }

    var isEmpty: Bool { table.isEmpty }

    /// The keys and values in their order; walking them hashes nothing.
    var elements: some RandomAccessCollection<(key: Key, value: Value)> { table.elements }

    var keys: some RandomAccessCollection<Key> { table.keys.elements }

    var values: some RandomAccessCollection<Value> { table.values.elements }

    subscript(key: CountedKey) -> Value? {
        get { table[key.key] }
        set { table[key.key] = newValue }
    }

    /// What it may cost to enter all keys into another table, in steps: a copy that grows does that, and a
    /// removal moves the keys beside it.
    var rehashingSteps: Int { table.keys.reduce(0) { $0 + $1.searchSteps } }

    mutating func reserveCapacity(_ count: Int) { table.reserveCapacity(count) }

    mutating func removeValue(for key: CountedKey) -> Value? { table.removeValue(forKey: key.key) }

    mutating func removeLast() -> (key: Key, value: Value) { table.removeLast() }
}

extension Interpreter {
    /// Counts what looking a key up or entering it may cost.
    func counted(_ key: Key) throws(ChatTemplateError) -> Members.CountedKey {
        try step(key.searchSteps)
        return Members.CountedKey(key)
    }

    /// The value as a dictionary key, counted.
    func key(_ value: Value) throws(ChatTemplateError) -> Members.CountedKey {
        guard let key = Key(value) else { throw error(.wrongType, "\(value.typeName) cannot be a key") }
        return try counted(key)
    }
}
