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
        var hasFill = false
        if scalars.count > 1, alignments.contains(scalars[1]) {
            hasFill = true
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
            // where the fill was given, this is a digit of the width
            if !hasFill { fill = "0" }
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

    /// At most how many bytes are made that the value does not have: digits behind the
    /// point, and what fills the width.
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
        case nil: digits = precision.map { Self.general(size, $0) } ?? pythonText(of: size)
        default: return nil
        }
        let sign = signText(isNegative: number.sign == .minus)
        return sign + grouped(digits, behind: sign.count)
    }

    /// As `g`, but with a point or an exponent always in it: what Python writes where a
    /// precision has no type.
    private static func general(_ size: Double, _ precision: Int) -> String {
        let places = max(1, precision)
        let digits = String(format: "%.\(places)g", size)
        guard size.isFinite, digits.allSatisfy(\.isNumber) else { return digits }
        if digits.count < places { return digits + ".0" }
        // No digit is left for behind the point.
        let parts = String(format: "%.\(places - 1)e", size).split(separator: "e")
        var mantissa = parts[0]
        if mantissa.contains(".") {
            while mantissa.last == "0" { mantissa.removeLast() }
            if mantissa.last == "." { mantissa.removeLast() }
        }
        return "\(mantissa)e\(parts[1])"
    }

    private func digits(of whole: Int) -> String? {
        let radix: (Int, String)
        switch type {
        case nil, "d", "i", "u": radix = (10, "")
        case "x": radix = (16, "0x")
        case "X": radix = (16, "0X")
        case "o": radix = (8, "0o")
        case "b": radix = (2, "0b")
        default: return nil
        }
        let digits = String(whole.magnitude, radix: radix.0, uppercase: type == "X")
        let head = signText(isNegative: whole < 0) + (isAlternate ? radix.1 : "")
        return head + grouped(digits, behind: head.count)
    }

    private func signText(isNegative: Bool) -> String {
        isNegative ? "-" : sign == "-" ? "" : String(sign)
    }

    /// The digits before the point in groups of three, with the zeros that fill the width
    /// behind what stands before them.
    private func grouped(_ digits: String, behind head: Int) -> String {
        let given = digits.prefix { $0.isNumber }
        guard groupsThousands, !given.isEmpty else { return digits }
        let rest = digits.dropFirst(given.count)
        var count = given.count
        if fill == "0", numberAlignment == "=" {
            // Three digits take four places, and no comma comes first.
            let room = max(1, width - head - rest.count)
            count = max(count, room - (room - 1) / 4)
        }
        var result = ""
        for (index, digit) in (String(repeating: "0", count: count - given.count) + given).enumerated() {
            if index > 0, (count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result + rest
    }

    /// The digits, filled up to the width.
    func padded(digits: String) -> Text {
        padded(isInput ? Text(input: digits) : Text(digits), isNumber: true)
    }

    /// The text, filled up to the width.
    func padded(_ text: Text, isNumber: Bool) -> Text {
        let missing = width - text.scalarCount
        guard missing > 0 else { return text }
        let alignment = isNumber ? numberAlignment : alignment ?? "<"
        let left =
            switch alignment {
            case "<": 0
            case "^": missing / 2
            default: missing
            }
        var builder = TextBuilder()
        var rest = text
        if alignment == "=" {
            let head = headCount(of: text)
            builder.append(text, 0..<head)
            rest = text[head..<text.bytes.count]
        }
        for _ in 0..<left { builder.append(fill, isInput: isInput) }
        builder.append(rest)
        for _ in 0..<missing - left { builder.append(fill, isInput: isInput) }
        return builder.finished()
    }

    /// Where the zeros stand that are asked for by a `0` before the width: behind the sign.
    private var numberAlignment: Unicode.Scalar { alignment ?? (fill == "0" ? "=" : ">") }

    /// How many bytes of a number its sign and its prefix are.
    private func headCount(of text: Text) -> Int {
        let sign = text.bytes.first.map { "+- ".utf8.contains($0) } == true ? 1 : 0
        let prefix = text.bytes[sign...].prefix(2)
        let hasPrefix =
            isAlternate && prefix.first == UInt8(ascii: "0")
            && prefix.last.map { "xXob".utf8.contains($0) } == true
        return sign + (hasPrefix ? 2 : 0)
    }
}
