/// A value that goes into a template from outside: the shape of JSON, with the order of members kept.
public indirect enum TemplateValue: Sendable, Equatable {
    /// `none` in the template.
    case null
    /// A truth value.
    case boolean(Bool)
    /// A whole number of 64 bits.
    case integer(Int)
    /// A number with a fraction or an exponent.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([TemplateValue])
    /// A dictionary; of members with the same name the last one counts.
    case object([Member])

    /// A member of an object.
    public struct Member: Sendable, Equatable {
        /// The name.
        public var name: String
        /// The value.
        public var value: TemplateValue

        /// A member of an object.
        public init(name: String, value: TemplateValue) {
            self.name = name
            self.value = value
        }
    }

    /// The member of that name, if this is an object that has one.
    public subscript(name: String) -> TemplateValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }
}

extension TemplateValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// `nil` is null.
    public init(nilLiteral: ()) { self = .null }
    /// `true` and `false`.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A list.
    public init(arrayLiteral elements: TemplateValue...) { self = .array(elements) }
    /// An object with its members in the order of writing.
    public init(dictionaryLiteral elements: (String, TemplateValue)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
}
