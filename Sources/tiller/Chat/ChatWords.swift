import Generation

/// What a chat says of itself.
enum ChatWords {
    /// The commands and what they do.
    static var help: String {
        var table = Table(.text(""), .wrapped(""))
        for command in ChatLine.commands { table.append(command.usage, command.meaning) }
        return table.rendered(width: Terminal.current.width)
    }

    /// All that has been said.
    static func history(_ conversation: Conversation) -> String {
        guard !conversation.turns.isEmpty else { return "nothing has been said yet" }
        let isColoured = Terminal.current.outputIsTerminal && Terminal.current.allowsColour
        return conversation.turns.map { turn in
            let (question, answer) = (
                turn.question.withoutTerminalControls, turn.answer.withoutTerminalControls
            )
            return TextStyle.bold.applied(to: "> " + question, if: isColoured) + "\n" + answer
        }.joined(separator: "\n\n")
    }
}
