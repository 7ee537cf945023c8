import ControlVectors
import Generation
import Terms

extension SteeringPreset {
    /// Reads a preset file.
    ///
    /// - Throws: with file, line and field: JSON that is none, fields that are not known,
    ///   values that make no sense.
    public init(path: String) throws(SteeringError) {
        try self.init(json: JSONText.bytes(of: path, form: .preset), file: path)
    }

    /// Reads the text of a preset; `file` stands in errors.
    public init(json: some Sequence<UInt8>, file: String) throws(SteeringError) {
        try self.init(JSONText(Array(json), name: file, form: .preset))
    }

    private init(_ text: JSONText) throws(SteeringError) {
        let node = try JSONParser.parse(text)
        try SteeringFileKind.refuse(node, of: text)
        let fields = try JSONFields(node, of: text, known: ["name", "description", "rules"])
        guard let nodes = try fields.list("rules") else { throw fields.missing("rules", Self.example) }
        guard (1...Self.greatestRuleCount).contains(nodes.count) else {
            throw SteeringError(
                .invalidValue,
                "\(fields.place("rules")): \(nodes.count) rules, expected 1-\(Self.greatestRuleCount)",
                remedy: Self.example)
        }
        var rules: [Rule] = []
        for (index, node) in nodes.enumerated() {
            rules.append(try Rule(JSONFields(node, of: text, path: "rules[\(index)]", known: Rule.fields)))
        }
        self.init(
            name: try fields.string("name"), description: try fields.string("description"), rules: rules)
    }

    /// More rules than anyone writes.
    static let greatestRuleCount = 100

    static let example =
        #"a preset is {"rules": [{"operation": "add", "vector": "happy.gguf", "strength": 0.5}]}"#
}

extension SteeringPreset.Rule {
    static let fields = [
        "operation", "vector", "vectors", "strength", "amount", "least", "most", "degrees", "layers",
        "weights", "when", "if", "hold",
    ]

    init(_ fields: JSONFields) throws(SteeringError) {
        let example = SteeringPreset.example
        guard let name = try fields.string("operation") else { throw fields.missing("operation", example) }
        let operation = try Self.operation(name, fields)
        var vectors = try fields.strings("vectors") ?? []
        if let vector = try fields.string("vector") { vectors.insert(vector, at: 0) }
        guard !vectors.isEmpty else { throw fields.missing("vector", example) }
        guard !vectors.contains("") else {
            throw fields.emptyPath(try fields.string("vector") == "" ? "vector" : "vectors")
        }
        guard vectors.count == 1 || operation.takesSeveralVectors else {
            throw fields.invalid("vectors", "\(vectors.count) vectors, \(name) takes one")
        }
        self.init(
            operation, vectors: vectors, layers: try fields.layers("layers"),
            weights: try Self.weights(fields),
            schedule: try fields.object("when", known: SteeringSchedule.fields)
                .map { when throws(SteeringError) in try SteeringSchedule(when) } ?? .always,
            condition: try fields.object("if", known: SteeringPreset.Condition.fields)
                .map { condition throws(SteeringError) in try SteeringPreset.Condition(condition) },
            hold: try fields.object("hold", known: SteeringPreset.Hold.fields)
                .map { hold throws(SteeringError) in try SteeringPreset.Hold(hold) })
    }

    /// The operation, and none of the fields of others.
    private static func operation(
        _ name: String, _ fields: JSONFields
    ) throws(SteeringError) -> SteeringOperation {
        let own: [String: [String]] = [
            "add": ["strength"], "addKeepingNorm": ["strength"], "projectOut": ["amount"],
            "clamp": ["least", "most", "amount"], "rotate": ["degrees"],
        ]
        guard let own = own[name] else {
            throw fields.invalid(
                "operation", "\"\(name)\", expected \(SteeringOperation.names.joined(separator: ", "))")
        }
        for other in ["strength", "amount", "least", "most", "degrees"]
        where fields.has(other) && !own.contains(other) {
            throw fields.invalid(other, "a value that \(name) has no use for")
        }
        switch name {
        case "add": return .add(strength: try fields.vectorStrength("strength"))
        case "addKeepingNorm": return .addKeepingNorm(strength: try fields.vectorStrength("strength"))
        case "projectOut": return .projectOut(amount: try fields.amount("amount"))
        case "clamp":
            let (least, most) = (try fields.finite("least"), try fields.finite("most"))
            guard least != nil || most != nil else {
                throw fields.missing("least", "a clamp needs \"least\", \"most\" or both")
            }
            if let least, let most, least > most { throw fields.invalid("least", "more than \"most\"") }
            return .clamp(least: least, most: most, amount: try fields.amount("amount"))
        default:
            guard let degrees = try fields.numbers("degrees"), !degrees.isEmpty else {
                throw fields.missing("degrees", "\"degrees\": 30, or one for each pair of directions")
            }
            return .rotate(degrees: degrees)
        }
    }

