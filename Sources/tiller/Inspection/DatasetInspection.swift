import Steering

/// A dataset: what it asks for, and how much of it there is.
struct DatasetInspection: Inspection {
    let path: String
    let dataset: Dataset
    /// What is wrong with it.
    let findings: [LintFinding]

    var json: JSONValue {
        var json = facts.json
        json.append("findings", LintWords.json(findings))
        return json
    }

    func text(titleStyle: TextStyle?) -> String {
        "\(path.onOneLine): a dataset\n" + facts.text
            + (findings.isEmpty ? "" : "\n" + LintWords.text(findings, titleStyle: titleStyle))
    }

    var facts: Facts {
        var facts = Facts()
        facts.add("kind", "dataset")
        facts.add("path", .string(path))
        facts.add("name", .string(dataset.name), "name", dataset.name)
        facts.add("description", .string(dataset.description), "description", dataset.description)
        facts.add("language", .string(dataset.language), "language", dataset.language)
        switch dataset.content {
        case .personas(let prompts): add(prompts, to: &facts)
        case .instructions(let prompts):
            facts.add("form", "instructions")
            facts.add(
                "instructions", .integer(prompts.instructions.count), "instructions",
                "\(Quantity.counted(prompts.instructions.count, "pair")), for and against")
            facts.add(
                "prompts", .integer(prompts.prompts.count), "asked",
                "\(Quantity.counted(prompts.prompts.count, "prompt")), which the model answers itself")
        case .pairs(let pairs):
            facts.add("form", "pairs")
            facts.add("pairs", .integer(pairs.count), "pairs", Quantity.count(pairs.count))
        }
        facts.add(
            "raw", .bool(dataset.isRaw), "prompts",
            dataset.isRaw ? "as they stand, special tokens parsed" : "through the model's chat template")
        facts.add(
            "markers",
            [
                "positive": .array(dataset.markers.positive.map { .string($0) }),
                "negative": .array(dataset.markers.negative.map { .string($0) }),
            ],
            "marker words",
            "\(dataset.markers.positive.count) positive, \(dataset.markers.negative.count) negative")
        facts.add(
            "questions", .array(dataset.questions.map { .string($0) }), "questions",
            "\(dataset.questions.count)")
        return facts
    }

    private func add(_ prompts: PersonaPrompts, to facts: inout Facts) {
        facts.add("form", "personas")
        facts.add("template", .string(prompts.template), "user turn", prompts.template)
        facts.add("system", .string(prompts.system), "system turn", prompts.system)
        facts.add(
            "positive", .array(prompts.positive.map { .string($0) }), "positive",
            prompts.positive.joined(separator: ", "))
        facts.add(
            "negative", .array(prompts.negative.map { .string($0) }), "negative",
            prompts.negative.joined(separator: ", "))
        facts.add(
            "suffixes", .integer(prompts.suffixes.count), "suffixes",
            Quantity.count(prompts.suffixes.count)
                + (prompts.truncates ? ", every prefix of each is an example" : ""))
        facts.add("truncate", .bool(prompts.truncates))
    }
}
