import Glibc

/// At which tokens of a text a rule acts, and with which share of its strength.
///
/// A token belongs to the answer when the token *after* it does: the last token of the prompt decides how the
/// answer begins. Tokens of a part are counted from 0: those of the whole text and of the prompt from the
/// text's start, those of an answer from that answer's start.
public struct SteeringSchedule: Sendable, Codable, Equatable {
    /// What of a conversation is steered.
    public enum Part: String, Sendable, Codable, CaseIterable {
        /// Every token.
        case all
        /// What was given: all but the answers.
        case prompt
        /// What is answered, in this turn and in earlier ones.
        case answer
    }

    /// What is steered.
    public var part: Part
    /// The first token that is.
    public var first: Int
    /// How many tokens are; nil for all that follow.
    public var count: Int?
    /// Over how many tokens the strength rises in equal steps; the full strength at once where it is 0 or 1.
    public var ramp: Int
    /// After how many tokens, again and again, the strength is halved; nil where it stays.
    public var halfLife: Double?
    /// Kinds of text within which the rule rests.
    public var pauses: Set<TextRegion>

    /// Every token, with full strength.
    public static let always = SteeringSchedule()

    /// A schedule; every token where nothing else is said.
    public init(
        part: Part = .all, first: Int = 0, count: Int? = nil, ramp: Int = 0, halfLife: Double? = nil,
        pauses: Set<TextRegion> = []
    ) {
        self.part = part
        self.first = first
        self.count = count
        self.ramp = ramp
        self.halfLife = halfLife
        self.pauses = pauses
    }

    /// Strengths change in steps of a 64th, so that a long decay does not make a plan of
    /// its own for every token.
    static let steps = 64

    /// The share of the strength at a token of the part, in 64ths.
    func level(at index: Int) -> Int {
        guard index >= first else { return 0 }
        let age = index - first
        if let count, age >= count { return 0 }
        var share = ramp > 1 ? min(1, Double(age + 1) / Double(ramp)) : 1
        if let halfLife { share *= exp2(-Double(age) / halfLife) }
        return Int((share * Double(Self.steps)).rounded())
    }

    /// Refuses numbers that make no schedule.
    ///
    /// - Throws: `invalidSetting`.
    public func check() throws(GenerationError) {
        func require(
            _ isSound: Bool, _ name: String, _ found: some CustomStringConvertible, _ expected: String
        )
            throws(GenerationError)
        {
            guard isSound else {
                throw .invalidSetting(name: name, found: found.description, expected: expected)
            }
        }
        try require(first >= 0, "the first token of a schedule", first, "0 or more")
        try require((count ?? 1) >= 1, "the number of tokens of a schedule", count ?? 0, "1 or more")
        try require(ramp >= 0, "the ramp of a schedule", ramp, "0 or more tokens")
        try require(
            halfLife.map { $0.isFinite && $0 > 0 } ?? true, "the half-life of a schedule", halfLife ?? 0,
            "more than 0 tokens")
    }
}
