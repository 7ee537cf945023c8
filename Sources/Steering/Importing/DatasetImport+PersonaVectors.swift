extension DatasetImport {
    /// A trait file: `{"instruction": [{"pos", "neg"}], "questions": [], "eval_prompt"}`.
    ///
    /// Every instruction stands before every question, in one user turn. A fourth of the questions is kept for evaluation,
    /// or all questions of a second file are.
    func personaVectors(_ file: ForeignFile, _ other: ForeignFile?) throws(SteeringError) -> Outcome {
        let trait = try Self.fields(of: file)
        guard let nodes = try trait.list("instruction") else {
            throw trait.missing("instruction", "a trait file has a list of {\"pos\", \"neg\"}")
        }
        guard let all = try trait.strings("questions"), !all.isEmpty else {
            throw trait.missing("questions", "a trait file has a list of questions")
        }
        var instructions: [(positive: String, negative: String)] = []
        for (index, node) in nodes.enumerated() {
            let fields = try JSONFields(foreign: node, of: trait.text, path: "instruction[\(index)]")
            instructions.append(
                (
                    try fields.required("pos", "write the instruction for the trait"),
                    try fields.required("neg", "write the instruction against the trait")
                ))
        }
        var kept = all
        var evaluation: [String] = []
        if let other {
            evaluation = try Self.fields(of: other).strings("questions") ?? []
            let extraction = Set(all)
            evaluation.removeAll(where: extraction.contains)
        } else if all.count >= 4 {
            kept = all.enumerated().filter { $0.offset % 4 != 3 }.map(\.element)
            evaluation = all.enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
        }
        let pairs = kept.flatMap { question in
            instructions.map { instruction in
                TextPair(
                    positive: "\(instruction.positive)\n\n\(question)",
                    negative: "\(instruction.negative)\n\n\(question)")
            }
        }
        let count = max(instructions.count, 1)
        let dataset = try self.dataset(file, .pairs(pairs), isRaw: false, questions: evaluation) {
            field, index in
            index.map { field == "pairs" ? trait.place("instruction", $0 % count) : trait.place(field, $0) }
                ?? trait.place(field)
        }
        var notes = [
            "\(evaluation.count) questions are kept for evaluation, \(kept.count) are extracted from"
        ]
        notes.append("instructions stand in the user turn, and the last token of the prompt is read")
        if trait.has("eval_prompt") { notes.append("the judge's eval_prompt is left out") }
        return Outcome(dataset: dataset, kind: .personaVectors, notes: notes)
    }

    static func fields(of file: ForeignFile) throws(SteeringError) -> JSONFields {
        let text = try file.json()
        return try JSONFields(foreign: try JSONParser.parse(text), of: text)
    }
}
