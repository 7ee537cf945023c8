import Terms

extension DatasetLint {
    /// Everything that needs tokens: lengths, templates, and the token that is read.
    func tokenFindings(
        _ pairs: [ExamplePair], _ encoder: some PromptEncoder, _ readout: Readout
    ) throws -> [LintFinding] {
        var findings: [LintFinding] = []
        findings += tooFew(sources: Set(pairs.map(\.source)).count, pairs: pairs.count)
        findings += lengthSkew(pairs)
        findings += lastTokens(pairs.filter { Self.readsLastToken(of: $0, readout) })
        if dataset.isRaw { findings += try withoutTemplate(pairs, encoder) }
        findings += try foreignMarks(encoder)
        return findings
    }

    // MARK: - Lengths

    /// One side may be this many times as long as the other, and this many tokens longer.
    static let lengthRatio = 1.5
    static let lengthDifference = 3.0

    /// Compares what the sides do not share: the beginning and the end that they have in common say nothing.
    private func lengthSkew(_ pairs: [ExamplePair]) -> [LintFinding] {
        var own = (0, 0)
        var longer = (0, 0)
        for pair in pairs {
            let shared = zip(pair.positive, pair.negative).prefix { $0 == $1 }.count
            let rest = min(pair.positive.count, pair.negative.count) - shared
            let ending = zip(pair.positive.reversed(), pair.negative.reversed()).prefix { $0 == $1 }.count
            let common = shared + min(ending, rest)
            own.0 += pair.positive.count - common
            own.1 += pair.negative.count - common
            if pair.positive.count > pair.negative.count { longer.0 += 1 }
            if pair.negative.count > pair.positive.count { longer.1 += 1 }
        }
        let means = (Double(own.0) / Double(pairs.count), Double(own.1) / Double(pairs.count))
        guard abs(means.0 - means.1) >= Self.lengthDifference,
            max(means.0, means.1) >= Self.lengthRatio * min(means.0, means.1)
        else { return [] }
        let side = means.0 > means.1 ? "positive" : "negative"
        let share = Double(max(longer.0, longer.1)) / Double(pairs.count)
        return [
            LintFinding(
                .lengthSkew, .warning,
                "the \(side) side is longer: \(Self.decimal(means.0)) tokens of its own on the positive, "
                    + "\(Self.decimal(means.1)) on the negative side, and in \(Int((share * 100).rounded()))% of the pairs",
                remedy: "bring the sides to like lengths: the direction may be that of long prompts",
                numbers: ["positiveTokens": means.0, "negativeTokens": means.1, "longerShare": share])
        ]
    }

    // MARK: - The token that is read

    /// Whether a readout takes the last token alone of at least one side.
    private static func readsLastToken(of pair: ExamplePair, _ readout: Readout) -> Bool {
        switch readout {
        case .last: true
        case .lastTokens(let count): count == 1
        // Where no answer has begun, the last token is all that there is to read.
        case .mean, .all: pair.answerLengths.map { min($0.positive, $0.negative) == 0 } ?? true
        }
    }

    /// Where the sides end in different tokens, the states differ by those tokens first.
    private func lastTokens(_ pairs: [ExamplePair]) -> [LintFinding] {
        guard !pairs.isEmpty else { return [] }
        let different = pairs.filter { $0.positive.last != $0.negative.last }
        let share = Double(different.count) / Double(pairs.count)
        guard share >= 0.1 else { return [] }
        let positive = Set(different.compactMap(\.positive.last)).count
        let negative = Set(different.compactMap(\.negative.last)).count
        // Ready-made pairs do not say where an answer begins.
        let mean: String
        if case .pairs = dataset.content {
            mean = "read the mean of the last tokens (--readout last:K)"
        } else {
            mean = "read the mean of the answer (--readout mean)"
        }
        return [
            LintFinding(
                .lastTokenDiffers, .warning,
                "the last token, which is read, differs between the sides in \(different.count) of \(pairs.count) pairs "
                    + "(\(positive) token\(positive == 1 ? "" : "s") against \(negative)): it gives the answer away",
                remedy: "end both sides of a pair in the same words, or \(mean)",
                numbers: [
                    "pairs": Double(different.count), "total": Double(pairs.count),
                    "positiveTokens": Double(positive), "negativeTokens": Double(negative),
                ])
        ]
    }

    // MARK: - Templates

    /// Raw prompts for a model with a chat template that have none of its special tokens after their first.
    private func withoutTemplate(
        _ pairs: [ExamplePair], _ encoder: some PromptEncoder
    ) throws -> [LintFinding] {
        guard let chat = try? encoder.chatPrompt(user: "a", system: nil) else { return [] }
        // The first may be the beginning-of-sequence token, which is no turn.
        let marks = Set(chat.dropFirst().filter(encoder.isSpecial))
        guard !marks.isEmpty else { return [] }
        let prompts = pairs.flatMap { [$0.positive, $0.negative] }
        let without = prompts.filter(marks.isDisjoint)
        guard !without.isEmpty else { return [] }
        return [
            LintFinding(
                .templateNotApplied, .warning,
                "\(without.count) of \(prompts.count) prompts are raw text without a turn of the model's chat template",
                remedy:
                    "write \"raw\": false, so that each text is a user turn, or write the template into the texts",
                numbers: ["prompts": Double(without.count), "total": Double(prompts.count)])
        ]
    }

    /// Marks of turns that are special tokens wherever they are used.
    private static let turnMarks = [
        "<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>", "<|start_header_id|>", "<|eot_id|>",
        "<|user|>", "<|assistant|>", "<|end|>", "<|start|>", "<|turn>", "<｜User｜>", "<｜Assistant｜>",
    ]

    /// Through the chat template a mark is text; as it stands it must be one of this model's tokens.
    private func foreignMarks(_ encoder: some PromptEncoder) throws -> [LintFinding] {
        let texts: [String] =
            switch dataset.content {
            case .personas(let prompts):
                [prompts.template, prompts.system ?? ""] + prompts.positive + prompts.negative
                    + prompts.suffixes
            case .pairs(let pairs): pairs.flatMap { [$0.prompt ?? "", $0.positive, $0.negative] }
            case .instructions(let prompts):
                prompts.prompts + prompts.instructions.flatMap { [$0.positive, $0.negative] }
            }
        var found: [String] = []
        for mark in Self.turnMarks where texts.contains(where: { $0.contains(mark) }) {
            let tokens = try encoder.rawPrompt(mark)
            let isKnown = !tokens.isEmpty && tokens.allSatisfy(encoder.isSpecial)
            if !dataset.isRaw || !isKnown { found.append(mark) }
        }
        guard !found.isEmpty else { return [] }
        let list = found.joined(separator: ", ")
        return [
            LintFinding(
                .foreignTemplate, .warning,
                dataset.isRaw
                    ? "the texts have marks of another model's chat template in them: \(list)"
                    : "the texts have marks of a chat template in them, and will be put through the model's as well: \(list)",
                remedy: dataset.isRaw
                    ? "write the texts without a template, and \"raw\": false"
                    : "remove the marks, or write \"raw\": true if the whole template stands in the texts",
                numbers: ["marks": Double(found.count)])
        ]
    }

    private static func decimal(_ value: Double) -> String {
        String(Int((value * 10).rounded()) / 10) + "." + String(Int((value * 10).rounded()) % 10)
    }
}
