/// A trait asked for in words: what prompting alone does is what a vector has to beat.
public struct TraitInstruction: Sendable, Equatable {
    /// The system turn; nil for the one of the prompt.
    public var system: String?

    /// What stands before the prompt in the user turn.
    public var user: String?

    /// The words themselves.
    public var text: String { [system, user].compactMap { $0 }.joined(separator: " ") }

    /// The user turn that asks a prompt under this instruction.
    public func user(asking prompt: String) -> String {
        user.map { "\($0)\n\n\(prompt)" } ?? prompt
    }
}

extension Dataset {
    /// What a dataset's own words ask for: its template with the first persona of a side, or its first
    /// instruction. Nil for ready-made pairs, which have no such words.
    public func instruction(for side: SweepCell.Side) -> TraitInstruction? {
        switch content {
        case .personas(let prompts):
            guard let persona = (side == .positive ? prompts.positive : prompts.negative).first else {
                return nil
            }
            return TraitInstruction(
                system: prompts.system.map { Self.fill($0, with: persona) },
                user: Self.fill(prompts.template, with: persona))
        case .instructions(let prompts):
            guard let pair = prompts.instructions.first else { return nil }
            return TraitInstruction(system: side == .positive ? pair.positive : pair.negative, user: nil)
        case .pairs:
            return nil
        }
    }
}
