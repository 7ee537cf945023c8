extension DatasetImport {
    /// A trait file: `{"instruction": [{"pos", "neg"}], "questions": [], "eval_prompt"}`.
    ///
    /// The model answers every question under every instruction, which is the system turn. A fourth of the
    /// questions is kept for evaluation, or all questions of a second file are.
    func personaVectors(_ file: ForeignFile, _ other: ForeignFile?) throws(SteeringError) -> Outcome {
        let trait = try Self.fields(of: file)
        guard let nodes = try trait.list("instruction") else {
            throw trait.missing("instruction", "a trait file has a list of {\"pos\", \"neg\"}")
        }
        guard let all = try trait.foreignTexts("questions"), !all.isEmpty else {
            throw trait.missing("questions", "a trait file has a list of questions")
        }
        var instructions: [TextPair] = []
        for (index, node) in nodes.enumerated() {
            let fields = try JSONFields(foreign: node, of: trait.text, path: "instruction[\(index)]")
            instructions.append(
                TextPair(
                    positive: try fields.required("pos", "write the instruction for the trait"),
                    negative: try fields.required("neg", "write the instruction against the trait")))
        }
        var kept = all
        var evaluation: [ForeignText] = []
        if let other {
            let fields = try Self.fields(of: other)
            guard let questions = try fields.foreignTexts("questions"), !questions.isEmpty else {
                throw fields.missing("questions", "the second file brings the questions for evaluation")
            }
            evaluation = questions
            let extraction = Set(all.map(\.words))
            evaluation.removeAll { extraction.contains($0.words) }
        } else if all.count >= 4 {
            kept = all.enumerated().filter { $0.offset % 4 != 3 }.map(\.element)
            evaluation = all.enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
        }
        let asked = try trait.string("eval_prompt")
        let judgePrompt = asked.flatMap { $0.contains(JudgeOptions.answerPlaceholder) ? $0 : nil }
        let prompts = InstructionPrompts(
            instructions: instructions, prompts: kept.map(\.words), judgePrompt: judgePrompt)
        let names = ["instructions": "instruction", "prompts": "questions", "judgePrompt": "eval_prompt"]
        let questions = ["prompts": kept, "questions": evaluation]
        let dataset = try self.dataset(
            file, .instructions(prompts), isRaw: false, questions: evaluation.map(\.words)
        ) { field, index in
            if let index, let questions = questions[field] { return questions[index].place }
            return trait.place(names[field] ?? field, index)
        }
        var notes = [
            "\(evaluation.count) question\(evaluation.count == 1 ? " is" : "s are") kept for evaluation, "
                + "the model answers \(kept.count) itself",
            "instructions are the system turn; extract with --method mean --readout mean, as persona_vectors does",
        ]
        if judgePrompt != nil {
            notes.append("eval_prompt is what a judge is asked: extract --judge URL")
        } else if asked != nil {
            notes.append(
                "the eval_prompt is left out: it has no \(JudgeOptions.answerPlaceholder) for the answer")
        }
        return Outcome(dataset: dataset, kind: .personaVectors, notes: notes)
    }

    static func fields(of file: ForeignFile) throws(SteeringError) -> JSONFields {
        let text = try file.json()
        return try JSONFields(foreign: try JSONParser.parse(text), of: text)
    }
}
