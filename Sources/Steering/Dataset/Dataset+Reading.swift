import Foundation

extension Dataset {
    /// Reads `datasets/<trait>.json`, or a bare list of pairs; its name is then the file's.
    public init(path: String) throws(SteeringError) {
        try self.init(json: JSONText.bytes(of: path, form: .dataset), file: path)
    }

    /// Reads the text of a dataset; `file` stands in errors and, without its folder and
    /// ending, is the default name.
    public init(json: some Sequence<UInt8>, file: String) throws(SteeringError) {
        let text = try JSONText(Array(json), name: file, form: .dataset)
        let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        let node = try JSONParser.parse(text)
        try SteeringFileKind.refuse(node, of: text)
        try self.init(node, of: text, path: "", defaultName: stem)
    }

    /// Reads a dataset that stands inside another JSON text, as in a recipe.
    init(_ node: JSONNode, of text: JSONText, path: String, defaultName: String) throws(SteeringError) {
        if case .array(let elements) = node.value {
            let pairs = try Self.pairs(elements, of: text, path: path)
            try self.init(
                name: defaultName, description: nil, language: nil, content: .pairs(pairs), isRaw: nil,
                markers: Markers(), questions: []
            ) { _, index in
                let offset = index.map { elements[$0].offset } ?? node.offset
                let list = path.isEmpty && index == nil ? "the list" : path
                return "\(text.name): \(text.position(of: offset)): \(list)" + (index.map { "[\($0)]" } ?? "")
            }
            return
        }
        let fields = try JSONFields(node, of: text, path: path, known: DatasetField.allCases.map(\.rawValue))
        let markers = try fields.object("markers", known: ["positive", "negative"])
        try self.init(
            name: try fields.string("name") ?? defaultName,
            description: try fields.string("description"),
            language: try fields.string("language"),
            content: try Self.content(fields),
            isRaw: try fields.boolean("raw"),
            markers: Markers(
                positive: try markers?.strings("positive") ?? [],
                negative: try markers?.strings("negative") ?? []),
            questions: try fields.strings("questions") ?? []
        ) { field, index in
            // "markers.positive" is a field of the inner object.
            if let markers, field.hasPrefix("markers.") {
                return markers.place(String(field.dropFirst(8)), index)
            }
            return fields.place(field, index)
        }
    }

    private static func content(_ fields: JSONFields) throws(SteeringError) -> Content {
        if fields.has("prompts"), !fields.has("instructions") {
            throw fields.missing("instructions", "\"prompts\" are answered under \"instructions\"")
        }
        if fields.has("judgePrompt"), !fields.has("instructions") {
            throw fields.missing("instructions", "a judge scores the answers that the model gives under them")
        }
        let personaFields = ["template", "system", "positive", "negative", "suffixes", "truncate"]
        if let nodes = try fields.list("pairs") {
            if let other = (personaFields + ["instructions"]).first(where: fields.has) {
                throw SteeringError(
                    .mixedForms,
                    "\(fields.place(other)): a dataset has either \"pairs\" or personas, not both",
                    remedy: "remove \"pairs\", or remove \"\(other)\"")
            }
            return .pairs(try pairs(nodes, of: fields.text, path: fields.path(of: "pairs")))
        }
        if let nodes = try fields.list("instructions") {
            if let other = personaFields.first(where: fields.has) {
                throw SteeringError(
                    .mixedForms,
                    "\(fields.place(other)): a dataset has either \"instructions\" or personas, not both",
                    remedy: "remove \"instructions\", or remove \"\(other)\"")
            }
            guard let prompts = try fields.strings("prompts") else {
                throw fields.missing("prompts", "list what the model is asked under each instruction")
            }
            return .instructions(
                InstructionPrompts(
                    instructions: try instructions(nodes, of: fields),
                    prompts: prompts,
                    judgePrompt: try fields.string("judgePrompt")))
        }
        guard let template = try fields.string("template") else {
            throw fields.missing(
                "template",
                "write \"template\", \"positive\" and \"negative\", or \"pairs\"; see datasets/README.md")
        }
        guard let positive = try fields.strings("positive") else {
            throw fields.missing("positive", "list the personas that have the trait")
        }
        guard let negative = try fields.strings("negative") else {
            throw fields.missing(
                "negative", "list the personas that lack the trait, one for each positive one")
        }
        return .personas(
            PersonaPrompts(
                template: template, system: try fields.string("system"), positive: positive,
                negative: negative,
                suffixes: try fields.strings("suffixes") ?? [],
                truncates: try fields.boolean("truncate") ?? false))
    }

    /// Two texts each, which answer nothing.
    ///
    /// Recipes of earlier builds may have prompts here, which were never asked: they are passed over,
    /// since nobody could remove them.
    private static func instructions(
        _ nodes: [JSONNode], of fields: JSONFields
    ) throws(SteeringError) -> [TextPair] {
        let isRecipe = fields.text.form == .recipe
        return try pairs(
            nodes, of: fields.text, path: fields.path(of: "instructions"),
            known: ["positive", "negative"] + (isRecipe ? ["prompt"] : [])
        ).map { TextPair(positive: $0.positive, negative: $0.negative) }
    }

    /// Two texts each, with what both answer.
    private static func pairs(
        _ nodes: [JSONNode], of text: JSONText, path: String,
        known: [String] = ["prompt", "positive", "negative"]
    ) throws(SteeringError) -> [TextPair] {
        var pairs: [TextPair] = []
        pairs.reserveCapacity(nodes.count)
        for (index, node) in nodes.enumerated() {
            let fields = try JSONFields(node, of: text, path: "\(path)[\(index)]", known: known)
            guard let positive = try fields.string("positive") else {
                throw fields.missing("positive", "write both sides of the pair")
            }
            guard let negative = try fields.string("negative") else {
                throw fields.missing("negative", "write both sides of the pair")
            }
            pairs.append(
                TextPair(prompt: try fields.string("prompt"), positive: positive, negative: negative))
        }
        return pairs
    }
}

/// The fields of a dataset file, each written once.
enum DatasetField: String, CaseIterable, CodingKey {
    case schema = "$schema"
    case comment, name, description, language, template, system, positive, negative, suffixes
    case truncates = "truncate"
    case pairs, instructions, prompts, judgePrompt
    case isRaw = "raw"
    case markers, questions
}
