/// `config.json` of a checkpoint, and whatever else is read like it: fields by key,
/// checked for type and range.
///
/// A field that is null counts as absent, as in transformers. Where a model of text is a part of a larger
/// one, its own fields (`text_config`) come first and the outer ones after them.
struct ConfigurationFile: Sendable {
    let path: String
    /// What is looked up, in this order.
    let scopes: [JSONNode]
    /// Where each scope is in the file, for messages.
    private let prefixes: [String]

    init(path: String) throws(ConversionError) {
        let root = try JSONDocument(path: path).root
        guard root.isObject else {
            throw ConversionError(
                .wrongFieldType, path: path, field: "file", found: root.excerpt, allowed: "an object")
        }
        self.init(
            path: path,
            scopes: [root["text_config"].flatMap { $0.isObject ? $0 : nil }, root].compactMap { $0 })
    }

    init(path: String, scopes: [JSONNode], prefix: String = "") {
        self.init(path: path, scopes: scopes, prefixes: scopes.map { _ in prefix })
    }

    private init(path: String, scopes: [JSONNode], prefixes: [String]) {
        self.path = path
        self.scopes = scopes
        self.prefixes = prefixes
    }

    /// The fields of both, these first.
    func before(_ other: ConfigurationFile) -> ConfigurationFile {
        ConfigurationFile(
            path: path, scopes: scopes + other.scopes, prefixes: prefixes + other.prefixes)
    }

    /// Whether there are no fields.
    var isEmpty: Bool { scopes.allSatisfy { $0.members.isEmpty } }

    /// The value of the first of some keys that is there and not null.
    func node(_ keys: [String]) -> (key: String, value: JSONNode)? {
        for (scope, prefix) in zip(scopes, prefixes) {
            for key in keys {
                if let value = scope.value(key) { return (prefix + key, value) }
            }
        }
        return nil
    }

    /// An object in the file, read under the same rules.
    func object(_ keys: String...) throws(ConversionError) -> ConfigurationFile? {
        guard let (key, value) = node(keys) else { return nil }
        guard value.isObject else { throw wrongType(key, value, "an object") }
        return ConfigurationFile(path: path, scopes: [value], prefix: key + ".")
    }

    /// A whole number in a range, or nil.
    func integerIfPresent(
        _ keys: [String], in range: ClosedRange<Int>
    ) throws(ConversionError) -> Int? {
        guard let (key, value) = node(keys) else { return nil }
        guard value.kind == .number else { throw wrongType(key, value, "a whole number") }
        guard let integer = value.integer, range.contains(integer) else {
            throw ConversionError(
                .fieldOutOfRange, path: path, field: key, found: value.excerpt,
                allowed: "\(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    /// A whole number in a range.
    func integer(
        _ keys: String..., in range: ClosedRange<Int>, default fallback: Int? = nil
    ) throws(ConversionError) -> Int {
        guard let found = try integerIfPresent(keys, in: range) ?? fallback else { throw missing(keys) }
        return found
    }

    /// A finite number above a bound, or nil.
    func numberIfPresent(_ keys: String..., above bound: Double = 0) throws(ConversionError) -> Double? {
        guard let (key, value) = node(keys) else { return nil }
        guard let number = value.number else { throw wrongType(key, value, "a number") }
        // What a float32 rounds to infinity is as bad as infinity: the keys of GGUF are float32.
        guard number.isFinite, number > bound, Float(number).isFinite, bound < 0 || Float(number) > 0 else {
            throw ConversionError(
                .fieldOutOfRange, path: path, field: key, found: value.excerpt,
                allowed: "a number above \(bound)")
        }
        return number
    }

    /// A finite number above 0.
    func number(_ keys: String..., default fallback: Double? = nil) throws(ConversionError) -> Double {
        for key in keys {
            if let found = try numberIfPresent(key) { return found }
        }
        guard let fallback else { throw missing(keys) }
        return fallback
    }

    /// A truth value.
    func boolean(_ key: String, default fallback: Bool) throws(ConversionError) -> Bool {
        guard let (key, value) = node([key]) else { return fallback }
        guard let boolean = value.boolean else { throw wrongType(key, value, "true or false") }
        return boolean
    }

    /// A text, or nil.
    func string(_ keys: String...) throws(ConversionError) -> String? {
        guard let (key, value) = node(keys) else { return nil }
        guard let string = value.string else { throw wrongType(key, value, "a text") }
        return string
    }

    /// A list of finite numbers above 0, or nil.
    func numbers(_ key: String) throws(ConversionError) -> [Float]? {
        guard let (key, value) = node([key]) else { return nil }
        guard value.isArray else { throw wrongType(key, value, "a list of numbers") }
        var numbers: [Float] = []
        for element in value.elements {
            guard let number = element.number.map({ Float($0) }), number.isFinite, number > 0 else {
                throw ConversionError(
                    .fieldOutOfRange, path: path, field: key, found: element.excerpt,
                    allowed: "numbers above 0")
            }
            numbers.append(number)
        }
        return numbers
    }

    // MARK: - Errors

    func missing(_ keys: [String]) -> ConversionError {
        ConversionError(
            .missingField, path: path, field: (prefixes.first ?? "") + (keys.first ?? ""), found: "nothing",
            allowed: "a value")
    }

    func wrongType(_ key: String, _ value: JSONNode, _ allowed: String) -> ConversionError {
        ConversionError(.wrongFieldType, path: path, field: key, found: value.excerpt, allowed: allowed)
    }

    /// The refusal of something that would not be computed as the model's makers compute it.
    func unsupported(_ key: String, found: String? = nil, allowed: String) -> ConversionError {
        let node = node([key])
        return ConversionError(
            .unsupportedFeature, path: path, field: node?.key ?? (prefixes.first ?? "") + key,
            found: found ?? node?.value.excerpt ?? "nothing", allowed: allowed)
    }

    /// Refuses a switch that is on.
    func require(_ key: String, is expected: Bool) throws(ConversionError) {
        guard try boolean(key, default: expected) == expected else {
            throw unsupported(key, allowed: "\(expected)")
        }
    }
}
