/// An error that a person can act on: what is wrong, where, and what repairs it.
///
/// Every module throws one error type of its own that conforms to this, so that the command line can
/// show any of them without knowing which it is.
public protocol ExplainedError: Error, Sendable, CustomStringConvertible {
    /// A stable lowerCamelCase name for scripts, for example `truncatedFile`.
    var code: String { get }

    /// What was expected, what was found, and where: the file, the field, the byte offset.
    var message: String { get }

    /// The change or the command that repairs it, where there is one.
    var remedy: String? { get }

    /// What it is to whoever waits for the command, which ends with another status for each; a failure
    /// unless an error says otherwise.
    var category: ErrorCategory { get }
}

/// What kind of thing went wrong, as far as a script wants to know it.
public enum ErrorCategory: Sendable, Equatable, CaseIterable {
    /// The work could not be done: for what a file holds, or lacks, or for the state of the machine.
    case failure
    /// What was typed makes no sense: a setting or a layer range outside of what is
    /// possible, a name that nothing has.
    case usage
    /// A vector does not fit the model, or another vector.
    case misfit
}

extension ExplainedError {
    /// A failure.
    public var category: ErrorCategory { .failure }

    /// The message, and the remedy on a line of its own.
    public var description: String {
        guard let remedy else { return message }
        return "\(message)\n  fix  \(remedy)"
    }
}
