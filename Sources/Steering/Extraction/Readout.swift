import Terms

/// Which tokens' hidden states are kept of a prompt and its answer.
public enum Readout: Sendable, Hashable {
    /// The last token's.
    case last
    /// The mean over the answer's tokens; where no answer has begun, the last token's.
    case mean
    /// Every answer token is an example of its own: those of both sides at equal places after the beginning
    /// of the answer are a pair, as far as the shorter answer goes. All pairs of an answer together count as
    /// one, so that long answers do not dominate.
    case all
    /// The mean over the last tokens, whatever they are; of a shorter prompt, over all of it.
    case lastTokens(Int)
}

extension Readout: RawRepresentable, CaseIterable, Codable, CustomStringConvertible {
    /// The names; `last:K` stands for a family.
    public static let allCases: [Readout] = [.last, .mean, .all]

    /// Tokens that a readout averages at the most.
    static let greatestSpan = 4096

    /// Reads `last`, `mean`, `all` or `last:3`.
    public init?(rawValue: String) {
        if let simple = Self.allCases.first(where: { $0.rawValue == rawValue }) {
            self = simple
            return
        }
        guard rawValue.hasPrefix("last:") else { return nil }
        let digits = rawValue.dropFirst(5)
        guard !digits.isEmpty,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let count = Int(digits), (1...Self.greatestSpan).contains(count)
        else { return nil }
        self = .lastTokens(count)
    }

    /// The name that the command line and recipes use.
    public var rawValue: String {
        switch self {
        case .last: "last"
        case .mean: "mean"
        case .all: "all"
        case .lastTokens(let count): "last:\(count)"
        }
    }

    /// The name.
    public var description: String { rawValue }
}

extension Readout {
    /// The pairs whose states are compared.
    ///
    /// In a causal model the state of an answer token is the state of the last token of the prompt that
    /// ends there, so `all` is the same as an example for every beginning of the answer. A weight of 1/n
    /// for each of n is their mean.
    func units(of examples: [ExamplePair]) throws(SteeringError) -> [ExamplePair] {
        guard self == .all else { return examples }
        var units: [ExamplePair] = []
        for example in examples {
            let (positive, negative) = (try answer(of: example).positive, try answer(of: example).negative)
            let count = min(positive, negative)
            guard count > 0 else {
                units.append(example)
                continue
            }
            for length in 1...count {
                var unit = example
                unit.positive.removeLast(positive - length)
                unit.negative.removeLast(negative - length)
                unit.weight = example.weight / Double(count)
                units.append(unit)
            }
        }
        return units
    }

    /// Of each prompt the tokens at its end that are averaged; nil where that is one everywhere.
    func spans(of examples: [ExamplePair], in prompts: SortedPrompts) throws(SteeringError) -> [Int]? {
        switch self {
        case .last, .all: return nil
        case .lastTokens(let count):
            return count == 1 ? nil : prompts.prompts.map { min(count, $0.count) }
        case .mean:
            var spans = [Int](repeating: 1, count: prompts.prompts.count)
            for example in examples {
                let lengths = try answer(of: example)
                for (prompt, length) in [
                    (example.positive, lengths.positive), (example.negative, lengths.negative),
                ] {
                    let place = prompts.index(of: prompt)
                    spans[place] = max(spans[place], min(length, prompt.count))
                }
            }
            return spans
        }
    }

    private func answer(of example: ExamplePair) throws(SteeringError) -> AnswerLengths {
        guard let lengths = example.answerLengths else {
            throw SteeringError(
                .invalidReadout,
                "readout \(self): ready-made pairs do not say where their answers begin",
                remedy:
                    "use --readout last:K for the mean of the last K tokens, or a dataset with suffixes or instructions"
            )
        }
        return lengths
    }
}
