/// One place of a sweep: which prompt is answered, and what moves the model meanwhile.
public struct SweepCell: Sendable, Hashable, Codable {
    /// What moves the model.
    public enum Arm: String, Sendable, Codable, CaseIterable {
        /// The vector itself.
        case vector
        /// A vector of the same layers and lengths whose directions are drawn: what is left
        /// of its effect is no trait's.
        case random
        /// No vector; the prompt asks for the trait in words.
        case instruction
    }

    /// Which persona an instruction asks for.
    public enum Side: String, Sendable, Codable, CaseIterable {
        /// The one that has the trait.
        case positive
        /// Its opposite.
        case negative
    }

    /// What moves the model.
    public var arm: Arm

    /// Which of the report's vectors moves it, and is measured with.
    public var vector: Int

    /// What an instruction asks for; nil in the other arms.
    public var side: Side?

    /// What multiplies the vector; 0 for an instruction.
    public var strength: Double

    /// Which of the report's prompts is answered.
    public var prompt: Int

    /// Which of its answers this is, from 0: drawn with the sweep's seed plus so much.
    public var draw: Int

    /// A place.
    public init(
        _ arm: Arm, vector: Int = 0, side: Side? = nil, strength: Double = 0, prompt: Int, draw: Int = 0
    ) {
        self.arm = arm
        self.vector = vector
        self.side = side
        self.strength = strength
        self.prompt = prompt
        self.draw = draw
    }

    /// Reads a place; those that were kept before there were draws are of the first.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try fields.decode(Arm.self, forKey: .arm), vector: try fields.decode(Int.self, forKey: .vector),
            side: try fields.decodeIfPresent(Side.self, forKey: .side),
            strength: try fields.decode(Double.self, forKey: .strength),
            prompt: try fields.decode(Int.self, forKey: .prompt),
            draw: try fields.decodeIfPresent(Int.self, forKey: .draw) ?? 0)
    }

    /// What an answer is compared in: a prompt, in one of its draws.
    public struct Question: Sendable, Hashable {
        var prompt: Int
        var draw: Int
    }

    /// What is answered here.
    public var question: Question { Question(prompt: prompt, draw: draw) }
}
