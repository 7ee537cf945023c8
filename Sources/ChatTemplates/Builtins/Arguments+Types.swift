/// Arguments as the types that a function needs.
extension Interpreter {
    func integer(_ value: Value, _ what: String) throws(ChatTemplateError) -> Int {
        if let whole = value.wholeNumber { return whole }
        try requireDefined(value)
        throw error(.wrongType, "\(what) must be an integer, not \(value.typeName)")
    }

    func integer(_ value: Value?, _ what: String, otherwise: Int) throws(ChatTemplateError) -> Int {
        guard let value else { return otherwise }
        return try integer(value, what)
    }

    /// A text that is going to be read: its length is counted here, so that no function has to think of it.
    func string(_ value: Value, _ what: String) throws(ChatTemplateError) -> Text {
        if case .string(let text) = value { return try counted(text) }
        try requireDefined(value)
        throw error(.wrongType, "\(what) must be a string, not \(value.typeName)")
    }

    /// What the value prints as, counted like an argument that has to be a string.
    func countedText(of value: Value) throws(ChatTemplateError) -> Text {
        try counted(try text(of: value))
    }

    private func counted(_ text: Text) throws(ChatTemplateError) -> Text {
        try charge(bytes: text.bytes.count)
        return text
    }

    /// `nil` where the argument is absent or `none`.
    func optionalString(_ value: Value?, _ what: String) throws(ChatTemplateError) -> Text? {
        guard let value else { return nil }
        if case .none = value { return nil }
        return try string(value, what)
    }
}
