extension DatasetLint {
    // MARK: - Numbers of pairs

    /// Under ten sources the direction follows their wording, and a fifth of them says nothing of accuracy.
    static let fewSources = 10

    /// Too few sources by the texts alone; tokens may leave fewer, where suffixes are too short to be
    /// truncated. Nothing is said of instructions, whose pairs are answers that the model has yet to give.
    func tooFewTexts() -> [LintFinding] {
        switch dataset.content {
        case .personas(let prompts):
            tooFew(sources: prompts.suffixes.count > 1 ? prompts.suffixes.count : prompts.positive.count)
        case .pairs(let pairs): tooFew(sources: pairs.count, pairs: pairs.count)
        case .instructions: []
        }
    }

    /// - Parameter pairs: How many pairs they give; nil where tokens decide that.
    func tooFew(sources: Int, pairs: Int? = nil) -> [LintFinding] {
        guard sources < Self.fewSources else { return [] }
        let noun =
            switch dataset.content {
            case .pairs: "pair"
            case .personas(let prompts): prompts.suffixes.count > 1 ? "suffix" : "persona pair"
            case .instructions: "prompt"
            }
        let numbers: KeyValuePairs<String, Double> =
            if let pairs {
                ["sources": Double(sources), "pairs": Double(pairs)]
            } else {
                ["sources": Double(sources)]
            }
        return [
            LintFinding(
                .tooFewPairs, .warning,
                "\(sources) \(noun)\(sources == 1 ? "" : noun == "suffix" ? "es" : "s"), expected at least "
                    + "\(Self.fewSources): the direction will follow their wording, and its accuracy says little",
                remedy: "add \(noun == "suffix" ? "suffixes" : noun + "s"); 40 are plenty", numbers: numbers)
        ]
    }

    // MARK: - Texts

    /// Everything that is seen without a model but the number of sources, which tokens know
    /// better where there are any.
    func textFindings() -> [LintFinding] {
        var findings: [LintFinding] = []
        switch dataset.content {
        case .personas(let prompts):
            findings += repeated(prompts.suffixes, "suffix", "suffixes")
            findings += repeated(
                zip(prompts.positive, prompts.negative).map { "\($0) / \($1)" }, "persona pair")
            findings += onBothSides(prompts.positive, prompts.negative)
            findings += takingSides(prompts)
        case .pairs(let pairs):
            func text(_ pair: TextPair, _ side: String) -> String {
                pair.prompt.map { "\($0) / \(side)" } ?? side
            }
            findings += repeated(pairs.map { "\(text($0, $0.positive)) / \($0.negative)" }, "pair")
            findings += onBothSides(
                pairs.map { text($0, $0.positive) }, pairs.map { text($0, $0.negative) })
        case .instructions(let prompts):
            findings += repeated(prompts.prompts, "prompt")
            findings += repeated(
                prompts.instructions.map { "\($0.positive) / \($0.negative)" }, "pair of instructions",
                "pairs of instructions")
            findings += onBothSides(
                prompts.instructions.map(\.positive), prompts.instructions.map(\.negative))
        }
        findings += questions()
        return findings
    }

    private func repeated(_ texts: [String], _ noun: String, _ plural: String? = nil) -> [LintFinding] {
        var seen: Set<String> = []
        let again = texts.filter { !seen.insert(Self.folded($0)).inserted }
        guard !again.isEmpty else { return [] }
        let place = "\(again.count) of \(texts.count) \(plural ?? noun + "s")"
        return [
            LintFinding(
                .duplicates, .warning,
                "\(place) stand\(again.count == 1 ? "s" : "") there before: \(Self.quoted(again))",
                remedy: "remove them: what stands there twice counts twice, in the accuracy too",
                numbers: ["repeated": Double(again.count), "total": Double(texts.count)])
        ]
    }

    /// A text that is positive in one pair and negative in another cancels itself.
    private func onBothSides(_ positive: [String], _ negative: [String]) -> [LintFinding] {
        let other = Set(negative.map(Self.folded))
        let both = Set(positive.map(Self.folded)).intersection(other).sorted()
        guard !both.isEmpty else { return [] }
        return [
            LintFinding(
                .contradiction, .warning,
                "\(both.count) of \(positive.count) positive texts stand on the negative side too: \(Self.quoted(both))",
                remedy: "keep each on one side: on both they cancel out",
                numbers: ["texts": Double(both.count), "total": Double(positive.count)])
        ]
    }

    /// A suffix follows both personas; one that says "happily" makes the negative side lie.
    private func takingSides(_ prompts: PersonaPrompts) -> [LintFinding] {
        let words = Markers(
            positive: dataset.markers.positive + prompts.positive,
            negative: dataset.markers.negative + prompts.negative)
        let taking = prompts.suffixes.filter { suffix in
            let count = MarkerCount(words, in: suffix)
            return count.positive != count.negative
        }
        guard !taking.isEmpty else { return [] }
        return [
            LintFinding(
                .suffixTakesSides, .warning,
                "\(taking.count) of \(prompts.suffixes.count) suffixes have marker words or personas of one side in them: "
                    + Self.quoted(taking),
                remedy: "begin answers with words that fit either side",
                numbers: ["suffixes": Double(taking.count), "total": Double(prompts.suffixes.count)])
        ]
    }

    private func questions() -> [LintFinding] {
        guard !dataset.questions.isEmpty else {
            return [
                LintFinding(
                    .noQuestions, .note, "no questions: a sweep will need prompts of its own",
                    remedy: "write \"questions\" that the extraction does not see")
            ]
        }
        let texts: [String] =
            switch dataset.content {
            case .personas(let prompts): prompts.suffixes + [prompts.template]
            case .pairs(let pairs): pairs.flatMap { [$0.prompt, $0.positive, $0.negative].compactMap { $0 } }
            case .instructions(let prompts): prompts.prompts
            }
        let used = Set(texts.map(Self.folded))
        let seen = dataset.questions.filter { used.contains(Self.folded($0)) }
        guard !seen.isEmpty else { return [] }
        return [
            LintFinding(
                .questionSeen, .warning,
                "\(seen.count) of \(dataset.questions.count) questions are texts of the extraction: \(Self.quoted(seen))",
                remedy: "measure on what the extraction has not seen",
                numbers: ["questions": Double(seen.count), "total": Double(dataset.questions.count)])
        ]
    }

    /// Texts that differ in case and spaces are the same to a reader, and nearly to a model.
    private static func folded(_ text: String) -> String {
        text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    static func quoted(_ texts: [String]) -> String {
        let shown = texts.prefix(2).map { "\"\($0.count > 40 ? $0.prefix(39) + "…" : $0[...])\"" }
        return shown.joined(separator: ", ") + (texts.count > 2 ? ", …" : "")
    }
}
