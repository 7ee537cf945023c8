extension DatasetImport {
    /// A behaviour file, `{"compliant_responses": [], "non_compliant_responses": []}`, with the questions
    /// that are answered; or a condition file, `{"train": [{"harmful", "harmless"}], "test": [...]}`.
    func activationSteering(_ file: ForeignFile, _ other: ForeignFile?) throws(SteeringError) -> Outcome {
        let fields = try Self.fields(of: file)
        if fields.has("compliant_responses") || fields.has("non_compliant_responses") {
            for (option, given) in [("--positive", positive), ("--negative", negative)] where !given.isEmpty {
                throw SteeringError(
                    .unusedInput,
                    "\(file.path): \(option) has no place beside a behaviour file of \(Kind.activationSteering.rawValue), "
                        + "whose two lists are the sides",
                    remedy: "leave it out, or name a condition file")
            }
            return try behaviour(file, fields, questions: other)
        }
        if let other {
            throw SteeringError(
                .unusedInput,
                "\(other.path): a condition file of \(Kind.activationSteering.rawValue) stands alone",
                remedy: "leave it out, or import the files one by one")
        }
        for (option, given) in [("--positive", positive), ("--negative", negative)] where given.count > 1 {
            throw SteeringError(
                .unusedInput,
                "\(file.path): \(option) is given \(given.count) times, and one field of a condition file is one side",
                remedy: "name one field")
        }
        return try condition(file, fields)
    }

    /// Refusals are the positive side, as in the paper. The lists are paired by index, each pair
    /// with a question of its own.
    private func behaviour(
        _ file: ForeignFile, _ fields: JSONFields, questions: ForeignFile?
    ) throws(SteeringError) -> Outcome {
        guard let positive = try fields.foreignTexts("non_compliant_responses") else {
            throw fields.missing("non_compliant_responses", "a behaviour file has both lists")
        }
        guard let negative = try fields.foreignTexts("compliant_responses") else {
            throw fields.missing("compliant_responses", "a behaviour file has both lists")
        }
        guard let questions else {
            throw SteeringError(
                .missingInput, "\(file.path): responses without the questions that they answer",
                remedy: "name the file of questions too, such as alpaca.json")
        }
        let asked = try Self.questions(questions)
        guard !asked.isEmpty else {
            throw SteeringError(
                .missingInput, "\(questions.path): it has no questions",
                remedy: "write {\"train\": [{\"question\": \"…\"}]}, or a list of texts")
        }
        let pairs = zip(positive, negative).enumerated().map { index, sides in
            ForeignPair(prompt: asked[index % asked.count], positive: sides.0, negative: sides.1)
        }
        let evaluation = Array(asked.dropFirst(pairs.count).prefix(Self.evaluationCount))
        let dataset = try self.dataset(
            file, .pairs(pairs.map(\.texts)), questions: evaluation.map(\.words)
        ) { field, index in
            guard let index else { return fields.place("non_compliant_responses") }
            return field == "questions" ? evaluation[index].place : pairs[index].place
        }
        var notes = ["refusals (non_compliant_responses) are the positive side"]
        if positive.count != negative.count {
            notes.append(
                "the lists have \(positive.count) and \(negative.count) responses; those without a partner are left out"
            )
        }
        return Outcome(dataset: dataset, kind: .activationSteering, notes: notes)
    }

    /// Two kinds of user turns; the sides are the first two fields, or those that were chosen.
    private func condition(_ file: ForeignFile, _ fields: JSONFields) throws(SteeringError) -> Outcome {
        guard let train = try fields.list("train"), let first = train.first,
            case .object(let members) = first.value
        else { throw fields.missing("train", "a condition file has a list of {\"harmful\", \"harmless\"}") }
        let keys = members.map(\.key)
        guard let side = positive.first ?? keys.first(where: { $0 != negative.first }),
            let opposite = negative.first ?? keys.first(where: { $0 != side }), side != opposite,
            keys.count == 2 || (!positive.isEmpty && !negative.isEmpty)
        else {
            throw SteeringError(
                .missingInput, "\(fields.place("train", 0)): its fields are \(keys.joined(separator: ", "))",
                remedy: "choose the two sides: --positive FIELD --negative FIELD")
        }
        var pairs: [TextPair] = []
        for (index, node) in train.enumerated() {
            let entry = try JSONFields(foreign: node, of: fields.text, path: "train[\(index)]")
            pairs.append(
                TextPair(
                    positive: try entry.required(side, "write both sides"),
                    negative: try entry.required(opposite, "write both sides")))
        }
        let used = Set(pairs.map(\.positive))
        var evaluation: [ForeignText] = []
        for (index, node) in (try fields.list("test") ?? []).enumerated()
        where evaluation.count < Self.evaluationCount {
            let text = try JSONFields(foreign: node, of: fields.text, path: "test[\(index)]")
                .foreignText(side)
            if let text, !used.contains(text.words) { evaluation.append(text) }
        }
        let dataset = try self.dataset(
            file, .pairs(pairs), isRaw: false, questions: evaluation.map(\.words)
        ) { field, index in
            if field == "questions", let index { return evaluation[index].place }
            return fields.place(field == "pairs" ? "train" : field, index)
        }
        return Outcome(
            dataset: dataset, kind: .activationSteering,
            notes: ["\(side) is the positive side, \(opposite) the negative"])
    }

    /// As many of the questions that are left over, or of the test set, as a sweep wants.
    private static let evaluationCount = 12

    /// `{"train": [{"question"}]}`, a list of such objects, or a list of texts.
    private static func questions(_ file: ForeignFile) throws(SteeringError) -> [ForeignText] {
        let text = try file.json()
        let node = try JSONParser.parse(text)
        var elements: [JSONNode] = []
        var field = ""
        if case .array(let list) = node.value {
            elements = list
        } else {
            field = "train"
            elements = try JSONFields(foreign: node, of: text).list(field) ?? []
        }
        var questions: [ForeignText] = []
        for (index, element) in elements.enumerated() {
            let path = "\(field)[\(index)]"
            if case .string(let question) = element.value {
                questions.append(ForeignText(question, in: text, at: element.offset, path: path))
            } else {
                let fields = try JSONFields(foreign: element, of: text, path: path)
                questions.append(try fields.requiredForeignText("question", "write the question"))
            }
        }
        return questions
    }
}
