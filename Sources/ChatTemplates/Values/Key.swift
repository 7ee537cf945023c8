/// A dictionary key: what Python can hash, but tuples.
enum Key {
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case string(Text)

    /// `nil` where the value cannot be a key.
    init?(_ value: Value) {
        switch value {
        case .none: self = .none
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .float(let value): self = .float(value)
        case .string(let value): self = .string(value)
        case .undefined, .list, .dictionary, .namespace, .macro, .function, .loop: return nil
        }
    }

    var value: Value {
        switch self {
        case .none: .none
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .float(let value): .float(value)
        case .string(let value): .string(value)
        }
    }

    /// What hashing and comparing it may cost, in steps.
    var searchSteps: Int {
        if case .string(let text) = self { return text.bytes.count / 64 }
        return 0
    }

    /// A number as Python compares and hashes it: `True`, `1` and `1.0` are one key.
    private enum Number: Hashable {
        case integer(Int)
        /// The bits of a float that is no such integer. All NaN are one key, as one object is in Python: were
        /// each a key of its own, looking one up would take as long as there are many.
        case float(UInt64)
    }

    private var number: Number? {
        switch self {
        case .boolean(let value): .integer(value ? 1 : 0)
        case .integer(let value): .integer(value)
        case .float(let value):
            Int(exactly: value).map { .integer($0) }
                ?? .float((value.isNaN ? Double.nan : value).bitPattern)
        case .none, .string: nil
        }
    }
}

extension Key: Hashable {
    static func == (left: Key, right: Key) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left == right
        case (.string, _), (_, .string): false
        default: left.number == right.number
        }
    }

    func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hasher.combine(text)
        case .none: hasher.combine(0 as UInt8)
        default: hasher.combine(number)
        }
    }
}

extension Key: ExpressibleByStringLiteral {
    init(stringLiteral value: String) { self = .string(Text(value)) }
}
