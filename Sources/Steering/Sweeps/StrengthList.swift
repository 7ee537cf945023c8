import Foundation

/// The strengths of a sweep, as a user writes them: `-1:1:0.25` for a range with its step, or `0,2,5`.
public struct StrengthList: Sendable, Equatable {
    /// More runs than anyone waits for; a step that was meant otherwise.
    public static let greatestCount = 10_000

    /// The strengths in the order of writing; finite, at least one.
    public let values: [Double]

    /// Reads the text; `:` and `,` may be mixed, and a decimal point is a point in every locale.
    ///
    /// A range counts from its first value by its step and includes its last value when the steps reach it,
    /// to within a millionth of a step. The step's sign is that of the direction: `1:-1:-0.5`, and
    /// `1:-1:0.5` means the same.
    public init(_ text: String) throws(SteeringError) {
        var values: [Double] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let numbers = part.split(separator: ":", omittingEmptySubsequences: false)
            switch numbers.count {
            case 1:
                values.append(try Self.number(numbers[0], in: text))
            case 3:
                values += try Self.range(
                    from: Self.number(numbers[0], in: text), to: Self.number(numbers[1], in: text),
                    by: Self.number(numbers[2], in: text), text: text)
            default:
                throw SteeringError(
                    .invalidStrengthList, "strengths \"\(text)\": expected FROM:TO:STEP, found \"\(part)\"",
                    remedy: "write a range with its step, -1:1:0.25, or a list, 0,2,5")
            }
            guard values.count <= Self.greatestCount else { throw Self.tooMany(text) }
        }
        self.values = values
    }

    /// One strength.
    public static func strength(_ text: String) throws(SteeringError) -> Double {
        guard let value = number(text) else {
            throw SteeringError(
                .invalidStrengthList, "the strength \"\(text)\" is not a number",
                remedy: "write a number, such as 0.5 with a decimal point, or auto")
        }
        return try finite(value, "strength \"\(text)\"")
    }

    private static func number(_ text: some StringProtocol) -> Double? {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        return trimmed.lowercased().hasPrefix("0x") ? nil : Double(trimmed)
    }

    private static func number(_ part: Substring, in text: String) throws(SteeringError) -> Double {
        guard let value = number(part) else {
            throw SteeringError(
                .invalidStrengthList,
                "strengths \"\(text)\": \"\(part.trimmingCharacters(in: .whitespaces))\" is not a number",
                remedy: "write a range with its step, -1:1:0.25, or a list, 0,2,5; decimals take a point")
        }
        return try finite(value, "strengths \"\(text)\"")
    }

    /// Strengths beyond this are mistakes: unit vectors take tens, vectors of natural scale one or two.
    static let greatestStrength = 1e6

    /// The value itself when steering can use it.
    static func finite(_ value: Double, _ place: String) throws(SteeringError) -> Double {
        guard value.magnitude <= greatestStrength else {
            throw SteeringError(
                .invalidStrength,
                "\(place): the strength \(value) is not a number from -1,000,000 to 1,000,000",
                remedy: "start at 0.5; beyond 2 at natural scale models usually break")
        }
        return value
    }

    private static func range(
        from first: Double, to last: Double, by step: Double, text: String
    ) throws(SteeringError) -> [Double] {
        guard step != 0 else {
            throw SteeringError(
                .invalidStrengthList, "strengths \"\(text)\": the step is 0",
                remedy: "write a step, for example 0.25")
        }
        let steps = ((last - first) / abs(step)).magnitude
        guard steps.isFinite, steps + 1 <= Double(greatestCount) else { throw tooMany(text) }
        guard (last - first) * step >= 0 || step > 0 else {
            throw SteeringError(
                .invalidStrengthList, "strengths \"\(text)\": the step \(step) leads away from \(last)",
                remedy: "write the step as \(-step)")
        }
        let signed = last < first ? -abs(step) : abs(step)
        return (0...Int(steps + 1e-6)).map { index in
            // Multiplied, not summed, and rounded to 12 digits: -1:1:0.1 contains 0 and 0.3, not
            // 5.6e-17 and 0.30000000000000004.
            let value = first + Double(index) * signed
            let digits = 1e12 / max(1, max(abs(first), abs(last)))
            let rounded = (value * digits).rounded() / digits
            return rounded == 0 ? 0 : rounded
        }
    }

    private static func tooMany(_ text: String) -> SteeringError {
        SteeringError(
            .tooManyStrengths, "strengths \"\(text)\": more than \(greatestCount) values",
            remedy: "write a larger step")
    }
}
