/// The rules that every dataset keeps, whether it was read from a file or put together in code.
struct DatasetCheck {
    /// The words for one field, or one element of it: file, line and path where there are any.
    typealias Place = (_ field: String, _ index: Int?) -> String

    let place: Place

    func name(_ name: String) throws(SteeringError) {
        guard !Self.isBlank(name) else {
            throw SteeringError(
                .emptyField, "\(place("name", nil)): the name is empty",
                remedy: "name the trait, for example \"happy\"")
        }
    }

    func personas(_ prompts: PersonaPrompts) throws(SteeringError) {
        let placeholder = PersonaPrompts.placeholder
        guard
            prompts.template.hasPlaceholder(placeholder)
                || prompts.system?.hasPlaceholder(placeholder) == true
        else {
            throw SteeringError(
                .missingPersona,
                "\(place("template", nil)): no \(placeholder) in the user turn or the system turn",
                remedy: "write it where the persona stands: \"Act as if you're extremely \(placeholder).\"")
        }
        try notBlank("positive", prompts.positive)
        try notBlank("negative", prompts.negative)
        try equalSides(prompts.positive.count, prompts.negative.count)
        for (index, (positive, negative)) in zip(prompts.positive, prompts.negative).enumerated() {
            guard positive != negative else {
                throw identical(place("positive", index), "persona \(index)", positive)
            }
        }
        try atLeastTwo(
            prompts.positive.count * max(prompts.suffixes.count, 1), place("positive", nil),
            "one persona pair and at most one suffix give")
    }

    func instructions(_ prompts: InstructionPrompts) throws(SteeringError) {
        try sides("instructions", prompts.instructions)
        try notBlank("prompts", prompts.prompts)
        try atLeastTwo(
            prompts.instructions.count * prompts.prompts.count, place("prompts", nil),
            "the instructions and prompts give")
        let placeholder = JudgeOptions.answerPlaceholder
        guard prompts.judgePrompt?.hasPlaceholder(placeholder) ?? true else {
            throw SteeringError(
                .invalidValue, "\(place("judgePrompt", nil)): no \(placeholder) in it",
                remedy:
                    "write \(placeholder) where the answer stands, and \(JudgeOptions.questionPlaceholder) for the question"
            )
        }
    }

    func pairs(_ pairs: [TextPair]) throws(SteeringError) {
        try sides("pairs", pairs)
        try atLeastTwo(pairs.count, place("pairs", nil), "the dataset has")
    }

    private func sides(_ field: String, _ pairs: [TextPair]) throws(SteeringError) {
        for (index, pair) in pairs.enumerated() {
            let texts = [
                ("positive", pair.positive), ("negative", pair.negative), ("prompt", pair.prompt ?? "-"),
            ]
            for (side, text) in texts where Self.isBlank(text) {
                throw SteeringError(
                    .emptyField, "\(place(field, index)): the \(side) text is empty",
                    remedy: "write the text, or remove the pair")
            }
            guard pair.positive != pair.negative else {
                throw identical(place(field, index), "pair \(index)", pair.positive)
            }
        }
    }

    func notBlank(_ field: String, _ texts: [String]) throws(SteeringError) {
        for (index, text) in texts.enumerated() where Self.isBlank(text) {
            throw SteeringError(
                .emptyField, "\(place(field, index)): the text is empty", remedy: "write a text, or remove it"
            )
        }
    }

    func equalSides(_ positive: Int, _ negative: Int) throws(SteeringError) {
        guard positive == negative else {
            throw SteeringError(
                .unequalSides,
                "\(place("negative", nil)): the sides are paired by index, but there are \(positive) positive "
                    + "and \(negative) negative",
                remedy: "write as many negative as positive ones")
        }
    }

    private func atLeastTwo(_ count: Int, _ place: String, _ who: String) throws(SteeringError) {
        guard count >= 2 else {
            throw SteeringError(
                .tooFewPairs,
                "\(place): \(who) \(count) pair\(count == 1 ? "" : "s"); a direction needs at least 2",
                remedy: "add personas, suffixes or pairs; 50 suffixes are a good start")
        }
    }

    private func identical(_ place: String, _ what: String, _ text: String) -> SteeringError {
        SteeringError(
            .identicalSides, "\(place): both sides of \(what) are \"\(text.prefix(60))\"",
            remedy: "make the sides differ in the trait, or remove it")
    }

    /// Whether a text says nothing.
    static func isBlank(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
    }
}
