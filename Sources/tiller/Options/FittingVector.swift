import ControlVectors

/// A vector that has been checked against a model.
enum FittingVector {
    /// Reads a vector and checks it.
    static func load(
        _ path: String, for fingerprint: ModelFingerprint, modelPath: String, forced: Bool
    ) throws -> ControlVector {
        let vector = try ControlVector(path: path)
        try check(vector, path: path, for: fingerprint, modelPath: modelPath, forced: forced)
        return vector
    }

    /// Refuses a vector that does not fit; says what a person should know of one that fits less than exactly.
    static func check(
        _ vector: ControlVector, path: String, for fingerprint: ModelFingerprint, modelPath: String,
        forced: Bool
    ) throws {
        let compatibility = try vector.checkFit(
            to: fingerprint, modelPath: modelPath, vectorPath: path, forced: forced)
        let reasons = compatibility.reasons.joined(separator: "; ")
        switch compatibility.grade {
        case .exact: break
        case .sameWeights:
            // A sum, or a vector that was moved, is made by no one command.
            let command =
                vector.extraction?.recipe == nil
                ? nil : vector.repairCommand(vectorPath: path, model: fingerprint, modelPath: modelPath)
            let exact = command.map { ", and \($0) makes an exact one" } ?? ""
            warn("\(path): \(reasons); it can be used as it is\(exact)")
        case .sameShape, .incompatible: warn("\(path): \(reasons)")
        }
    }
}
