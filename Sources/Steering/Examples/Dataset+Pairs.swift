import Terms

extension Dataset {
    /// All pairs in the order of the file, repetitions included.
    ///
    /// Personas: for each suffix, for each of its prefixes, for each persona. A prompt is the rendered chat
    /// with its generation prompt, followed by the ids of the suffix, which is tokenised by itself: so the
    /// prompts of one persona share their whole beginning, and a prefix of k tokens is a prefix of the same
    /// ids. With `truncate` a suffix of n tokens gives the prefixes of 1 … n-1 tokens, as repeng's `for i in
    /// range(1, len(tokens))`: none when it is empty or a single token. Without, it gives one example, the
    /// whole suffix, which may be empty.
    ///
    /// Counts, for repeng's 582 suffixes and two persona pairs on SmolLM2: 4,748 prompts. As raw text of a
    /// user turn and the generation prompt they have 88,944 tokens and 1,141 distinct prefixes, with a
    /// beginning-of-sequence token before it 93,692 and 1,142; through the model's chat template, whose
    /// default system turn is 21 tokens, 188,652 and 1,162.
    ///
    /// - Throws: `identicalSides` when both sides of a pair are the same tokens, `tooFewPairs` under two,
    ///   `promptTooLong` where a prompt has more tokens than the model reads.
    public func pairs(_ encoder: some PromptEncoder) throws -> [ExamplePair] {
        let pairs =
            switch content {
            case .personas(let prompts): try personaPairs(prompts, encoder)
            case .pairs(let texts): try textPairs(texts, encoder)
            case .instructions:
                throw SteeringError(
                    .tooFewPairs, "dataset \(name): its pairs are answers that a model has yet to give",
                    remedy: "extract it with a model")
            }
        for pair in pairs where pair.positive.isEmpty || pair.negative.isEmpty {
            throw SteeringError(
                .emptyField, "dataset \(name): \(sourceName(pair.source)) has no tokens",
                remedy: "write a text there")
        }
        for pair in pairs where pair.positive == pair.negative {
            throw SteeringError(
                .identicalSides,
                "dataset \(name): both sides of \(sourceName(pair.source)) are the same \(pair.positive.count) tokens",
                remedy: "make the sides differ in the trait")
        }
        guard pairs.count >= 2 else {
            throw SteeringError(
                .tooFewPairs,
                "dataset \(name): its texts give \(pairs.count) pair\(pairs.count == 1 ? "" : "s") of prompts; "
                    + "a direction needs at least 2",
                remedy: "add suffixes; with \"truncate\" a suffix counts from its second token on")
        }
        return pairs
    }

    private func personaPairs(
        _ prompts: PersonaPrompts, _ encoder: some PromptEncoder
    ) throws -> [ExamplePair] {
        let starts = try zip(prompts.positive, prompts.negative).map { positive, negative in
            (
                positive: try start(prompts, persona: positive, encoder),
                negative: try start(prompts, persona: negative, encoder)
            )
        }
        var pairs: [ExamplePair] = []
        let suffixes = prompts.suffixes.isEmpty ? [""] : prompts.suffixes
        // A lone suffix cannot be held out from itself; then personas are.
        let splitsBySuffix = suffixes.count > 1
        for (index, suffix) in suffixes.enumerated() {
            // All prompts end alike, as the template does.
            let tokens =
                suffix.isEmpty ? [] : try encoder.answerTokens(suffix, behind: starts.first?.positive ?? [])
            let lengths =
                prompts.truncates && !prompts.suffixes.isEmpty
                ? 1..<max(tokens.count, 1) : tokens.count..<tokens.count + 1
            // Before its beginnings are made, which take the square of its length.
            let longestStart = starts.flatMap { [$0.positive.count, $0.negative.count] }.max() ?? 0
            try check(longestStart + lengths.upperBound - 1, of: "suffixes[\(index)]", encoder)
            for length in lengths {
                let answer = tokens[..<length]
                for (persona, start) in starts.enumerated() {
                    pairs.append(
                        ExamplePair(
                            positive: start.positive + answer, negative: start.negative + answer,
                            source: splitsBySuffix ? index : persona, persona: persona,
                            answerLengths: AnswerLengths(positive: length, negative: length)))
                }
            }
        }
        return pairs
    }

    /// The prompt of one persona, up to where the answer begins.
    private func start(
        _ prompts: PersonaPrompts, persona: String, _ encoder: some PromptEncoder
    ) throws -> [TokenID] {
        let user = Self.fill(prompts.template, with: persona)
        let system = prompts.system.map { Self.fill($0, with: persona) }
        return isRaw
            ? try encoder.rawPrompt((system ?? "") + user)
            : try encoder.chatPrompt(user: user, system: system)
    }

    private func textPairs(_ texts: [TextPair], _ encoder: some PromptEncoder) throws -> [ExamplePair] {
        try texts.enumerated().map { source, text in
            func tokens(_ side: String) throws -> [TokenID] {
                guard let prompt = text.prompt else {
                    return isRaw
                        ? try encoder.rawPrompt(side) : try encoder.chatPrompt(user: side, system: nil)
                }
                if isRaw { return try encoder.rawPrompt(prompt + side) }
                let start = try encoder.chatPrompt(user: prompt, system: nil)
                return start + (try encoder.answerTokens(side, behind: start))
            }
            let pair = ExamplePair(
                positive: try tokens(text.positive), negative: try tokens(text.negative), source: source)
            try check(max(pair.positive.count, pair.negative.count), of: sourceName(source), encoder)
            return pair
        }
    }

    private func check(_ length: Int, of place: String, _ encoder: some PromptEncoder) throws(SteeringError) {
        guard let limit = encoder.contextLength, length > limit else { return }
        throw SteeringError(
            .promptTooLong,
            "dataset \(name): with \(place) a prompt has \(length) tokens; the model's context is \(limit)",
            remedy: "shorten it, the template or the personas")
    }

    private func sourceName(_ source: Int) -> String {
        switch content {
        case .personas, .instructions: "a persona"
        case .pairs: "pairs[\(source)]"
        }
    }

    /// Every placeholder becomes the persona; a placeholder inside the persona's own text stays as it is.
    static func fill(_ template: String, with persona: String) -> String {
        let scalars = template.unicodeScalars
        return scalars.split(
            separator: PersonaPrompts.placeholder.unicodeScalars, omittingEmptySubsequences: false
        )
        .map { String(Substring($0)) }.joined(separator: persona)
    }
}

extension String {
    /// Whether a placeholder stands in a text, whatever follows it: by characters `}` and
    /// a mark behind it are one.
    func hasPlaceholder(_ placeholder: String) -> Bool {
        unicodeScalars.contains(placeholder.unicodeScalars)
    }
}
