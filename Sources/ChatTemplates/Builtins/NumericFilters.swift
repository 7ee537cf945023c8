import Foundation

/// `abs`, `int`, `float` and `round`.
extension Interpreter {
    func applyNumeric(
        _ filter: Filter, _ value: Value, _ arguments: CallArguments
    ) throws(ChatTemplateError) -> Value {
        try requireDefined(value)
        switch filter {
        case .int: return try int(value, arguments)
        case .float:
            let fallback = try arguments.bind(["default"], of: "float", self)[0]
            return try number(value).map { .float($0) } ?? fallback ?? .float(0)
        case .round: return try round(value, arguments)
        default:
            try expectNone(arguments, filter)
            if let whole = value.wholeNumber {
                return whole < 0 ? try apply(.minus, to: value) : .integer(whole)
            }
            guard case .float(let number) = value else {
                throw error(.wrongType, "abs needs a number, not \(value.typeName)")
            }
            return .float(Swift.abs(number))
        }
    }

    /// A number, or the one that a string spells.
    private func number(_ value: Value) throws(ChatTemplateError) -> Double? {
        guard case .string = value else { return value.number }
        let text = try countedText(of: value).trimmed().string
        // Swift would read a hexadecimal number too, Python does not
        guard !text.lowercased().contains("x") else { return nil }
        return Self.withoutUnderscores(text) { $0.isNumber }.flatMap { Double($0) }
    }

    /// The text without underscores, which Python takes between two digits; `nil` where one stands elsewhere.
    private static func withoutUnderscores(_ text: String, isDigit: (Character) -> Bool) -> String? {
        let groups = text.split(separator: "_", omittingEmptySubsequences: false)
        let standBetweenDigits = zip(groups, groups.dropFirst()).allSatisfy { left, right in
            (left.last.map(isDigit) ?? false) && (right.first.map(isDigit) ?? false)
        }
        return standBetweenDigits ? groups.joined(separator: "") : nil
    }

    private func int(_ value: Value, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["default", "base"], of: "int", self)
        let base = try integer(values[1], "the base", otherwise: 10)
        guard base == 0 || (2...36).contains(base) else { throw error(.wrongArgument, "the base is 2 to 36") }
        if let whole = value.wholeNumber { return .integer(whole) }
        if case .string = value,
            let whole = Self.whole(try countedText(of: value).trimmed().string, base: base)
        {
            return .integer(whole)
        }
        if let number = try number(value), let whole = Int(exactly: number.rounded(.towardZero)) {
            return .integer(whole)
        }
        return values[0] ?? .integer(0)
    }

    /// The integer that a text spells; a prefix such as `0x` may stand where it says the base.
    private static func whole(_ text: String, base: Int) -> Int? {
        var digits = text.lowercased()
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        var base = base
        for (prefix, prefixBase) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            guard base == prefixBase || base == 0 else { continue }
            base = prefixBase
            digits.removeFirst(2)
            if digits.hasPrefix("_") { digits.removeFirst() }
        }
        guard digits.first != "-", digits.first != "+",
            let plain = withoutUnderscores(digits, isDigit: { $0.isLetter || $0.isNumber })
        else { return nil }
        return Int((isNegative ? "-" : "") + plain, radix: base == 0 ? 10 : base)
    }

    private func round(_ value: Value, _ arguments: CallArguments) throws(ChatTemplateError) -> Value {
        let values = try arguments.bind(["precision", "method"], of: "round", self)
        let precision = try integer(values[0], "the precision", otherwise: 0)
        let method = try optionalString(values[1], "the method") ?? "common"
        guard let number = value.number else {
            throw error(.wrongType, "round needs a number, not \(value.typeName)")
        }
        guard ["common", "ceil", "floor"].contains(method.string) else {
            throw error(.wrongArgument, "the method of round is 'common', 'ceil' or 'floor'")
        }
        if method == "common" {
            // to the nearest, ties to even in the decimal digits, as Python has it
            if let whole = value.wholeNumber, precision >= 0 { return .integer(whole) }
            guard precision > 0, precision < 20, number.isFinite else {
                let scale = Foundation.pow(10, Double(Swift.max(-300, Swift.min(0, precision))))
                if precision >= 20 || !number.isFinite { return .float(number) }
                let rounded = (number * scale).rounded(.toNearestOrEven) / scale
                return value.wholeNumber == nil
                    ? .float(rounded) : Int(exactly: rounded).map { .integer($0) } ?? .float(rounded)
            }
            return .float(Double(String(format: "%.\(precision)f", number)) ?? number)
        }
        let scale = Foundation.pow(10, Double(Swift.max(-300, Swift.min(300, precision))))
        return .float((number * scale).rounded(method == "ceil" ? .up : .down) / scale)
    }
}
