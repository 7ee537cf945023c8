extension Value {
    /// The integer, with booleans as 0 and 1, as Python has them.
    var wholeNumber: Int? {
        switch self {
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        default: nil
        }
    }

    /// Any number as float64.
    var number: Double? {
        switch self {
        case .float(let value): value
        default: wholeNumber.map(Double.init)
        }
    }
}

/// Python's way of writing a float64: the shortest digits that read back, with an exponent
/// below 1e-4 and from 1e16 on.
func pythonText(of value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let text = value.description
    guard abs(value) >= 1e16, !text.contains("e") else { return text }
    // Swift writes the digits out up to 2^54
    let sign = value < 0 ? "-" : ""
    let digits = text.drop { $0 == "-" }.prefix { $0 != "." }
    let mantissa = digits.reversed().drop { $0 == "0" }.reversed().map(String.init).joined()
    let head = mantissa.prefix(1)
    let tail = mantissa.dropFirst()
    return "\(sign)\(head)\(tail.isEmpty ? "" : ".\(tail)")e+\(digits.count - 1)"
}
