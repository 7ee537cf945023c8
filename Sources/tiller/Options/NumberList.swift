/// Numbers as a person lists them: `0.5`, `-1,0,1`, `-1:1:0.25` (from, to, step), or several of these with commas.
struct NumberList: Sendable, Equatable {
    /// The numbers, in the order in which they were written.
    var values: [Float]

    /// More than this many steps are a slip of the finger, not a wish.
    static let largestCount = 1000

    /// Reads a list.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - option: Which option it was typed for, as messages call it.
    init(parsing text: String, option: String) throws(TillerError) {
        values = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: ":", omittingEmptySubsequences: false)
            switch bounds.count {
            case 1: values.append(try Self.number(part, option: option, of: text))
            case 3:
                values += try Self.steps(
                    from: try Self.number(bounds[0], option: option, of: text),
                    to: try Self.number(bounds[1], option: option, of: text),
                    by: try Self.number(bounds[2], option: option, of: text), option: option)
            default:
                throw .badUsage(
                    message: "\(option) is \(text), expected numbers with commas, or FROM:TO:STEP",
                    remedy: "for example \(option)=-1:1:0.25 or \(option)=0,0.5,1")
            }
            guard values.count <= Self.largestCount else { throw Self.tooMany(option: option) }
        }
    }

    /// A number with a point, whatever the locale; `nan` and `inf` are none.
    static func number(
        _ text: some StringProtocol, option: String, of whole: String
    ) throws(TillerError) -> Float {
        let trimmed = text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        guard let value = Float(String(trimmed)), value.isFinite else {
            let place = text == whole ? "" : " in \(whole)"
            throw .badUsage(
                message: "\(option) is \"\(text)\"\(place), expected a number",
                remedy: "for example \(option)=0.5")
        }
        return value
    }

    /// Both ends belong to the range; a last step that falls short of the end by rounding alone still counts.
    private static func steps(
        from start: Float, to end: Float, by step: Float, option: String
    ) throws(TillerError) -> [Float] {
        guard step != 0, (end - start) / step >= 0 else {
            throw .badUsage(
                message:
                    "\(option) goes from \(start) to \(end) in steps of \(step): the end is never reached",
                remedy: "give the step the sign of the way")
        }
        // In float64 and rounded, so that ten steps of 0.1 are 1 and the middle of -1 ... 1 is 0 exactly.
        let (start, end, step) = (
            Double(start.description), Double(end.description), Double(step.description)
        )
        guard let start, let end, let step else { return [] }
        let count = ((end - start) / step + 1e-6).rounded(.down)
        guard count < Double(largestCount) else { throw tooMany(option: option) }
        return (0...Int(count)).map { Float(((start + Double($0) * step) * 1e9).rounded() / 1e9) }
    }

    private static func tooMany(option: String) -> TillerError {
        .badUsage(message: "\(option) has more than \(largestCount) values", remedy: "take larger steps")
    }
}
