extension DatasetImport {
    /// Pairs of rendered prompts, as repeng's `DatasetEntry`.
    func repeng(_ file: ForeignFile) throws(SteeringError) -> Outcome {
        let text = try file.json()
        let node = try JSONParser.parse(text)
        guard case .array(let elements) = node.value else {
            throw JSONFields.wrongType("a list", node, text, "")
        }
        var pairs: [TextPair] = []
        for (index, element) in elements.enumerated() {
            pairs.append(try Self.pair(element, text, "[\(index)]"))
        }
        let dataset = try self.dataset(file, .pairs(pairs)) { _, index in
            let offset = index.map { elements[$0].offset } ?? node.offset
            return "\(file.path): \(text.position(of: offset)): " + (index.map { "[\($0)]" } ?? "the list")
        }
        return Outcome(dataset: dataset, kind: .repeng, notes: [Self.rawNote])
    }

    private static func pair(
        _ node: JSONNode, _ text: JSONText, _ path: String
    ) throws(SteeringError) -> TextPair {
        if case .array(let sides) = node.value {
            guard sides.count == 2, case .string(let positive) = sides[0].value,
                case .string(let negative) = sides[1].value
            else { throw JSONFields.wrongType("a list of two texts", node, text, path) }
            return TextPair(positive: positive, negative: negative)
        }
        let fields = try JSONFields(foreign: node, of: text, path: path)
        return TextPair(
            positive: try fields.required("positive", "write both sides of the pair"),
            negative: try fields.required("negative", "write both sides of the pair"))
    }

    /// The suffixes of repeng's notebooks, whose every prefix stands under every persona.
    func repengSuffixes(_ file: ForeignFile) throws(SteeringError) -> Outcome {
        let text = try file.json()
        let node = try JSONParser.parse(text)
        guard case .array(let elements) = node.value else {
            throw JSONFields.wrongType("a list", node, text, "")
        }
        var suffixes: [String] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let suffix) = element.value else {
                throw JSONFields.wrongType("a text", element, text, "[\(index)]")
            }
            suffixes.append(suffix)
        }
        guard !positive.isEmpty, !negative.isEmpty else {
            throw SteeringError(
                .missingInput, "\(file.path): a list of suffixes has no personas",
                remedy: "name them: --positive happy --negative sad, each as often as you like")
        }
        let prompts = PersonaPrompts(
            template: template ?? Self.standardTemplate, positive: positive, negative: negative,
            suffixes: suffixes, truncates: true)
        return Outcome(
            dataset: try dataset(prompts, of: file), kind: .repengSuffixes,
            notes: template == nil
                ? ["the user turn is \"\(Self.standardTemplate)\"; --template chooses another"] : [])
    }

    /// The suffixes are the file's, and all else was typed.
    private func dataset(_ prompts: PersonaPrompts, of file: ForeignFile) throws(SteeringError) -> Dataset {
        do throws(SteeringError) {
            return try dataset(file, .personas(prompts)) { field, index in
                let isOption = ["template", "positive", "negative"].contains(field)
                return isOption ? "--\(field)" : "\(file.path): \(index.map { "[\($0)]" } ?? field)"
            }
        } catch {
            throw error.message.hasPrefix("--") ? error.ofTyped : error
        }
    }

    /// Written here and in the help of the command.
    public static let standardTemplate = "Act as if you're extremely \(PersonaPrompts.placeholder)."

    static let rawNote =
        "the texts are used as they stand: a chat template must be in them, and then fits one family of models"

    /// A dataset under the name that was chosen, or the file's.
    func dataset(
        _ file: ForeignFile, _ content: Dataset.Content, isRaw: Bool? = nil, questions: [String] = [],
        place: @escaping DatasetCheck.Place
    ) throws(SteeringError) -> Dataset {
        try Dataset(
            name: name ?? file.stem, description: nil, language: nil, content: content, isRaw: isRaw,
            markers: Markers(), questions: questions
        ) { field, index in
            field == "name" && name != nil ? "--name" : place(field, index)
        }
    }
}

extension JSONFields {
    /// A text that must be there.
    func required(_ name: String, _ remedy: String) throws(SteeringError) -> String {
        guard let text = try string(name) else { throw missing(name, remedy) }
        return text
    }
}
