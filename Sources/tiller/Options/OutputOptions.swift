import ArgumentParser

/// How a command answers.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print one JSON object and nothing else.")
    var isJSON = false

    /// Prints the result: an object for scripts, or a text for people.
    func print(json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) throws {
        if isJSON {
            try StandardStream.output.write(json().text + "\n")
        } else {
            try say(text())
        }
    }

    /// Prints a text for people as it is ready; nothing under `--json`.
    ///
    /// This is the last gate of what files say: on a terminal with colours nothing but styles goes through it
    /// that would steer one, and elsewhere nothing.
    func say(_ text: String) throws {
        guard !isJSON else { return }
        let text = titleStyle == nil ? text.withoutTerminalControls : text.withStylesAlone
        try StandardStream.output.write(text.isEmpty || text.hasSuffix("\n") ? text : text + "\n")
    }

    /// How titles of tables stand out on standard output.
    var titleStyle: TextStyle? {
        Terminal.current.outputIsTerminal && Terminal.current.allowsColour ? .bold : nil
    }
}
