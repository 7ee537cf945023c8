/// The methods of Python's strings, lists and dictionaries that templates call.
enum Method: String, Sendable, CaseIterable {
    case strip, lstrip, rstrip, split, rsplit, splitlines, partition, rpartition
    case startswith, endswith, removeprefix, removesuffix, replace, find, rfind, index, rindex, count
    case upper, lower, casefold, title, capitalize, swapcase, format, join
    case isdigit, isdecimal, isnumeric, isalpha, isalnum, isspace, isupper, islower
    case zfill, ljust, rjust, center
    case append, extend, insert, remove, reverse, sort
    case items, keys, values, get, setdefault, update, popitem
    case pop, copy, clear

    /// Whether a value of this type has the method.
    func belongs(to value: Value) -> Bool {
        switch value {
        case .string: isOfStrings
        case .list(let box): box.isTuple ? self == .index || self == .count : isOfLists
        case .dictionary: isOfDictionaries
        default: false
        }
    }

    private var isOfStrings: Bool {
        switch self {
        case .append, .extend, .insert, .remove, .reverse, .sort, .pop, .copy, .clear: false
        default: !isOfDictionaries
        }
    }

    private var isOfLists: Bool {
        switch self {
        case .append, .extend, .insert, .remove, .reverse, .sort, .index, .count, .pop, .copy, .clear: true
        default: false
        }
    }

    private var isOfDictionaries: Bool {
        switch self {
        case .items, .keys, .values, .get, .setdefault, .update, .popitem, .pop, .copy, .clear: true
        default: false
        }
    }
}

extension Interpreter {
    func call(
        _ method: Method, of receiver: Value, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        switch receiver {
        case .string(let text):
            try charge(bytes: text.bytes.count)
            return try call(method, of: text, arguments)
        case .list(let box): return try call(method, of: box, arguments)
        case .dictionary(let box): return try call(method, of: box, arguments)
        default: throw error(.wrongType, "\(receiver.typeName) has no methods")
        }
    }
}
