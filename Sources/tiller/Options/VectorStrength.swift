import ControlVectors
import Steering

/// What multiplies a vector, as a person writes it.
enum VectorStrength: Sendable, Equatable {
    /// A number.
    case number(Double)
    /// `auto`, or `-auto`: the strongest that the vector's calibration allows, with the trait or against it.
    case automatic(isPositive: Bool)

    /// Reads a number, `auto`, `+auto` or `-auto`.
    init(_ text: String) throws(SteeringError) {
        switch text {
        case "auto", "+auto": self = .automatic(isPositive: true)
        case "-auto": self = .automatic(isPositive: false)
        default: self = .number(try StrengthList.strength(text))
        }
    }

    /// The number for a vector on a model.
    ///
    /// - Parameters:
    ///   - model: What it is going to steer; nil where no model is run.
    ///   - modelPath: That model's file, for the command that calibrates.
    /// - Throws: `badUsage` for a vector that has not been calibrated, or allows nothing.
    func number(
        for vector: ControlVector, path: String, on model: ModelFingerprint? = nil,
        modelPath: String = "MODEL"
    ) throws -> Double {
        guard case .automatic(let isPositive) = self else {
            guard case .number(let number) = self else { return 0 }
            return number
        }
        let calibrate = "tiller calibrate -m \(modelPath) -v \(path) --write"
        guard let calibration = vector.calibration else {
            throw TillerError.badUsage(
                message: "\(path):auto: the vector has not been calibrated, so there is no strength to take",
                remedy: calibrate)
        }
        let strength = isPositive ? calibration.positive.strong : calibration.negative.strong
        guard strength != 0 else {
            throw TillerError.badUsage(
                message:
                    "\(path): its calibration found no strength \(isPositive ? "with" : "against") the trait "
                    + "that moves the answers that way and keeps the budget (\(calibration.budget ?? "not said"))",
                remedy: "write a strength: \(path):\(isPositive ? "0.1" : "-0.1")")
        }
        if let model, !calibration.isMeasured(on: model) {
            let origin = calibration.modelName ?? "another model"
            warn(
                "\(path):auto is \(Quantity.strength(strength)), estimated from \(origin); to measure it: \(calibrate)"
            )
        }
        return Double(strength)
    }
}
