/// Arrays by key and element type, under the rules of the single values.
extension GGUFMetadata {
    /// An array of any element type, not copied.
    public func array(_ key: String) throws(GGUFError) -> GGUFArray {
        try required(key, "an array", try arrayIfPresent(key))
    }

    /// An array of any element type, not copied, or nil.
    public func arrayIfPresent(_ key: String) throws(GGUFError) -> GGUFArray? {
        guard let value = self[key] else { return nil }
        guard case .array(let array) = value else { throw wrongType(key, value, "an array") }
        return array
    }

    /// An array of texts; for a vocabulary take `array` and `forEachString`.
    public func stringArray(_ key: String) throws(GGUFError) -> [String] {
        try required(key, "an array of strings", try stringArrayIfPresent(key))
    }

    /// An array of texts, or nil.
    public func stringArrayIfPresent(_ key: String) throws(GGUFError) -> [String]? {
        try elements(key, "an array of strings") { $0.strings() }
    }

    /// An array of whole numbers of any width.
    public func integerArray(_ key: String) throws(GGUFError) -> [Int] {
        try required(key, "an array of whole numbers", try integerArrayIfPresent(key))
    }

    /// An array of whole numbers of any width, or nil.
    public func integerArrayIfPresent(_ key: String) throws(GGUFError) -> [Int]? {
        try elements(key, "an array of whole numbers") { $0.integers() }
    }

    /// An array of floating-point numbers.
    public func floatArray(_ key: String) throws(GGUFError) -> [Float] {
        try required(key, "an array of floating-point numbers", try floatArrayIfPresent(key))
    }

    /// An array of floating-point numbers, or nil.
    public func floatArrayIfPresent(_ key: String) throws(GGUFError) -> [Float]? {
        try elements(key, "an array of floating-point numbers") { $0.floats() }
    }

    private func elements<Value>(
        _ key: String, _ allowed: String, _ read: (GGUFArray) -> [Value]?
    ) throws(GGUFError) -> [Value]? {
        guard let value = self[key] else { return nil }
        guard case .array(let array) = value, let values = read(array) else {
            throw wrongType(key, value, allowed)
        }
        return values
    }
}
