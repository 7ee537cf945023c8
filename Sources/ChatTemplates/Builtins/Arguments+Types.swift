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

    func string(_ value: Value, _ what: String) throws(ChatTemplateError) -> Text {
        if case .string(let text) = value { return text }
        try requireDefined(value)
        throw error(.wrongType, "\(what) must be a string, not \(value.typeName)")
    }

    /// `nil` where the argument is absent or `none`.
    func optionalString(_ value: Value?, _ what: String) throws(ChatTemplateError) -> Text? {
        guard let value else { return nil }
        if case .none = value { return nil }
        return try string(value, what)
    }
}
