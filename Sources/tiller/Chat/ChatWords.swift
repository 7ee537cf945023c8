import Generation
import Steering
import Terms

/// What a chat says of itself.
enum ChatWords {
    /// The commands and what they do.
    static var help: String {
        var table = Table(.text(""), .wrapped(""))
        for command in ChatLine.commands { table.append(command.usage, command.meaning) }
        return table.rendered(width: Terminal.current.width)
    }

    /// A vector's dial: its strength, and its layers where it is not in all of its own.
    static func dial(_ vector: ChatSession.Vector) -> String {
        let layers = vector.term.layers.map { "@\($0)" } ?? ""
        return "\(vector.name.onOneLine) \(Quantity.strength(Float(vector.term.strength)))\(layers)"
    }

    /// The rules that steer.
    static func preset(_ name: String) -> String { "preset \(name.onOneLine)" }

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
