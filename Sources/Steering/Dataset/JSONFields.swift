import Terms

/// The fields of one JSON object, read by name; every error says file, line and field.
struct JSONFields {
    let text: JSONText
    /// Where the object stands: "" for the whole file, else for example "pairs[3]".
    let path: String
    private let offset: Int
    private let nodes: [String: JSONNode]

    /// Refuses anything but an object, and any field that is not known: a misspelt `truncate` would
    /// change the result in silence.
    init(_ node: JSONNode, of text: JSONText, path: String = "", known: [String]) throws(SteeringError) {
        try self.init(foreign: node, of: text, path: path)
        guard case .object(let members) = node.value,
            let stranger = members.first(where: { !known.contains($0.key) })
        else { return }
        throw Self.unknownField(stranger, text, path, known)
    }

    /// Reads an object of another tool's file, whose further fields are its own business.
    init(foreign node: JSONNode, of text: JSONText, path: String = "") throws(SteeringError) {
        self.text = text
        self.path = path
        offset = node.offset
        guard case .object(let members) = node.value else {
            throw Self.wrongType("an object", node, text, path)
        }
        nodes = Dictionary(members.map { ($0.key, $0.node) }) { _, last in last }
    }

    /// The fields that are there, sorted.
    var names: [String] { nodes.keys.sorted() }

    /// Where a field of the object stands.
    func path(of name: String) -> String { Self.join(path, name) }

    func has(_ name: String) -> Bool { nodes[name] != nil }

    /// "happy.json: line 4, column 3: positive[1]", or without a field the place of the object.
    func place(_ name: String, _ index: Int? = nil) -> String {
        var node = nodes[name]
        if let index, case .array(let elements) = node?.value, elements.indices.contains(index) {
            node = elements[index]
        }
        let field = path(of: name) + (index.map { "[\($0)]" } ?? "")
        return "\(text.name): \(text.position(of: node?.offset ?? offset)): \(field)"
    }

    func string(_ name: String) throws(SteeringError) -> String? {
        guard let node = nodes[name] else { return nil }
        return try string(node, path(of: name))
    }

    func strings(_ name: String) throws(SteeringError) -> [String]? {
        guard let nodes = try list(name) else { return nil }
        var texts: [String] = []
        texts.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() {
            texts.append(try string(node, "\(path(of: name))[\(index)]"))
        }
        return texts
    }

    func boolean(_ name: String) throws(SteeringError) -> Bool? {
        guard let node = nodes[name] else { return nil }
        guard case .boolean(let value) = node.value else {
            throw Self.wrongType("true or false", node, text, path(of: name))
        }
        return value
    }

    /// A number that `Value` holds exactly: 1.5 or 2^64 for a seed is an error, not a rounded value.
    func number<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type
    ) throws(SteeringError) -> Value? {
        guard let node = nodes[name] else { return nil }
        guard case .number(let digits) = node.value else {
            throw Self.wrongType("a number", node, text, path(of: name))
        }
        guard let value = Value(digits) else {
            // A file may have a number of any length.
            throw Self.wrongType(
                Self.expected(type, of: digits), node, text, path(of: name),
                found: digits.count > 40 ? "\(digits.prefix(40))…" : digits)
        }
        return value
    }

    /// What a number should have been that a type does not hold: every one can be a `Double`.
    private static func expected(_ type: Any.Type, of digits: String) -> String {
        guard let whole = type as? any FixedWidthInteger.Type, !digits.contains(where: { ".eE".contains($0) })
        else { return "a whole number, in digits alone" }
        return "a number from \(whole.min) to \(whole.max)"
    }

    func list(_ name: String) throws(SteeringError) -> [JSONNode]? {
        guard let node = nodes[name] else { return nil }
        guard case .array(let elements) = node.value else {
            throw Self.wrongType("a list", node, text, path(of: name))
        }
        return elements
    }

    func object(_ name: String, known: [String]) throws(SteeringError) -> JSONFields? {
        guard let node = nodes[name] else { return nil }
        return try JSONFields(node, of: text, path: path(of: name), known: known)
    }

    func node(_ name: String) -> JSONNode? { nodes[name] }

    func missing(_ name: String, _ remedy: String) -> SteeringError {
        let owner = path.isEmpty ? "" : "\(path): "
        return SteeringError(
            .missingField,
            "\(text.name): \(text.position(of: offset)): \(owner)the field \"\(name)\" is missing",
            remedy: remedy)
    }

    private func string(_ node: JSONNode, _ path: String) throws(SteeringError) -> String {
        guard case .string(let value) = node.value else {
            throw Self.wrongType("a text", node, text, path)
        }
        return value
    }

    private static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : name.isEmpty ? path : "\(path).\(name)"
    }

    static func wrongType(
        _ expected: String, _ node: JSONNode, _ text: JSONText, _ path: String, found: String? = nil
    ) -> SteeringError {
        let field = path.isEmpty ? "the file" : path
        return SteeringError(
            .wrongType,
            "\(text.name): \(text.position(of: node.offset)): \(field): expected \(expected), found \(found ?? node.kind)",
            remedy: text.form.remedy("datasets/schema.json lists every field and its type"))
    }

    private static func unknownField(
        _ member: JSONNode.Member, _ text: JSONText, _ path: String, _ known: [String]
    ) -> SteeringError {
        let guess = Suggestion.closest(to: member.key, among: known)
        let place = "\(text.name): \(text.position(of: member.keyOffset))"
        return SteeringError(
            .unknownField, "\(place): unknown field \"\(join(path, member.key))\"",
            remedy: guess.map { "did you mean \"\($0)\"?" }
                ?? "remove it; the fields here are \(known.sorted().joined(separator: ", "))")
    }
}
