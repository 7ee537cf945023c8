/// What `inspect` has to say about a file.
protocol Inspection {
    /// For scripts.
    var json: JSONValue { get }

    /// For people.
    func text(titleStyle: TextStyle?) -> String
}

/// Facts below each other: a word on the left, what is known on the right.
struct Facts {
    private var table = Table(.text(""), .wrapped(""))
    private(set) var json: JSONValue = .object([])

    /// Adds a fact under a name for scripts and a word for people; without words, for scripts alone.
    mutating func add(_ key: String, _ value: JSONValue, _ label: String? = nil, _ words: String? = nil) {
        json.append(key, value)
        if let label, let words { table.append("  " + label, words) }
    }

    /// Adds a line for people alone, about a fact that stands before it.
    mutating func explain(_ label: String, _ words: String) {
        table.append("  " + label, words)
    }

    /// The facts for people.
    var text: String { table.rendered(width: Terminal.current.width) }
}
