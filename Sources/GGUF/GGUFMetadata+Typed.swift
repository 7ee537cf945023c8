/// Values by key and type. `string("k")` must be there; `stringIfPresent("k")` is nil when it is absent.
/// Both throw `wrongType` where the value is of another type.
extension GGUFMetadata {
    /// A text; throws `missingKey`, `wrongType`, or `badText` where it is not UTF-8.
    public func string(_ key: String) throws(GGUFError) -> String {
        try required(key, "a string", try stringIfPresent(key))
    }

    /// A text, or nil.
    public func stringIfPresent(_ key: String) throws(GGUFError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let string) = value else { throw wrongType(key, value, "a string") }
        guard let text = string.text else {
            throw GGUFError(.badText, path: path, field: key, found: "\(string)", allowed: "UTF-8")
        }
        return text
    }

    /// A whole number of any width; throws `outOfRange` beyond `Int`.
    public func integer(_ key: String) throws(GGUFError) -> Int {
        try required(key, "a whole number", try integerIfPresent(key))
    }

    /// A whole number of any width, or nil.
    public func integerIfPresent(_ key: String) throws(GGUFError) -> Int? {
        guard let value = self[key] else { return nil }
        guard value.type.isInteger else { throw wrongType(key, value, "a whole number") }
        guard let integer = value.integer else {
            throw GGUFError(
                .outOfRange, path: path, field: key, found: "\(value)", allowed: "at most \(Int.max)")
        }
        return integer
    }

    /// A number of any type; it may be infinite or not a number.
    public func number(_ key: String) throws(GGUFError) -> Double {
        try required(key, "a number", try numberIfPresent(key))
    }

    /// A number of any type, or nil.
    public func numberIfPresent(_ key: String) throws(GGUFError) -> Double? {
        guard let value = self[key] else { return nil }
        guard let number = value.number else { throw wrongType(key, value, "a number") }
        return number
    }

    /// A truth value.
    public func boolean(_ key: String) throws(GGUFError) -> Bool {
        try required(key, "a bool", try booleanIfPresent(key))
    }

    /// A truth value, or nil.
    public func booleanIfPresent(_ key: String) throws(GGUFError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .bool(let boolean) = value else { throw wrongType(key, value, "a bool") }
        return boolean
    }

    func required<Value>(_ key: String, _ allowed: String, _ value: Value?) throws(GGUFError) -> Value {
        guard let value else {
            throw GGUFError(.missingKey, path: path, field: key, found: "no such key", allowed: allowed)
        }
        return value
    }

    func wrongType(_ key: String, _ value: GGUFValue, _ allowed: String) -> GGUFError {
        var found = "\(value.type)"
        if case .array(let array) = value { found = "array of \(array.elementType)" }
        return GGUFError(.wrongType, path: path, field: key, found: found, allowed: allowed)
    }
}
