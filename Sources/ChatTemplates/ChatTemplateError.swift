public import Terms

/// Why a chat template could not be read, or a conversation not rendered.
public struct ChatTemplateError: ExplainedError, Equatable {
    /// The kinds of failure; `rawValue` is the `code` that scripts see.
    public enum Kind: String, Sendable, CaseIterable {
        /// The source is over the bound on its length.
        case templateTooLarge
        /// The source is not Jinja.
        case syntax
        /// `{% name %}` with a name that no part of Jinja defines.
        case unknownTag
        /// A statement that would read other templates: `include`, `import`, `from`, `extends`, `block`.
        case refusedTag
        /// `x | name` with a filter that does not exist here.
        case unknownFilter
        /// `x is name` with a test that does not exist here.
        case unknownTest
        /// Expressions, blocks, macro calls or values nested deeper than the limit.
        case tooDeep
        /// More steps, more output or a longer range than the limits allow.
        case budgetExceeded
        /// A value that is not there was used as if it were.
        case undefinedValue
        /// An operator, filter or method met a value of a type that it cannot take.
        case wrongType
        /// An argument is missing, superfluous or out of its domain.
        case wrongArgument
        /// The template called `raise_exception`; the explanation is the template's own text.
        case raisedByTemplate
        /// A variable with a name that the renderer sets itself.
        case reservedVariable
        /// A text that should be JSON is not.
        case invalidJSON
    }

    /// Where in the template's source, both counted from 1; the column counts Unicode scalars.
    public struct Position: Sendable, Hashable {
        /// The line, from 1.
        public let line: Int
        /// The scalar in its line, from 1.
        public let column: Int
    }

    /// What kind of failure this is.
    public var kind: Kind { storage.kind }

    /// What went wrong, without the place; for `raisedByTemplate` exactly the template's text.
    public var explanation: String { storage.explanation }

    /// The place in the template, where there is one.
    public var position: Position? { storage.position }

    // One pointer: the evaluator recurses, and every call that may throw keeps room for
    // the error on the stack.
    private let storage: Storage

    private final class Storage: Sendable {
        let kind: Kind
        let explanation: String
        let position: Position?

        init(_ kind: Kind, _ explanation: String, _ position: Position?) {
            self.kind = kind
            self.explanation = explanation
            self.position = position
        }
    }

    init(_ kind: Kind, _ explanation: String, at position: Position? = nil) {
        storage = Storage(kind, explanation, position)
    }

    /// Equal kinds, words and places.
    public static func == (left: ChatTemplateError, right: ChatTemplateError) -> Bool {
        left.kind == right.kind && left.explanation == right.explanation && left.position == right.position
    }

    /// A stable name for scripts, for example `raisedByTemplate`.
    public var code: String { kind.rawValue }

    /// The place and the explanation.
    public var message: String {
        let place = position.map { "chat template, line \($0.line), column \($0.column): " }
        guard kind == .raisedByTemplate else { return (place ?? "") + explanation }
        return (place ?? "") + "the template refuses this conversation: " + explanation
    }

    /// What to change.
    public var remedy: String? {
        switch kind {
        case .raisedByTemplate:
            "change the messages to what the template asks for; one that knows no system turn wants none (--system)"
        case .reservedVariable: "pass it as an argument of render, not as a variable"
        case .templateTooLarge, .budgetExceeded, .tooDeep:
            "use the template of the model's maker; this one asks for more than a chat template needs"
        case .refusedTag: "inline what the template would read from another file"
        case .syntax, .unknownTag, .unknownFilter, .unknownTest:
            "ask with --raw, which takes the text as it is, or correct the template in the model's file"
        case .undefinedValue, .wrongType, .wrongArgument:
            "check that the messages have the fields that this template reads"
        case .invalidJSON: nil
        }
    }
}
