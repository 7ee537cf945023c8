import ArgumentParser
import Terms

/// The command that a command line names, as far as it names one: `runs show` is a command in a command.
struct NamedCommand {
    /// Its words, from the outside in.
    private(set) var words: [String] = []
    /// What is wrong where a word stands in the place of a command and is none.
    private(set) var refusal: TillerError?

    /// Follows the words of a command line, which cannot be parsed, down from a command.
    init(in arguments: [String], below root: any ParsableCommand.Type) {
        var names = Self.names(below: root)
        var rest = arguments[...]
        // Behind an option or `help` it is the first word that can be one.
        if let first = arguments.first, first.hasPrefix("-") || first == "help" {
            rest = arguments.drop { !names.contains($0) }
        }
        var command = root
        while !names.isEmpty, let place = rest.firstIndex(where: { !$0.hasPrefix("-") }) {
            let word = rest[place]
            guard let next = Self.command(word, below: command) else {
                refusal = Self.refusal(of: word, behind: words, among: names)
                return
            }
            words.append(word)
            command = next
            names = Self.names(below: next)
            rest = rest[(place + 1)...]
        }
    }

    private static func refusal(of word: String, behind words: [String], among names: [String]) -> TillerError
    {
        let path = words.map { $0 + " " }.joined()
        let suggestion = Suggestion.closest(to: word, among: names)
        return .badUsage(
            message: "there is no command \(path)\(word)",
            remedy: suggestion.map { "did you mean tiller \(path)\($0)?" } ?? "tiller \(path)--help")
    }

    private static func command(
        _ name: String, below command: any ParsableCommand.Type
    ) -> (any ParsableCommand.Type)? {
        command.configuration.subcommands.first { $0.configuration.commandName == name }
    }

    private static func names(below command: any ParsableCommand.Type) -> [String] {
        command.configuration.subcommands.compactMap { $0.configuration.commandName }
    }
}
