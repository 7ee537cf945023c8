public import Terms

/// Two ways in which an answer can begin, for a trait and against it: what the model would rather say is a
/// number without any text being generated or judged.
public struct ForcedChoice: Sendable, Equatable {
    /// The beginning that has the trait; at least one token.
    public var positive: [TokenID]

    /// Its opposite; at least one token.
    public var negative: [TokenID]

    /// Keeps both sides; nil where one has no tokens, or they are equal.
    public init?(positive: [TokenID], negative: [TokenID]) {
        guard !positive.isEmpty, !negative.isEmpty, positive != negative else { return nil }
        self.positive = positive
        self.negative = negative
    }
}

extension Dataset {
    /// The choices that a dataset's own words give: each positive persona against its negative one, as the
    /// first words of an answer; marker words where there are no personas. None where there are neither.
    ///
    /// - Parameter prompt: One of the prompts that they stand behind, which all end alike; empty
    ///   where each ends as it likes.
    public func forcedChoices(
        with encoder: some PromptEncoder, behind prompt: [TokenID]
    ) throws -> [ForcedChoice] {
        try choiceWords.compactMap { positive, negative in
            ForcedChoice(
                positive: try encoder.answerTokens(positive, behind: prompt),
                negative: try encoder.answerTokens(negative, behind: prompt))
        }
    }

    private var choiceWords: [(positive: String, negative: String)] {
        if case .personas(let prompts) = content { return Array(zip(prompts.positive, prompts.negative)) }
        func words(_ markers: [String]) -> [String] {
            markers.map { $0.hasSuffix("*") ? String($0.dropLast()) : $0 }
        }
        return Array(zip(words(markers.positive), words(markers.negative)).prefix(4))
    }
}
