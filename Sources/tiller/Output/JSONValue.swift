import Terms

/// What a command prints under `--json`: keys in the order in which they are written, numbers
/// that are not finite as null.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    /// A float32, printed with as many digits as a float32 has.
    case single(Float)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One key with its value.
    struct Member: Sendable, Equatable {
        var key: String
        var value: JSONValue
    }
}

extension JSONValue {
    /// A value, or null where there is none.
    static func optional<Value>(_ value: Value?, _ wrap: (Value) -> JSONValue) -> JSONValue {
        value.map(wrap) ?? .null
    }

    /// A text, or null where there is none.
    static func string(_ value: String?) -> JSONValue { optional(value, JSONValue.string) }

    /// Token numbers.
    static func ids(_ ids: [TokenID]) -> JSONValue { .array(ids.map { .integer($0.index) }) }

    /// Layer numbers.
    static func layers(_ layers: some Sequence<LayerIndex>) -> JSONValue {
        .array(layers.map { .integer($0.rawValue) })
    }

    /// Adds a key at the end; only objects have keys.
    mutating func append(_ key: String, _ value: JSONValue) {
        guard case .object(var members) = self else { return }
        members.append(Member(key: key, value: value))
        self = .object(members)
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// An object whose keys keep the order of the literal.
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map(Member.init))
    }

    /// An array.
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// A text.
    init(stringLiteral value: String) { self = .string(value) }

    /// A whole number.
    init(integerLiteral value: Int) { self = .integer(value) }

    /// True or false.
    init(booleanLiteral value: Bool) { self = .bool(value) }

    /// Null.
    init(nilLiteral: ()) { self = .null }
}

extension JSONValue {
    /// The value as JSON text on one line.
    var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .single(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += ", " }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += ", " }
                Self.write(member.key, to: &text)
                text += ": "
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // JSON asks for the first 32 alone; the others would steer a terminal too.
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
