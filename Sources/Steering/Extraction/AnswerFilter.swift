import Terms

/// Which of the model's own answers are examples of a trait: rules that come before any judge.
struct AnswerFilter: Sendable {
    /// Why an answer is left out.
    enum Fault: String, Sendable, CaseIterable {
        /// It has fewer tokens than `minimumTokens`.
        case tooShort
        /// It begins as refusals do.
        case refusal
        /// It has more marker words of the other side than of its own.
        case offTrait
    }

    let minimumTokens: Int
    let markers: Markers

    /// What refusals say in their first hundred characters, in whole words: a room may
    /// have an air of sadness.
    static let refusals = Markers(positive: [
        "i'm sorry, but", "i am sorry, but", "i apologize, but", "i can't assist", "i cannot assist",
        "i can't help with",
        "i cannot help with", "i'm unable to", "i am unable to", "i'm not able to", "as an ai",
        "as a language model",
        "申し訳ありませんが", "お手伝いできません", "お答えできません",
    ])

    /// The first rule that an answer breaks.
    func fault(in text: String, tokens: Int, isPositive: Bool) -> Fault? {
        if tokens < minimumTokens { return .tooShort }
        // The word that the beginning ends in is whole, too.
        let beginning = String(text.prefix(100) + text.dropFirst(100).prefix(while: \.isLetter))
        if MarkerCount(Self.refusals, in: beginning.replacing("’", with: "'")).positive > 0 {
            return .refusal
        }
        let count = MarkerCount(markers, in: text)
        let own = isPositive ? count.positive : count.negative
        let other = isPositive ? count.negative : count.positive
        return other > own ? .offTrait : nil
    }
}
