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
            let text = text()
            try StandardStream.output.write(text.isEmpty || text.hasSuffix("\n") ? text : text + "\n")
        }
    }

    /// How titles of tables stand out on standard output.
    var titleStyle: TextStyle? {
        Terminal.current.outputIsTerminal && Terminal.current.allowsColour ? .bold : nil
    }
}