    /// `{"9-12": 0.5, "20": 0}`
    private static func weights(_ fields: JSONFields) throws(SteeringError) -> [SteeringPreset.LayerWeight] {
        guard let weights = try fields.dictionary("weights") else { return [] }
        var result: [SteeringPreset.LayerWeight] = []
        for key in weights.names {
            result.append(
                SteeringPreset.LayerWeight(
                    try fields.selection(key, in: "weights"), try weights.strength(key)))
        }
        return result
    }
}

extension SteeringOperation {
    /// Whether more than one vector has a meaning.
    var takesSeveralVectors: Bool {
        switch self {
        case .add, .addKeepingNorm, .clamp: false
        case .projectOut, .rotate: true
        }
    }
}

extension SteeringSchedule {
    static let fields = ["part", "from", "tokens", "ramp", "halfLife", "pauses"]

    init(_ fields: JSONFields) throws(SteeringError) {
        self.init(
            part: try fields.choice("part", of: Part.allCases) ?? .all,
            first: try fields.number("from", as: Int.self) ?? 0,
            count: try fields.number("tokens", as: Int.self),
            ramp: try fields.number("ramp", as: Int.self) ?? 0,
            halfLife: try fields.finite("halfLife"),
            pauses: Set(try fields.choices("pauses", of: TextRegion.allCases)))
        // `GenerationError` has the words; the place in the file is ours to add.
        do {
            try check()
        } catch {
            throw SteeringError(.invalidValue, "\(fields.place("")): \(error.message)", remedy: error.remedy)
        }
    }
}

extension SteeringPreset.Probe {
    static let fields = ["vector", "layers", "window"]

    init(_ fields: JSONFields) throws(SteeringError) {
        guard let vector = try fields.string("vector") else {
            throw fields.missing("vector", "name the vector whose meter is read")
        }
        guard !vector.isEmpty else { throw fields.emptyPath("vector") }
        let window = try fields.number("window", as: Int.self) ?? 1
        guard (1...4096).contains(window) else {
            throw fields.invalid("window", "\(window), expected 1-4096 tokens")
        }
        self.init(vector: vector, layers: try fields.layers("layers"), window: window)
    }
}

extension SteeringPreset.Condition {
    static let fields = SteeringPreset.Probe.fields + ["above", "below", "decided"]

    init(_ fields: JSONFields) throws(SteeringError) {
        let (above, below) = (try fields.finite("above"), try fields.finite("below"))
        let remedy = "a condition has either \"above\" or \"below\""
        guard let threshold = above ?? below else { throw fields.missing("above", remedy) }
        guard above == nil || below == nil else {
            // The kind under which scripts have always seen it.
            throw SteeringError(
                .missingField, "\(fields.place("below")): it stands beside \"above\"", remedy: remedy)
        }
        self.init(
            try SteeringPreset.Probe(fields), above != nil ? .above : .below, threshold,
            moment: try fields.choice("decided", of: SteeringCondition.Moment.allCases) ?? .prompt)
    }
}

extension SteeringPreset.Hold {
    static let fields = SteeringPreset.Probe.fields + ["target", "gain"]

    init(_ fields: JSONFields) throws(SteeringError) {
        guard let target = try fields.finite("target") else {
            throw fields.missing("target", "name the reading that is to be held")
        }
        let gain = try fields.finite("gain") ?? 0.25
        guard gain != 0 else { throw fields.invalid("gain", "0, which would never act") }
        self.init(try SteeringPreset.Probe(fields), target: target, gain: gain)
    }
}
