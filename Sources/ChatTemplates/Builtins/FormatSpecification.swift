import Foundation

/// What stands after the `%` or the `:` of a format: `[[fill]align][sign][#][0][width][,][.precision][type]`.
struct FormatSpecification: Equatable {
    var fill: Unicode.Scalar = " "
    /// `<`, `>`, `^` or `=`; `nil` for the type's own.
    var alignment: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var width = 0
    var groupsThousands = false
    var precision: Int?
    var type: Unicode.Scalar?
    /// Whether any of it came from outside the template; then so does all that it adds to a text.
    var isInput = false

    /// A width or a precision of more digits than this is refused.
    static let longestNumber = 4

    /// Reads the specification of `str.format`; `nil` where it is not one.
    init?(_ text: Text) {
        isInput = text.touchesInput
        var scalars = Array(text.string.unicodeScalars)[...]
        let alignments: Set<Unicode.Scalar> = ["<", ">", "^", "="]
        if scalars.count > 1, alignments.contains(scalars[1]) {
            fill = scalars[0]
            alignment = scalars[1]
            scalars = scalars.dropFirst(2)
        } else if let first = scalars.first, alignments.contains(first) {
            alignment = scalars.removeFirst()
        }
        if let first = scalars.first, first == "+" || first == "-" || first == " " {
            sign = scalars.removeFirst()
        }
        if scalars.first == "#" {
            isAlternate = true
            scalars.removeFirst()
        }
        if scalars.first == "0" {
            scalars.removeFirst()
            if alignment == nil { (fill, alignment) = ("0", "=") }
        }
        guard let width = Self.number(&scalars) else { return nil }
        self.width = width
        if scalars.first == "," {
            groupsThousands = true
            scalars.removeFirst()
        }
        if scalars.first == "." {
            scalars.removeFirst()
            guard scalars.first.map({ ("0"..."9").contains($0) }) == true else { return nil }
            precision = Self.number(&scalars)
            if precision == nil { return nil }
        }
        type = scalars.popFirst()
        if !scalars.isEmpty { return nil }
    }

    /// A plain specification, to be filled in.
    init() {}

    /// At most how many bytes are made that the value does not have: digits behind the point, and what fills the width.
    var longestFill: Int { width + (precision ?? 0) }

    /// The digits at the front as a number, 0 without any; `nil` where there are too many.
    static func number(_ scalars: inout ArraySlice<Unicode.Scalar>) -> Int? {
        var value = 0
        var count = 0
        while let first = scalars.first, ("0"..."9").contains(first) {
            value = value * 10 + Int(first.value - 48)
            count += 1
            if count > longestNumber { return nil }
            scalars.removeFirst()
        }
        return value
    }

    /// The number in the form of the type; `nil` where the type does not fit it.
    func digits(of value: Value) -> String? {
        if let whole = value.wholeNumber, let text = digits(of: whole) { return text }
        guard let number = value.number else { return nil }
        let places = precision ?? 6
        let size = abs(number)
        let digits: String
        switch type {
        case "f", "F": digits = String(format: "%.\(places)f", size)
        case "e": digits = String(format: "%.\(places)e", size)
        case "E": digits = String(format: "%.\(places)E", size)
        case "g": digits = String(format: "%.\(places)g", size)
        case "%": digits = String(format: "%.\(places)f", size * 100) + "%"
        case nil:
            digits = precision.map { String(format: "%.\($0)g", size) } ?? pythonText(of: size)
        default: return nil
        }
        return signText(isNegative: number.sign == .minus) + grouped(digits)
    }

    private func digits(of whole: Int) -> String? {
        let radix: (Int, String)
        switch type {
        case nil, "d", "i", "u": radix = (10, "")
        case "x", "X": radix = (16, "0x")
        case "o": radix = (8, "0o")
        case "b": radix = (2, "0b")
        default: return nil
        }
        let digits = String(whole.magnitude, radix: radix.0, uppercase: type == "X")
        return signText(isNegative: whole < 0) + (isAlternate ? radix.1 : "") + grouped(digits)
    }

    private func signText(isNegative: Bool) -> String {
        isNegative ? "-" : sign == "-" ? "" : String(sign)
    }

    private func grouped(_ digits: String) -> String {
        guard groupsThousands else { return digits }
        let whole = digits.prefix { $0.isNumber }
        let count = whole.count
        var result = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result + digits.dropFirst(count)
    }

    /// The digits, filled up to the width.
    func padded(digits: String) -> Text {
        padded(isInput ? Text(input: digits) : Text(digits), isNumber: true)
    }

    /// The text, filled up to the width.
    func padded(_ text: Text, isNumber: Bool) -> Text {
        let missing = width - text.scalarCount
        guard missing > 0 else { return text }
        let alignment = alignment ?? (isNumber ? ">" : "<")
        let left =
            switch alignment {
            case "<": 0
            case "^": missing / 2
            default: missing
            }
        var builder = TextBuilder()
        var rest = text
        if alignment == "=", let first = text.bytes.first,
            first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        {
            builder.append(text, 0..<1)
            rest = text[1..<text.bytes.count]
        }
        for _ in 0..<left { builder.append(fill, isInput: isInput) }
        builder.append(rest)
        for _ in 0..<missing - left { builder.append(fill, isInput: isInput) }
        return builder.finished()
    }
}
