import ArgumentParser
import Terms

/// What the command's exit says.
enum ExitStatus {
    /// The work is done.
    static let done: Int32 = 0
    /// It failed.
    static let failed: Int32 = 1
    /// The command line makes no sense.
    static let badUsage: Int32 = 2
    /// The vector does not fit the model.
    static let incompatibleVector: Int32 = 3
    /// A readout head wants a person to look at the answer.
    static let escalated: Int32 = 4

    /// The status for a kind of error.
    static func status(for category: ErrorCategory) -> Int32 {
        switch category {
        case .failure: failed
        case .usage: badUsage
        case .misfit: incompatibleVector
        }
    }
}

/// An error in the words in which a command ends with it.
struct Failure: Sendable, Equatable {
    /// A stable name for scripts.
    var code: String
    /// What is wrong, and where.
    var message: String
    /// What repairs it.
    var fix: String?
    /// What the process exits with.
    var status: Int32

    /// The words for any error.
    init(_ error: any Error) {
        if let explained = error as? any ExplainedError {
            code = explained.code
            message = explained.message
            fix = explained.remedy
            status = ExitStatus.status(for: explained.category)
        } else {
            code = "unexpected"
            message = String(describing: error)
            fix = nil
            status = ExitStatus.failed
        }
    }

    /// A command line that the parser refused.
    ///
    /// - Parameters:
    ///   - message: What the parser says is wrong.
    ///   - command: The words of the command whose help explains it, `runs` and `show`; none for all of them.
    init(usage message: String, command: [String]) {
        code = "badUsage"
        self.message = message
        fix = (["tiller"] + command + ["--help"]).joined(separator: " ")
        status = ExitStatus.badUsage
    }

    /// For people, on standard error.
    func text(inColour: Bool) -> String {
        let label = TextStyle.red.applied(to: "error:", if: inColour)
        var text = "\(label) \(message.withoutTerminalControls)\n"
        if let fix {
            text += "  \(DisplayWidth.padded("fix", to: labelWidth))  \(fix.withoutTerminalControls)\n"
        }
        return text
    }

    /// Tells a person, on standard error. That it could not be said changes nothing.
    func say() {
        let isColoured = Terminal.current.errorIsTerminal && Terminal.current.allowsColour
        try? StandardStream.error.write(text(inColour: isColoured))
    }

    /// Where a message lists its parts below each other (`  vector  …`, `  model   …`),
    /// the fix joins the list.
    private var labelWidth: Int {
        for line in message.split(separator: "\n").dropFirst() where line.hasPrefix("  ") {
            let label = line.dropFirst(2).prefix { $0 != " " }
            let gap = line.dropFirst(2 + label.count).prefix { $0 == " " }
            if !label.isEmpty, gap.count >= 2 { return label.count + gap.count - 2 }
        }
        return 3
    }

    /// For scripts, on standard output.
    var json: JSONValue {
        ["error": ["code": .string(code), "message": .string(message), "fix": .string(fix)]]
    }
}
