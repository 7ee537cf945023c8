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

    /// Says that a number lies where the vector's calibration on this model has seen answers beyond its
    /// budget. Where only some of the layers are steered it has measured nothing.
    func sayBreaking(
        of vector: ControlVector, path: String, layers: LayerSelection?, on model: ModelFingerprint
    ) {
        guard case .number(let number) = self, number != 0, layers == nil,
            let calibration = vector.calibration, calibration.isMeasured(on: model)
        else { return }
        let band = number > 0 ? calibration.positive : calibration.negative
        guard let breaking = band.breaking, breaking != 0, Float(number).magnitude >= breaking.magnitude
        else {
            return
        }
        let auto = "\(path):\(number > 0 ? "auto" : "-auto")"
        let advice =
            band.strong == 0
            ? "it found none on this side that moves answers that way and keeps it"
            : "\(auto) takes \(CalibrationFacts.rounded(band.strong))"
        warn(
            "\(path): at \(Quantity.strength(Float(number))) answers may break: its calibration found them beyond the budget from "
                + "\(CalibrationFacts.rounded(breaking)) on; \(advice)")
    }

    /// Says that a calibration's strength was measured on prompts that were put otherwise: raw text and
    /// chats bear different ones.
    func sayForm(of vector: ControlVector, path: String, for form: PromptForm) {
        guard isAutomatic, let measured = vector.calibration?.promptForm, (measured == .raw) != (form == .raw)
        else { return }
        let (there, here) = measured == .raw ? ("raw prompts", "a chat") : ("chats", "a raw prompt")
        warn(
            "\(path):auto was measured on \(there), and this is \(here), whose answers may bear less; "
                + "tiller calibrate measures it\(form == .raw ? " with --raw" : ", with --prompts FILE")")
    }

    /// Says that a calibration's strength does less where only some of the vector's layers are steered.
    func sayLayers(_ layers: LayerSelection?, path: String) {
        guard let layers, isAutomatic else { return }
        warn("\(path):auto was measured with all layers of the vector; \(layers) alone do less")
    }
}
