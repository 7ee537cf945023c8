/// One place of a sweep: which prompt is answered, and what moves the model meanwhile.
public struct SweepCell: Sendable, Hashable, Codable {
    /// What moves the model.
    public enum Arm: String, Sendable, Codable, CaseIterable {
        /// The vector itself.
        case vector
        /// A vector of the same layers and lengths whose directions are drawn: what is left of its effect is no trait's.
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

    /// A place.
    public init(_ arm: Arm, vector: Int = 0, side: Side? = nil, strength: Double = 0, prompt: Int) {
        self.arm = arm
        self.vector = vector
        self.side = side
        self.strength = strength
        self.prompt = prompt
    }
}
