import ControlVectors
import Steering

extension VectorStrength {
    /// The number for a vector on a model; says where it is an estimate.
    ///
    /// - Parameters:
    ///   - model: What it is going to steer; nil where no model is run.
    ///   - modelPath: That model's file, for the command that calibrates.
    func number(
        for vector: ControlVector, path: String, on model: ModelFingerprint? = nil,
        modelPath: String = "MODEL"
    ) throws(SteeringError) -> Double {
        let strength = try number(for: vector, named: path, modelPath: modelPath)
        if case .automatic = self, let model, let calibration = vector.calibration,
            !calibration.isMeasured(on: model)
        {
            let origin = calibration.modelName ?? "another model"
            warn(
                "\(path):auto is \(CalibrationFacts.rounded(Float(strength))), estimated from \(origin); to measure it: "
                    + Self.calibration(of: path, modelPath: modelPath))
        }
        return strength
    }

    /// Says that a calibration's strength does less where only some of the vector's layers are steered.
    func sayLayers(_ layers: LayerSelection?, path: String) {
        guard let layers, isAutomatic else { return }
        warn("\(path):auto was measured with all layers of the vector; \(layers) alone do less")
    }
}
