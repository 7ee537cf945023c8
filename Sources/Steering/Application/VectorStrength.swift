public import ControlVectors

/// What multiplies a vector, as a person writes it.
public enum VectorStrength: Sendable, Equatable {
    /// A number.
    case number(Double)
    /// `auto`, or `-auto`: the strongest that the vector's calibration allows, with the trait or against it.
    case automatic(isPositive: Bool)

    /// Reads a number, `auto`, `+auto` or `-auto`.
    ///
    /// - Throws: `invalidStrengthList` for a text that is none of these, `invalidStrength` beyond a million.
    public init(_ text: String) throws(SteeringError) {
        switch text {
        case "auto", "+auto": self = .automatic(isPositive: true)
        case "-auto": self = .automatic(isPositive: false)
        default: self = .number(try StrengthList.strength(text))
        }
    }

    /// Whether it is left to a calibration.
    public var isAutomatic: Bool {
        if case .automatic = self { true } else { false }
    }

    /// The number for a vector.
    ///
    /// - Parameters:
    ///   - name: The vector's file, for errors.
    ///   - modelPath: The file of the model that it is going to steer, for the command that calibrates.
    /// - Throws: `notCalibrated` where `auto` has no strength to take: the vector has not been calibrated, or
    ///   its calibration found none that keeps the budget.
    public func number(
        for vector: ControlVector, named name: String, modelPath: String = "MODEL"
    ) throws(SteeringError) -> Double {
        switch self {
        case .number(let number): return number
        case .automatic(let isPositive):
            let auto = isPositive ? "auto" : "-auto"
            guard let calibration = vector.calibration else {
                throw SteeringError(
                    .notCalibrated,
                    "\(name):\(auto): the vector has not been calibrated, so there is no strength to take",
                    remedy: Self.calibration(of: name, modelPath: modelPath))
            }
            let band = isPositive ? calibration.positive : calibration.negative
            guard band.strong != 0 else {
                throw SteeringError(
                    .notCalibrated,
                    "\(name):\(auto): its calibration found no strength \(isPositive ? "with" : "against") the "
                        + "trait that moves the answers that way and keeps the budget (\(calibration.budget ?? "not said"))",
                    remedy: Self.strength(below: band.breaking)
                        ?? "write a strength: \(isPositive ? "0.1" : "-0.1")")
            }
            return Double(band.strong)
        }
    }

    /// What to write instead where it is known from which strength on answers break.
    private static func strength(below breaking: Float?) -> String? {
        guard let breaking, breaking != 0 else { return nil }
        return
            "write a strength nearer to 0 than \(breaking), from which answers break, or calibrate with a larger "
            + "budget (--max-perplexity, --max-divergence)"
    }

    /// The command that measures what `auto` takes.
    public static func calibration(of path: String, modelPath: String) -> String {
        "tiller calibrate -m \(ShellCommand.quoted(modelPath)) -v \(ShellCommand.quoted(path)) --write"
    }
}

extension VectorStrength: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// A number in code.
    public init(floatLiteral value: Double) { self = .number(value) }

    /// A number in code.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
}

extension VectorStrength: Encodable {
    /// A number, or the word.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .automatic(let isPositive): try container.encode(isPositive ? "auto" : "-auto")
        }
    }
}
