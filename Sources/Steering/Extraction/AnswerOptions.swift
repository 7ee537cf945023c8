import Terms

/// How the model's own answers are made and which of them are kept.
public struct AnswerOptions: Sendable, Equatable, Encodable {
    /// Answers to each prompt under each instruction. The first is drawn with the recipe's seed; all
    /// are greedy at temperature 0.
    public var samples = 1

    /// The length of an answer in tokens at the most.
    public var maximumTokens = 48

    /// Shorter answers are left out.
    public var minimumTokens = 8

    /// How freely tokens are drawn; 0 takes the likeliest.
    public var temperature = 0.0

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case samples, maximumTokens, minimumTokens, temperature
    }
}

extension AnswerOptions {
    init(_ fields: JSONFields) throws(SteeringError) {
        func count(_ key: CodingKeys, _ range: ClosedRange<Int>, _ value: inout Int) throws(SteeringError) {
            guard let found = try fields.number(key.rawValue, as: Int.self) else { return }
            guard range.contains(found) else {
                throw SteeringError(
                    .invalidValue, "\(fields.place(key.rawValue)): \(found)",
                    remedy: "write \(range.lowerBound) to \(range.upperBound)")
            }
            value = found
        }
        try count(.samples, 1...100, &samples)
        try count(.maximumTokens, 1...4096, &maximumTokens)
        try count(.minimumTokens, 1...4096, &minimumTokens)
        if let found = try fields.number(CodingKeys.temperature.rawValue, as: Double.self) {
            guard (0...5).contains(found) else {
                throw SteeringError(
                    .invalidValue, "\(fields.place(CodingKeys.temperature.rawValue)): \(found)",
                    remedy: "write 0 to 5")
            }
            temperature = found
        }
    }
}
